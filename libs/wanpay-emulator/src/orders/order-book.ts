import { Injectable } from '@nestjs/common';
import { UnknownOrderError } from '../errors.js';
import { Journal } from '../journal/journal.js';
import { keyOf, type OrderRef } from './order-ref.js';
import { type Order } from './order.js';

/** The orders that the platform has accepted, in the order in which they came. */
@Injectable()
export class OrderBook {
  readonly #orders = new Map<string, Order>();

  constructor(private readonly journal: Journal) {}

  /** Writes the order down, or its new state over the old one. */
  put(order: Order): Order {
    const before = this.#orders.get(keyOf(order));
    this.#orders.set(keyOf(order), order);
    const { merchantNo, orderNo, state, transfer } = order;
    if (before?.state !== state || before.transfer !== transfer) {
      this.journal.write({ kind: 'state', merchantNo, orderNo, state, ...(transfer ? { transfer } : {}) });
    }
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

  get size(): number {
    return this.#orders.size;
  }

  /** Drops an order, as if it had never been. */
  forget(ref: OrderRef): void {
    this.#orders.delete(keyOf(ref));
  }

  /** Drops every order. */
  clear(): void {
    this.#orders.clear();
  }

  list(): Order[] {
    return [...this.#orders.values()];
  }

  /** Goes on from what was kept. */
  restore(orders: readonly Order[]): void {
    for (const order of orders) this.#orders.set(keyOf(order), order);
  }
}
