// The events that a shop's live page listens to.
import { Controller, Inject, type MessageEvent, Param, Sse } from '@nestjs/common';
import { type AtmEvent, WanPayService } from 'nestjs-wanpay';
import { filter, map, type Observable } from 'rxjs';

/** Sends the events of an order to its listeners. */
@Controller('live')
export class LivePage {
  /** How many events the listeners without a connection have received. */
  heard = 0;

  constructor(@Inject(WanPayService) private readonly wanpay: WanPayService) {}

  @Sse(':orderNo')
  live(@Param('orderNo') orderNo: string): Observable<MessageEvent> {
    return this.eventsOf(orderNo).pipe(map(({ type }) => ({ data: type })));
  }

  /** Adds this many listeners without a connection. */
  listen(orderNo: string, count: number): void {
    for (let i = 0; i < count; i += 1) {
      this.eventsOf(orderNo).subscribe(() => {
        this.heard += 1;
      });
    }
  }

  private eventsOf(orderNo: string): Observable<AtmEvent> {
    return this.wanpay.events$.pipe(filter((event) => event.orderNo === orderNo));
  }
}
