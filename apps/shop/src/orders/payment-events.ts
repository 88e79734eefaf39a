import { Injectable, Logger } from '@nestjs/common';
import { type AtmEventOf, type AtmHandlerContext, OnAtmEvent, type Payment } from 'nestjs-wanpay';
import type { SqliteDatabase } from 'nestjs-wanpay/sqlite';
import { FailureSwitch } from '../demonstration/failure-switch.js';
import { formatMoney } from '../payment-page/format.js';
import type { PaymentStatus } from '../payment-page/payment-status.js';
import { formatReceived, receivedAmounts } from '../payment-page/received.js';
import { Orders } from './orders.js';

/** A handler with `{ transaction: true }` is given the transaction that marks its delivery as done. */
type Context = AtmHandlerContext<SqliteDatabase>;

/**
 * What the shop does when it hears of money. Each event comes at least once, in order per payment and method, and again
 * while a method throws. An order changes in the transaction that marks the event as delivered: both are committed or
 * neither is, so nothing needs to remember which events were applied. An order that the shop does not know is an error, which
 * leaves a dead letter for a person rather than money that nobody noticed.
 */
@Injectable()
export class PaymentEvents {
  private readonly logger = new Logger('Shop');

  constructor(
    private readonly orders: Orders,
    private readonly failures: FailureSwitch,
  ) {}

  @OnAtmEvent('atm.paid', { transaction: true })
  paid({ payment, late, livemode, occurredAt }: AtmEventOf<'atm.paid'>, { transaction }: Context): void {
    const { orderNo, paidAt = occurredAt } = payment;
    this.record(transaction, payment, { kind: 'paid', paidAt, late, test: !livemode });
    this.logger.log(
      livemode ? `Order ${orderNo} is paid: ship it.` : `Order ${orderNo} is a test payment: nothing is shipped.`,
    );
  }

  @OnAtmEvent('atm.amount_mismatch', { transaction: true })
  amountMismatch({ payment, transfer }: AtmEventOf<'atm.amount_mismatch'>, { transaction }: Context): void {
    const { orderNo, amount } = payment;
    this.record(transaction, payment, { kind: 'mismatched' });
    this.logger.warn(
      `Order ${orderNo} is for ${formatMoney(amount)}, and WanPay reports ${formatReceived(transfer, amount)}: please look.`,
    );
  }

  @OnAtmEvent('atm.duplicate_payment', { transaction: true })
  paidAgain({ payment, transfer }: AtmEventOf<'atm.duplicate_payment'>, { transaction }: Context): void {
    const { orderNo, amount } = payment;
    this.record(transaction, payment);
    this.logger.warn(`Order ${orderNo} was paid again, ${formatReceived(transfer, amount)}: please refund it.`);
  }

  @OnAtmEvent('atm.failed', { transaction: true })
  failed({ payment }: AtmEventOf<'atm.failed'>, { transaction }: Context): void {
    this.record(transaction, payment, { kind: 'failed' });
  }

  @OnAtmEvent('atm.closed', { transaction: true })
  closed({ payment }: AtmEventOf<'atm.closed'>, { transaction }: Context): void {
    this.record(transaction, payment, { kind: 'closed' });
  }

  @OnAtmEvent('atm.expired', { transaction: true })
  expired({ payment }: AtmEventOf<'atm.expired'>, { transaction }: Context): void {
    this.record(transaction, payment, { kind: 'expired' });
  }

  @OnAtmEvent('atm.unclaimed_payment')
  unclaimed({ orderNo, payment, transfer }: AtmEventOf<'atm.unclaimed_payment'>): void {
    const received = formatReceived(transfer, payment.amount);
    this.logger.warn(
      `WanPay reports ${received} for order ${orderNo}, whose account never reached this shop: please look.`,
    );
  }

  @OnAtmEvent('atm.unknown_order')
  unknownOrder({ orderNo, outcome }: AtmEventOf<'atm.unknown_order'>): void {
    this.logger.warn(`WanPay reports ${outcome.status} for order ${orderNo}, which was not opened here: please look.`);
  }

  /**
   * An order that is paid stays paid: what came before the money may be delivered after it, or be replayed by a person.
   *
   * @throws UnknownOrderError
   */
  private record(transaction: SqliteDatabase, payment: Payment, status?: PaymentStatus): void {
    this.failures.throwIfOn();
    this.orders.change(transaction, payment.orderNo, (order) => {
      const received = receivedAmounts(payment);
      return {
        ...order,
        ...(status && order.status.kind !== 'paid' ? { status } : {}),
        ...(received.length > (order.received?.length ?? 0) ? { received } : {}),
      };
    });
  }
}
