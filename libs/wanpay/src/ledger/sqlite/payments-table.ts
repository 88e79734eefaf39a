import type { Payment, PaymentKey } from '../payment.js';
import { readPayment, writeRecord } from '../record.js';
import { type Connection, type Row, textOf } from './connection.js';

/** The states that end a payment, as `hasEnded` has them, and as the index for purging has them word for word. */
const ENDED = `state IN ('paid', 'failed', 'closed', 'expired')`;

/** A payment, and the text that it was just stored as. */
export interface Written {
  readonly payment: Payment;
  readonly document: string;
}

const OF_ORDER = 'merchant_no = ? AND order_no = ?';
const FIND = `SELECT document FROM wanpay_payments WHERE ${OF_ORDER}`;
const SET = 'UPDATE wanpay_payments SET state = ?, updated_at = ?, document = ?';
const UPDATE = `${SET} WHERE ${OF_ORDER}`;
const PAY = `${SET}, next_check_at = NULL, check_failures = 0 WHERE ${OF_ORDER}`;

/** The payments; each call is made inside a transaction that the caller holds. */
export class PaymentsTable {
  constructor(private readonly connection: Connection) {}

  /** False when the order number is taken. */
  insert(payment: Payment, nextCheckAt?: Date): boolean {
    const { merchantNo, orderNo, amount, state, createdAt, updatedAt } = payment;
    const inserted = this.connection.run(
      `INSERT INTO wanpay_payments
         (merchant_no, order_no, amount, state, created_at, updated_at, document, next_check_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (merchant_no, order_no) DO NOTHING`,
      ...[merchantNo, orderNo, amount, state, createdAt.getTime(), updatedAt.getTime(), writeRecord(payment)],
      nextCheckAt?.getTime() ?? null,
    );
    return inserted > 0;
  }

  find({ merchantNo, orderNo }: PaymentKey): Payment | undefined {
    const [row] = this.connection.all(FIND, merchantNo, orderNo);
    return row && toPayment(row);
  }

  /** A payment that is paid needs no more checks. */
  update(payment: Payment): Written {
    const { merchantNo, orderNo, state, updatedAt } = payment;
    const document = writeRecord(payment);
    this.connection.run(state === 'paid' ? PAY : UPDATE, state, updatedAt.getTime(), document, merchantNo, orderNo);
    return { payment, document };
  }

  deleteIntent({ merchantNo, orderNo }: PaymentKey): void {
    this.connection.run(
      `DELETE FROM wanpay_payments WHERE ${OF_ORDER} AND state = 'opening'`,
      ...[merchantNo, orderNo],
    );
  }

  /**
   * Deletes those that ended and owe nothing, least recently touched first; returns which they were. Left to itself,
   * SQLite would go by state, and through all that ever ended.
   */
  deleteEnded(before: Date, limit: number): readonly PaymentKey[] {
    const rows = this.connection.all(
      `DELETE FROM wanpay_payments WHERE rowid IN (
         SELECT ended.rowid FROM wanpay_payments AS ended INDEXED BY wanpay_payments_ended
         WHERE ${ENDED} AND updated_at < ? AND NOT EXISTS (
           SELECT 1 FROM wanpay_events AS event
           WHERE event.merchant_no = ended.merchant_no AND event.order_no = ended.order_no AND delivery <> 'delivered')
         ORDER BY updated_at LIMIT ?)
       RETURNING document`,
      ...[before.getTime(), limit],
    );
    return rows.map(toPayment);
  }
}

/** Reads the payment of a row that has its document. */
export function toPayment(row: Row): Payment {
  return readPayment(textOf(row, 'document'));
}
