import { UnknownOrderError } from '../errors.js';
import { type Order, type OrderRef } from './order.js';

/** The orders that the platform has accepted, in the order in which they came. It forgets none. */
export class OrderBook {
  readonly #orders = new Map<string, Order>();

  /** Writes the order down, or its new state over the old one. */
  put(order: Order): Order {
    this.#orders.set(keyOf(order), order);
    return order;
  }

  find(ref: OrderRef): Order | undefined {
    return this.#orders.get(keyOf(ref));
  }

  /** @throws UnknownOrderError */
  get(ref: OrderRef): Order {
    const order = this.find(ref);
    if (!order) throw new UnknownOrderError(`Merchant ${ref.merchantNo} has no order ${ref.orderNo} here.`);
    return order;
  }

  list(): Order[] {
    return [...this.#orders.values()];
  }
}

/** One text for an order's two names, which can hold any character. */
export function keyOf({ merchantNo, orderNo }: OrderRef): string {
  return JSON.stringify([merchantNo, orderNo]);
}
