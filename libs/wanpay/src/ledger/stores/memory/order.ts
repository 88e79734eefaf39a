import type { PaymentKey } from '../../payment.js';
import type { OrderRecord, UnknownOrder } from '../../store.js';
import type { Check } from './check-plan.js';
import type { Delivery } from './delivery.js';
import { type Few, listOf } from './few.js';
import type { PackedEvent } from './packed-event.js';
import type { PackedOutcome } from './packed-outcome.js';
import type { PackedPayment } from './packed-payment.js';

/** Everything about an order. A class, so that no order has a hidden class of its own, which would cost more than its fields. */
export class Order {
  /** 0 once the order has been removed. */
  version = 1;
  payment: PackedPayment | undefined = undefined;
  unknown: UnknownOrder | undefined = undefined;
  check: Check | undefined = undefined;
  outcomes: Few<PackedOutcome> = undefined;
  events: Few<PackedEvent> = undefined;
  /** By the number of their event. */
  deliveries: Few<Delivery> = undefined;

  constructor(
    readonly merchantNo: string,
    readonly orderNo: string,
  ) {}

  toRecord(): OrderRecord {
    const { merchantNo, orderNo, version, payment, unknown, events } = this;
    const head = { merchantNo, orderNo, version, eventCount: listOf(events).length };
    if (payment) return Object.assign(head, { payment: payment.unpack(this) });
    return unknown ? Object.assign(head, { unknown }) : head;
  }
}

/** The orders of all merchants. */
export class Orders implements Iterable<Order> {
  readonly #merchants = new Map<string, Map<string, Order>>();

  get({ merchantNo, orderNo }: PaymentKey): Order | undefined {
    return this.#merchants.get(merchantNo)?.get(orderNo);
  }

  add({ merchantNo, orderNo }: PaymentKey, version = 1): Order {
    const orders = this.#merchants.get(merchantNo) ?? new Map<string, Order>();
    this.#merchants.set(merchantNo, orders);
    const order = new Order(merchantNo, orderNo);
    order.version = version;
    orders.set(orderNo, order);
    return order;
  }

  remove(order: Order): void {
    order.version = 0;
    const orders = this.#merchants.get(order.merchantNo);
    orders?.delete(order.orderNo);
    if (orders?.size === 0) this.#merchants.delete(order.merchantNo);
  }

  *[Symbol.iterator](): Iterator<Order> {
    for (const orders of this.#merchants.values()) yield* orders.values();
  }
}
