import { Injectable } from '@nestjs/common';
import { createNonce, createOrderNo, sign, toTimestamp } from 'nestjs-wanpay/protocol';
import { Bank } from '../bank/bank.js';
import { VirtualClock } from '../clock/virtual-clock.js';
import { InvalidArgumentError, OrderRefusedError, UnknownMerchantError } from '../errors.js';
import { FaultPlan } from '../faults/fault-plan.js';
import { Merchants } from '../merchants/merchants.js';
import { post } from '../notifications/post.js';
import { OrderBook } from '../orders/order-book.js';
import { type OrderRef } from '../orders/order-ref.js';
import { type Order } from '../orders/order.js';

/** What can become of an order that is opened here. */
export const SCENARIOS = ['paid', 'wrong-amount', 'twice', 'late', 'failed', 'lost-reply', 'taken-number'] as const;

export type Scenario = (typeof SCENARIOS)[number];

/** An order to be opened as a merchant would; everything has a default. */
export interface NewOrder {
  readonly merchantNo?: string | undefined;
  readonly orderNo?: string | undefined;
  /** Whole New Taiwan dollars. Default: 1280. */
  readonly amount?: number | undefined;
  /** Default: none, so that nobody is notified. */
  readonly notificationUrl?: string | undefined;
  readonly description?: string | undefined;
  readonly validDays?: number | undefined;
}

const USUAL_AMOUNT = 1280;
/** Far more than the platform takes for a reply on the same machine; a slow reply is a fault that someone has armed. */
const PATIENCE_MS = 10_000;

/** Opens orders by the platform's own interface, with the merchant's key, and plays what may become of them. */
@Injectable()
export class Scenarios {
  constructor(
    private readonly merchants: Merchants,
    private readonly clock: VirtualClock,
    private readonly book: OrderBook,
    private readonly bank: Bank,
    private readonly faults: FaultPlan,
  ) {}

  /**
   * Opens an order, and goes on with it.
   *
   * @param baseUrl where the platform is reached
   * @throws UnknownMerchantError
   * @throws InvalidArgumentError
   * @throws OrderRefusedError when the platform says no
   */
  async play(baseUrl: string, order: NewOrder, scenario?: Scenario): Promise<Order> {
    const ref = await this.#open(baseUrl, order, scenario);
    const { amount } = this.book.get(ref);
    if (scenario === 'paid' || scenario === 'twice') await this.bank.pay(ref);
    if (scenario === 'twice') await this.bank.pay(ref, { again: true });
    if (scenario === 'wrong-amount') await this.bank.pay(ref, { amount: amount + 1 });
    if (scenario === 'late') await this.bank.pay(ref, { at: 'after-deadline' });
    if (scenario === 'failed') await this.bank.fail(ref);
    return this.book.get(ref);
  }

  async #open(baseUrl: string, order: NewOrder, scenario: Scenario | undefined): Promise<OrderRef> {
    const merchant = order.merchantNo === undefined ? this.merchants.first : this.merchants.find(order.merchantNo);
    if (!merchant) throw new UnknownMerchantError(`There is no merchant ${order.merchantNo ?? ''} here.`);
    const now = this.clock.now();
    const ref = { merchantNo: merchant.merchantNo, orderNo: order.orderNo ?? createOrderNo(now) };
    if (this.book.find(ref)) throw new InvalidArgumentError('orderNo', 'is taken.');
    if (scenario === 'lost-reply') this.faults.arm({ kind: 'lost-reply', at: 'order' }, ref);
    if (scenario === 'taken-number') this.faults.arm({ kind: 'order-taken' }, ref);
    const fields = {
      orgno: ref.merchantNo,
      secondtimestamp: toTimestamp(now),
      nonce_str: createNonce(),
      out_trade_no: ref.orderNo,
      total_fee: `${order.amount ?? USUAL_AMOUNT}00`,
      ...(order.notificationUrl === undefined ? {} : { backurl: order.notificationUrl }),
      ...(order.description === undefined ? {} : { body: order.description }),
      ...(order.validDays === undefined ? {} : { virtualatmvalidity: String(order.validDays) }),
    };
    const body = new URLSearchParams({ ...fields, sign: sign(fields, merchant.key) }).toString();
    const message = { fields, body, contentType: 'application/x-www-form-urlencoded' };
    const reply = await post(`${baseUrl}/virtualatmpay`, message, AbortSignal.timeout(PATIENCE_MS)).then(
      (answer) => answer.body,
      () => 'no reply',
    );
    // A reply that is lost, or says that the number is taken, leaves the order behind.
    if (!this.book.find(ref)) throw new OrderRefusedError(`The platform refused the order: ${reply.slice(0, 200)}`);
    return ref;
  }
}
