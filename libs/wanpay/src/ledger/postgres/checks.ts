import type { DueCheck, NextCheck } from '../ledger.js';
import type { PaymentKey } from '../payment.js';
import type { Database, Row } from './database.js';
import { millisecondsOf, PAYMENT_SELECTION, type PaymentRow, toDate, toPayment } from './payment-rows.js';

type CheckRow = PaymentRow & Row<'check_failures'>;

/**
 * When which payment is to be asked after.
 *
 * A claim moves the check to the end of its lease, and is the caller's for as long as the check stays there. Nothing here
 * draws a `version`: what was read of a payment can still be settled, since a settlement does not write what it has read
 * of the check.
 */
export class Checks {
  constructor(private readonly db: Database) {}

  /** {@link Ledger.claimChecks} */
  async claim(now: Date, leaseUntil: Date, limit: number, merchantNo?: string): Promise<readonly DueCheck[]> {
    const values = [now.toISOString(), leaseUntil.toISOString(), limit];
    const rows = await this.db.query<keyof CheckRow>(
      this.claimStatement(merchantNo === undefined ? '' : 'AND merchant_no = $4'),
      merchantNo === undefined ? values : [...values, merchantNo],
    );
    return rows.map((row) => ({ payment: toPayment(row), failures: Number(row.check_failures), leaseUntil }));
  }

  /** {@link Ledger.scheduleCheck} */
  async schedule({ payment, leaseUntil }: DueCheck, { at, failures }: NextCheck): Promise<boolean> {
    const rows = await this.db.query(
      `UPDATE ${this.payments} SET next_check_at = $4::timestamptz, check_failures = $5::integer
      WHERE merchant_no = $1 AND order_no = $2 AND next_check_at = $3::timestamptz ${at ? `AND state <> 'paid'` : ''}
      RETURNING order_no`,
      [payment.merchantNo, payment.orderNo, leaseUntil.toISOString(), at?.toISOString(), at ? failures : 0],
    );
    return rows.length > 0;
  }

  /** {@link Ledger.requestCheck} */
  async request({ merchantNo, orderNo }: PaymentKey, now: Date): Promise<boolean> {
    const rows = await this.db.query(
      `UPDATE ${this.payments} SET next_check_at = least(next_check_at, $3::timestamptz)
      WHERE merchant_no = $1 AND order_no = $2 AND state <> 'paid' RETURNING order_no`,
      [merchantNo, orderNo, now.toISOString()],
    );
    return rows.length > 0;
  }

  /** {@link Ledger.nextCheckDue} */
  async nextDue(merchantNo?: string): Promise<Date | undefined> {
    const [next] = await this.db.query<'at'>(
      `SELECT ${millisecondsOf('next_check_at')} AS at FROM ${this.payments}
      WHERE next_check_at IS NOT NULL ${merchantNo === undefined ? '' : 'AND merchant_no = $1'}
      ORDER BY next_check_at LIMIT 1`,
      merchantNo === undefined ? [] : [merchantNo],
    );
    return toDate(next?.at ?? null);
  }

  private get payments(): string {
    return this.db.table('payments');
  }

  /**
   * Passes over what someone else is at, so it waits for nobody, and nobody waits for it in a circle. The rows are found
   * again by where they are, since by their keys the planner may prefer to read the whole table; one that was written
   * meanwhile is elsewhere, and is left for the next time.
   */
  private claimStatement(ofMerchant: string): string {
    return `WITH due AS MATERIALIZED (
      SELECT ctid, merchant_no, order_no, next_check_at AS due_at FROM ${this.payments}
      WHERE next_check_at <= $1::timestamptz ${ofMerchant}
      ORDER BY next_check_at LIMIT $3 FOR UPDATE SKIP LOCKED
    ), claimed AS (
      UPDATE ${this.payments} p SET next_check_at = $2::timestamptz WHERE p.ctid = ANY (ARRAY(SELECT ctid FROM due))
      RETURNING ${PAYMENT_SELECTION}, p.check_failures::text AS check_failures
    ) SELECT claimed.* FROM claimed JOIN due USING (merchant_no, order_no) ORDER BY due_at`;
  }
}
