import type { Payment } from '../../payment.js';
import type { PaymentQuery, Period, PeriodSummary } from '../../store.js';
import { STATES, summarize, UNKNOWN } from '../rows.js';
import type { Bindable, Connection } from './connection.js';
import { paymentOf } from './orders.js';

const NEWEST_FIRST = 'ORDER BY created_at DESC, merchant_no DESC, order_no DESC LIMIT ?';

/**
 * Reads a page of payments along an index, whatever the filter, so that it costs what it returns: of each state as many as
 * the page holds, and the newest of them all are the page.
 */
export function listPayments(connection: Connection, query: PaymentQuery): readonly Payment[] {
  const { states = STATES, merchantNo, createdFrom, createdBefore, after, limit } = query;
  if (states.length === 0) return [];
  const conditions: (readonly [sql: string, ...values: Bindable[]])[] = [
    ...(merchantNo === undefined ? [] : [['merchant_no = ?', merchantNo] as const]),
    ...(createdFrom ? [['created_at >= ?', createdFrom] as const] : []),
    ...(createdBefore ? [['created_at < ?', createdBefore] as const] : []),
  ];
  if (after) {
    // The index can follow the first of the two; the second is exact.
    conditions.push(['created_at <= ?', after.createdAt]);
    conditions.push([
      '(created_at, merchant_no, order_no) < (?, ?, ?)',
      after.createdAt,
      after.merchantNo,
      after.orderNo,
    ]);
  }
  const where = ['state = ?', ...conditions.map(([sql]) => sql)].join(' AND ');
  const values = conditions.flatMap(([, ...bound]) => bound);
  const columns = 'state, created_at, merchant_no, order_no, document';
  const ofState = `SELECT * FROM (SELECT ${columns} FROM wanpay_orders WHERE ${where} ${NEWEST_FIRST})`;
  const branches = [...new Set(states)].map((state) => [state, ...values, limit + 1]);
  const sql = `${branches.map(() => ofState).join(' UNION ALL ')} ${NEWEST_FIRST}`;
  return connection.all(sql, ...branches.flat(), limit + 1).flatMap((row) => paymentOf(row) ?? []);
}

/** Counts the payments of a period along an index, so that it costs what the period holds. */
export function countPayments(connection: Connection, { from, to, merchantNo }: Period): PeriodSummary {
  const ofMerchant = merchantNo === undefined ? '' : 'AND merchant_no = ?';
  const rows = connection.all(
    `SELECT state, settled_by, is_mismatched, count(*) AS count FROM wanpay_orders
     WHERE state IN (SELECT value FROM json_each(?)) AND created_at >= ? AND created_at < ? ${ofMerchant}
     GROUP BY state, settled_by, is_mismatched`,
    ...[JSON.stringify([...STATES, UNKNOWN]), from, to],
    ...(merchantNo === undefined ? [] : [merchantNo]),
  );
  return summarize(rows);
}
