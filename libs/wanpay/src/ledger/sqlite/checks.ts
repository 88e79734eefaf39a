import type { DueCheck, NextCheck } from '../ledger.js';
import type { PaymentKey } from '../payment.js';
import { type Connection, numberOf, type Row } from './connection.js';
import type { SqliteValue } from './driver.js';
import { toPayment } from './payments-table.js';

const OF_PAYMENT = 'merchant_no = ? AND order_no = ?';

/**
 * When which payment is to be asked after; each call that writes is made inside a transaction that the caller holds.
 *
 * A claim moves the check to the end of its lease, and is the caller's for as long as the check stays there.
 */
export class Checks {
  constructor(private readonly connection: Connection) {}

  claim(now: Date, leaseUntil: Date, limit: number, merchantNo?: string): readonly DueCheck[] {
    const [ofMerchant, merchant] = only(merchantNo);
    const due = this.connection.all(
      `SELECT rowid AS id, document, check_failures FROM wanpay_payments
       WHERE ${ofMerchant}next_check_at <= ? ORDER BY next_check_at LIMIT ?`,
      ...[...merchant, now.getTime(), limit],
    );
    for (const row of due) {
      this.connection.run(
        'UPDATE wanpay_payments SET next_check_at = ? WHERE rowid = ?',
        ...[leaseUntil.getTime(), numberOf(row, 'id')],
      );
    }
    return due.map((row) => toDueCheck(row, leaseUntil));
  }

  /** False when the claim is no longer the caller's. */
  schedule({ payment, leaseUntil }: DueCheck, { at, failures }: NextCheck): boolean {
    const scheduled = this.connection.run(
      `UPDATE wanpay_payments SET next_check_at = ?, check_failures = ?
       WHERE ${OF_PAYMENT} AND next_check_at = ? ${at ? `AND state <> 'paid'` : ''}`,
      ...[at?.getTime() ?? null, at ? failures : 0, payment.merchantNo, payment.orderNo, leaseUntil.getTime()],
    );
    return scheduled > 0;
  }

  /** Sees to it that a check is at `at` at the latest; false when there is no such payment or it is paid. */
  hasten({ merchantNo, orderNo }: PaymentKey, at: Date): boolean {
    const hastened = this.connection.run(
      `UPDATE wanpay_payments SET next_check_at = min(coalesce(next_check_at, ?), ?)
       WHERE ${OF_PAYMENT} AND state <> 'paid'`,
      ...[at.getTime(), at.getTime(), merchantNo, orderNo],
    );
    return hastened > 0;
  }

  nextDue(merchantNo?: string): Date | undefined {
    const [ofMerchant, merchant] = only(merchantNo);
    const [next] = this.connection.all(
      `SELECT next_check_at AS at FROM wanpay_payments
       WHERE ${ofMerchant}next_check_at IS NOT NULL ORDER BY next_check_at LIMIT 1`,
      ...merchant,
    );
    return next && new Date(numberOf(next, 'at'));
  }
}

function only(merchantNo: string | undefined): readonly [sql: string, values: readonly SqliteValue[]] {
  return merchantNo === undefined ? ['', []] : ['merchant_no = ? AND ', [merchantNo]];
}

function toDueCheck(row: Row, leaseUntil: Date): DueCheck {
  return { payment: toPayment(row), failures: numberOf(row, 'check_failures'), leaseUntil };
}
