import type { Payment, PaymentKey } from '../../payment.js';
import type { OrderRecord, StoredOutcome, UnknownOrder } from '../../store.js';
import type { StoredEvent } from '../../stored-event.js';
import type { Check } from './check-plan.js';
import type { Delivery } from './delivery.js';

/** Everything about an order. A class, so that no order has a hidden class of its own, which would cost more than its fields. */
export class Order {
  /** 0 once the order has been removed. */
  version = 1;
  payment: Payment | undefined = undefined;
  unknown: UnknownOrder | undefined = undefined;
  check: Check | undefined = undefined;
  outcomes: StoredOutcome[] = [];
  events: StoredEvent[] = [];
  /** By the number of their event. */
  deliveries: Delivery[] = [];

  constructor(
    readonly merchantNo: string,
    readonly orderNo: string,
  ) {}

  toRecord(): OrderRecord {
    const { merchantNo, orderNo, version, payment, unknown, events } = this;
    const head = { merchantNo, orderNo, version, eventCount: events.length };
    if (payment) return Object.assign(head, { payment });
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

const FEW = 8;

/** The list with an item more. Most have one or two, and `push` makes room for seventeen. */
export function withMore<Item>(list: Item[], item: Item): Item[] {
  if (list.length < FEW) return list.concat([item]);
  list.push(item);
  return list;
}
