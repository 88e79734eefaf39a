import { Injectable } from '@nestjs/common';
import type { IssuedPayment } from 'nestjs-wanpay';
import type { SqliteDatabase } from 'nestjs-wanpay/sqlite';
import { concatMap, filter, type Observable, startWith, Subject } from 'rxjs';
import { OrderNumberTakenError, UnknownOrderError } from './errors.js';
import { OrderTable } from './order-table.js';
import type { NewOrder, Order } from './order.js';

/** The shop's own orders. */
@Injectable()
export class Orders {
  /** The numbers of orders that have changed. */
  private readonly changed = new Subject<string>();

  constructor(private readonly table: OrderTable) {}

  find(orderNo: string): Promise<Order | undefined> {
    return this.table.transact((transaction) => this.table.find(transaction, orderNo));
  }

  /** An order as it is now, and at each change from then on. It ends with UnknownOrderError where there is none. */
  watch(orderNo: string): Observable<Order> {
    return this.changed.pipe(
      filter((changed) => changed === orderNo),
      startWith(orderNo),
      concatMap(() => this.table.transact((transaction) => this.get(transaction, orderNo))),
    );
  }

  /**
   * Places an order; the same one again is the one placed before.
   *
   * @throws OrderNumberTakenError when the number belongs to an order for something else
   */
  place(newOrder: NewOrder): Promise<Order> {
    return this.table.transact((transaction) => {
      const before = this.table.find(transaction, newOrder.orderNo);
      if (before && !isSame(before, newOrder)) throw new OrderNumberTakenError(newOrder.orderNo);
      if (before) return before;
      const { item, quantity } = newOrder;
      const order: Order = { ...newOrder, amount: item.price * quantity, status: { kind: 'placed' } };
      this.table.save(transaction, order);
      return order;
    });
  }

  /** The platform issued an account. An order that is further on stays where it is. */
  async awaitTransfer(orderNo: string, payment: IssuedPayment): Promise<void> {
    await this.table.transact((transaction) => {
      this.change(transaction, orderNo, (order) =>
        order.status.kind === 'placed' ? { ...order, payment, status: { kind: 'pending' } } : order,
      );
    });
  }

  /**
   * Changes an order in a transaction that is under way, which decides whether it has changed.
   *
   * @returns the order as it is then
   * @throws UnknownOrderError
   */
  change(transaction: SqliteDatabase, orderNo: string, next: (order: Order) => Order): Order {
    const order = next(this.get(transaction, orderNo));
    this.table.save(transaction, order);
    // SQLite's transactions end in the turn in which they begin: who is told in the next one reads what was committed.
    setImmediate(() => {
      this.changed.next(orderNo);
    });
    return order;
  }

  private get(transaction: SqliteDatabase, orderNo: string): Order {
    const order = this.table.find(transaction, orderNo);
    if (!order) throw new UnknownOrderError(orderNo);
    return order;
  }
}

function isSame(one: NewOrder, other: NewOrder): boolean {
  return one.item.id === other.item.id && one.quantity === other.quantity && one.recipient === other.recipient;
}
