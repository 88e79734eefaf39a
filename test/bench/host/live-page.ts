// What a shop's live page listens to.
import { Controller, Inject, type MessageEvent, Param, Sse } from '@nestjs/common';
import { type AtmEvent, WanPayService } from 'nestjs-wanpay';
import { filter, map, type Observable } from 'rxjs';

/** Where listeners are sent the events of an order. */
@Controller('live')
export class LivePage {
  /** How many of those who listen without a connection were told of an event. */
  heard = 0;

  constructor(@Inject(WanPayService) private readonly wanpay: WanPayService) {}

  @Sse(':orderNo')
  live(@Param('orderNo') orderNo: string): Observable<MessageEvent> {
    return this.eventsOf(orderNo).pipe(map(({ type }) => ({ data: type })));
  }

  /** Lets so many listen without a connection. */
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
