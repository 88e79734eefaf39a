import { Injectable } from '@nestjs/common';
import type { AtmEvent, IssuedPayment } from 'nestjs-wanpay';
import { defer, filter, type Observable, startWith, Subject } from 'rxjs';
import type { PaymentStatus } from '../payment-page/payment-status.js';
import { OrderNumberTakenError, UnknownOrderError } from './errors.js';
import { OrderFile } from './order-file.js';
import type { NewOrder, Order } from './order.js';

/** The shop's own orders, and which events were applied to them. */
@Injectable()
export class Orders {
  private readonly orders: Map<string, Order>;
  /** In a database: a table with a unique key, written in the same transaction as the order. */
  private readonly appliedEvents: Set<string>;
  private readonly changed = new Subject<Order>();

  /** Orders as they change, whichever. */
  readonly changes$ = this.changed.asObservable();

  constructor(private readonly file: OrderFile) {
    const { orders, appliedEvents } = file.read();
    this.orders = new Map(orders.map((order) => [order.orderNo, order]));
    this.appliedEvents = new Set(appliedEvents);
  }

  find(orderNo: string): Order | undefined {
    return this.orders.get(orderNo);
  }

  /**
   * An order as it is now, and at each change from then on.
   *
   * @throws UnknownOrderError
   */
  watch(orderNo: string): Observable<Order> {
    this.get(orderNo);
    return defer(() =>
      this.changes$.pipe(
        filter((order) => order.orderNo === orderNo),
        startWith(this.get(orderNo)),
      ),
    );
  }

  /**
   * Places an order; the same one again is the one placed before.
   *
   * @throws OrderNumberTakenError when the number belongs to an order for something else
   */
  place(newOrder: NewOrder): Order {
    const before = this.orders.get(newOrder.orderNo);
    if (before && !isSame(before, newOrder)) throw new OrderNumberTakenError(newOrder.orderNo);
    return (
      before ?? this.keep({ ...newOrder, amount: newOrder.item.price * newOrder.quantity, status: { kind: 'placed' } })
    );
  }

  /** The platform issued an account. An order that is further on stays where it is. */
  awaitTransfer(orderNo: string, payment: IssuedPayment): void {
    const order = this.get(orderNo);
    if (order.status.kind === 'placed') this.keep({ ...order, payment, status: { kind: 'pending' } });
  }

  /**
   * Applies what an event means for its order, once: events are delivered at least once. An order that is paid stays paid,
   * since what came before the money may be delivered after it.
   *
   * @returns whether the event is new
   * @throws UnknownOrderError
   */
  apply(event: Pick<AtmEvent, 'id' | 'orderNo'>, status: PaymentStatus): boolean {
    if (this.appliedEvents.has(event.id)) return false;
    const order = this.get(event.orderNo);
    const isPaid = order.status.kind === 'paid';
    this.keep(isPaid ? order : { ...order, status }, event.id);
    return true;
  }

  private get(orderNo: string): Order {
    const order = this.orders.get(orderNo);
    if (!order) throw new UnknownOrderError(orderNo);
    return order;
  }

  /** On the disk first: an event counts as applied only when that can't be forgotten. */
  private keep(order: Order, ...appliedEvents: string[]): Order {
    const others = [...this.orders.values()].filter(({ orderNo }) => orderNo !== order.orderNo);
    this.file.write({ orders: [...others, order], appliedEvents: [...this.appliedEvents, ...appliedEvents] });
    this.orders.set(order.orderNo, order);
    for (const id of appliedEvents) this.appliedEvents.add(id);
    this.changed.next(order);
    return order;
  }
}

function isSame(one: NewOrder, other: NewOrder): boolean {
  return one.item.id === other.item.id && one.quantity === other.quantity && one.recipient === other.recipient;
}
