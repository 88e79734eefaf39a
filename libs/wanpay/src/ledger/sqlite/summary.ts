import type { Period, PeriodSummary } from '../ledger.js';
import { type Connection, numberOf, type Row } from './connection.js';
import type { SqliteValue } from './driver.js';
import { SOURCES, STATES } from './outcomes-table.js';

/** What last changed a payment's state. */
const SETTLED_BY = `(
  SELECT source FROM wanpay_outcomes AS seen
  WHERE seen.merchant_no = payment.merchant_no AND seen.order_no = payment.order_no AND state_before <> state_after
  ORDER BY seq DESC LIMIT 1)`;
/** When an event occurred, as its index has it word for word; in this form, text is in the order of time. */
const OCCURRED_AT = `json_extract(document, '$.occurredAt')`;

/** Counts the payments of a period along the indexes, so that it costs what the period holds. */
export function summarize(connection: Connection, { from, to, merchantNo }: Period): PeriodSummary {
  const ofMerchant = merchantNo === undefined ? '' : 'AND merchant_no = ?';
  const merchant: readonly SqliteValue[] = merchantNo === undefined ? [] : [merchantNo];
  const [payments] = connection.all(
    `SELECT ${STATES.map((state) => count('state', state)).join(', ')},
       ${SOURCES.map((source) => count('settled_by', source)).join(', ')},
       count(mismatched) AS mismatched
     FROM (
       SELECT state, ${SETTLED_BY} AS settled_by, json_extract(document, '$.mismatchedAmounts') AS mismatched
       FROM wanpay_payments AS payment WHERE created_at >= ? AND created_at < ? ${ofMerchant})`,
    ...[from.getTime(), to.getTime(), ...merchant],
  );
  const [events] = connection.all(
    `SELECT count(*) AS unmatched FROM wanpay_events
     WHERE type = 'atm.unmatched' AND ${OCCURRED_AT} >= ? AND ${OCCURRED_AT} < ? ${ofMerchant}`,
    ...[from.toISOString(), to.toISOString(), ...merchant],
  );
  return toSummary({ ...payments, ...events });
}

function count(column: 'state' | 'settled_by', word: string): string {
  return `count(*) FILTER (WHERE ${column} = '${word}') AS "${word}"`;
}

function toSummary(row: Row): PeriodSummary {
  return {
    states: {
      opening: numberOf(row, 'opening'),
      pending: numberOf(row, 'pending'),
      paid: numberOf(row, 'paid'),
      failed: numberOf(row, 'failed'),
      closed: numberOf(row, 'closed'),
      expired: numberOf(row, 'expired'),
    },
    settledBy: { notification: numberOf(row, 'notification'), query: numberOf(row, 'query') },
    mismatched: numberOf(row, 'mismatched'),
    unmatched: numberOf(row, 'unmatched'),
  };
}
