import { Injectable } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { type AtmPaid, OnAtmEvent } from 'nestjs-wanpay';

@Injectable()
export class Shipping {
  private readonly tracer = trace.getTracer('shop');

  @OnAtmEvent('atm.paid', { id: 'shipping' })
  ship({ orderNo }: AtmPaid): void {
    // A child of the delivery's span, which is linked to that of the notification.
    this.tracer.startActiveSpan('ship', (span) => {
      span.setAttribute('shop.order', orderNo);
      span.end();
    });
  }
}
