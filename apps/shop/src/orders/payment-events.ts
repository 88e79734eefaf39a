import { Injectable, Logger } from '@nestjs/common';
import { type AtmEventOf, OnAtmEvent } from 'nestjs-wanpay';
import { Orders } from './orders.js';

/**
 * What the shop does when it hears of money. Each event comes at least once, in order per payment and method, and again
 * while a method throws: so each change is applied once per `event.id`, and an order that the shop does not know is an
 * error, which leaves a dead letter for a person rather than money that nobody noticed.
 */
@Injectable()
export class PaymentEvents {
  private readonly logger = new Logger('Shop');

  constructor(private readonly orders: Orders) {}

  @OnAtmEvent('atm.paid')
  paid(event: AtmEventOf<'atm.paid'>): void {
    const { orderNo, livemode, late, payment, occurredAt } = event;
    const paidAt = payment.paidAt ?? occurredAt;
    if (!this.orders.apply(event, { kind: 'paid', paidAt, late, test: !livemode })) return;
    this.logger.log(
      livemode ? `Order ${orderNo} is paid: ship it.` : `Order ${orderNo} is a test payment: nothing is shipped.`,
    );
  }

  @OnAtmEvent('atm.amount_mismatch')
  amountMismatch(event: AtmEventOf<'atm.amount_mismatch'>): void {
    if (!this.orders.apply(event, { kind: 'mismatched' })) return;
    const { orderNo, payment, reportedAmount } = event;
    this.logger.warn(
      `Order ${orderNo} is for NT$${payment.amount}, and WanPay reports ${reportedAmount}: please look.`,
    );
  }

  @OnAtmEvent('atm.duplicate_payment')
  paidAgain({ orderNo, transfer }: AtmEventOf<'atm.duplicate_payment'>): void {
    this.logger.warn(`Order ${orderNo} was paid again, ${transfer.reportedAmount}: please refund it.`);
  }

  @OnAtmEvent('atm.unclaimed_payment')
  unclaimed({ orderNo, transfer }: AtmEventOf<'atm.unclaimed_payment'>): void {
    this.logger.warn(
      `WanPay reports ${transfer.reportedAmount} for order ${orderNo}, whose account never reached this shop: please look.`,
    );
  }

  @OnAtmEvent('atm.failed')
  failed(event: AtmEventOf<'atm.failed'>): void {
    this.orders.apply(event, { kind: 'failed' });
  }

  @OnAtmEvent('atm.closed')
  closed(event: AtmEventOf<'atm.closed'>): void {
    this.orders.apply(event, { kind: 'closed' });
  }

  @OnAtmEvent('atm.expired')
  expired(event: AtmEventOf<'atm.expired'>): void {
    this.orders.apply(event, { kind: 'expired' });
  }

  @OnAtmEvent('atm.unknown_order')
  unknownOrder({ orderNo, outcome }: AtmEventOf<'atm.unknown_order'>): void {
    this.logger.warn(`WanPay reports ${outcome.status} for order ${orderNo}, which was not opened here: please look.`);
  }
}
