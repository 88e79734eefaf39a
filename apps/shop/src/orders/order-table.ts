import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type SqliteDatabase, SqliteStore } from 'nestjs-wanpay/sqlite';
import type { Order } from './order.js';

const CREATE = 'CREATE TABLE IF NOT EXISTS shop_orders (order_no TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT';
const FIND = 'SELECT content FROM shop_orders WHERE order_no = ?';
const SAVE = 'INSERT INTO shop_orders VALUES (?, ?) ON CONFLICT (order_no) DO UPDATE SET content = excluded.content';

/** The fields of an order that hold a moment; in JSON it is text. */
const MOMENTS = new Set(['paidAt', 'createdAt', 'updatedAt', 'expiresAt']);

/** The shop's own table, in the database of the module's ledger. */
@Injectable()
export class OrderTable implements OnApplicationBootstrap {
  constructor(private readonly database: SqliteStore) {}

  /** The ledger has been started by then. */
  async onApplicationBootstrap(): Promise<void> {
    await this.transact((transaction) => transaction.exec(CREATE));
  }

  /** Runs work in a transaction of its own: all of it is written, or none. */
  transact<Result>(work: (transaction: SqliteDatabase) => Result): Promise<Result> {
    return this.database.withDatabase(work);
  }

  find(transaction: SqliteDatabase, orderNo: string): Order | undefined {
    const [row] = transaction.prepare(FIND).all(orderNo);
    return row === undefined ? undefined : readOrder(row);
  }

  save(transaction: SqliteDatabase, order: Order): void {
    transaction.prepare(SAVE).run(order.orderNo, JSON.stringify(order));
  }
}

function readOrder(row: unknown): Order {
  const content = typeof row === 'object' && row !== null && 'content' in row ? row.content : undefined;
  const order: unknown = typeof content === 'string' ? JSON.parse(content, revive) : undefined;
  if (isOrder(order)) return order;
  throw new Error('shop_orders holds something that is no order.');
}

function revive(name: string, value: unknown): unknown {
  return MOMENTS.has(name) && typeof value === 'string' ? new Date(value) : value;
}

function isOrder(value: unknown): value is Order {
  return typeof value === 'object' && value !== null && 'orderNo' in value && 'status' in value;
}
