import { pageLimit, readCursor, toPage } from '../cursor.js';
import type { PaymentFilter, PaymentPage } from '../ledger.js';
import type { Payment, PaymentKey } from '../payment.js';
import type { Database } from './database.js';
import { orderLock } from './locks.js';
import {
  PAYMENT_COLUMNS,
  PAYMENT_DEFINITION,
  PAYMENT_SELECTION,
  type PaymentRow,
  toPayment,
  toRecord,
} from './payment-rows.js';
import { arrayOf } from './row-set.js';

/** A payment as it was read, and what tells whether it has been written since. */
export interface Versioned {
  readonly payment: Payment;
  readonly version: string;
}

/** The payments themselves. */
export class Payments {
  constructor(private readonly db: Database) {}

  /** {@link Ledger.open} */
  async open(payment: Payment, nextCheckAt?: Date): Promise<{ payment: Payment; opened: boolean }> {
    for (;;) {
      const [opened] = await this.db.query<'state'>(this.openStatement, [
        orderLock(this.db.schema, payment),
        JSON.stringify([toRecord(payment)]),
        nextCheckAt?.toISOString(),
      ]);
      if (opened) return { payment, opened: true };
      const existing = await this.find(payment);
      if (existing) return { payment: existing, opened: false };
      // It was withdrawn in between, so that the number is free after all.
    }
  }

  /** {@link Ledger.withdraw} */
  async withdraw({ merchantNo, orderNo }: PaymentKey): Promise<void> {
    await this.db.query(
      `DELETE FROM ${this.db.table('payments')} WHERE merchant_no = $1 AND order_no = $2 AND state = 'opening'`,
      [merchantNo, orderNo],
    );
  }

  /** {@link Ledger.find} */
  async find(key: PaymentKey): Promise<Payment | undefined> {
    return (await readPayments(this.db, [key]))[0]?.payment;
  }

  /** {@link Ledger.list} */
  async list(filter: PaymentFilter): Promise<PaymentPage> {
    const limit = pageLimit(filter);
    const { conditions, values } = conditionsOf(filter);
    const rows = await this.db.query<keyof PaymentRow>(
      `SELECT ${PAYMENT_SELECTION} FROM ${this.db.table('payments')} p
      ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
      ORDER BY p.created_at DESC, p.merchant_no DESC, p.order_no DESC LIMIT ${limit + 1}`,
      values,
    );
    return toPage(rows.map(toPayment), limit);
  }

  /** The lock is shared, so that opening waits for nothing but a settlement that finds the order unmatched; see `Settlements`. */
  private get openStatement(): string {
    return `WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared($1::bigint))
    INSERT INTO ${this.db.table('payments')} (${PAYMENT_COLUMNS}, next_check_at)
    SELECT given.*, $3::timestamptz FROM turn, jsonb_to_recordset($2::jsonb) AS given (${PAYMENT_DEFINITION})
    ON CONFLICT (merchant_no, order_no) DO NOTHING RETURNING state`;
  }
}

/**
 * Reads payments by their keys, in no particular order. OFFSET 0 keeps the look-up one per key, where the planner may
 * prefer to read the whole table.
 */
export async function readPayments(db: Database, keys: readonly PaymentKey[]): Promise<readonly Versioned[]> {
  const rows = await db.query<keyof PaymentRow>(
    `SELECT ${PAYMENT_SELECTION} FROM unnest(${arrayOf(1, 'text')}, ${arrayOf(2, 'text')}) AS k (merchant_no, order_no),
    LATERAL (
      SELECT * FROM ${db.table('payments')} WHERE merchant_no = k.merchant_no AND order_no = k.order_no OFFSET 0
    ) p`,
    [keys.map(({ merchantNo }) => merchantNo), keys.map(({ orderNo }) => orderNo)],
  );
  return rows.map((row) => ({ payment: toPayment(row), version: row.version ?? '' }));
}

function conditionsOf(filter: PaymentFilter): { conditions: string[]; values: unknown[] } {
  const values: unknown[] = [];
  const conditions: string[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const { merchantNo, states, createdFrom, createdBefore, after } = filter;
  if (merchantNo !== undefined) conditions.push(`p.merchant_no = ${bind(merchantNo)}`);
  if (states) conditions.push(`p.state = ANY (${bind(states)}::text[])`);
  if (createdFrom) conditions.push(`p.created_at >= ${bind(createdFrom.toISOString())}::timestamptz`);
  if (createdBefore) conditions.push(`p.created_at < ${bind(createdBefore.toISOString())}::timestamptz`);
  if (after !== undefined) {
    const last = readCursor(after);
    const position = [`${bind(last.createdAt.toISOString())}::timestamptz`, bind(last.merchantNo), bind(last.orderNo)];
    conditions.push(`(p.created_at, p.merchant_no, p.order_no) < (${position.join(', ')})`);
  }
  return { conditions, values };
}
