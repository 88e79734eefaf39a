import type { OutcomeSource, Period, PeriodSummary } from '../ledger.js';
import type { PaymentState } from '../payment.js';
import type { Database, Row } from './database.js';
import { STATES } from './payment-rows.js';

const SOURCES: readonly OutcomeSource[] = ['notification', 'query'];
/** When an event occurred, as its index has it; in this form, text is in the order of time. */
const OCCURRED_AT = `(body ->> 'occurredAt') COLLATE "C"`;

type PaymentCounts = Row<PaymentState | OutcomeSource | 'mismatched'>;

/** {@link Ledger.summarize}: along the indexes, so that it costs what the period holds. */
export async function summarize(db: Database, { from, to, merchantNo }: Period): Promise<PeriodSummary> {
  const values = [from.toISOString(), to.toISOString(), ...(merchantNo === undefined ? [] : [merchantNo])];
  const ofMerchant = merchantNo === undefined ? '' : 'AND merchant_no = $3';
  const [[payments], [events]] = await Promise.all([
    db.query<keyof PaymentCounts>(paymentsStatement(db, ofMerchant), values),
    db.query<'unmatched'>(
      `SELECT count(*)::text AS unmatched FROM ${db.table('events')}
      WHERE type = 'atm.unmatched' AND ${OCCURRED_AT} >= $1 AND ${OCCURRED_AT} < $2 ${ofMerchant}`,
      values,
    ),
  ]);
  const count = (name: keyof PaymentCounts): number => Number(payments?.[name]);
  return {
    states: {
      opening: count('opening'),
      pending: count('pending'),
      paid: count('paid'),
      failed: count('failed'),
      closed: count('closed'),
      expired: count('expired'),
    },
    settledBy: { notification: count('notification'), query: count('query') },
    mismatched: count('mismatched'),
    unmatched: Number(events?.unmatched),
  };
}

/** Of each payment, the outcome that changed its state last is looked up. */
function paymentsStatement(db: Database, ofMerchant: string): string {
  const where = (condition: string, name: string): string => `count(*) FILTER (WHERE ${condition})::text AS ${name}`;
  return `SELECT ${STATES.map((state) => where(`state = '${state}'`, state)).join(', ')},
      ${SOURCES.map((source) => where(`settled_by.source = '${source}'`, source)).join(', ')},
      count(mismatched_amounts)::text AS mismatched
    FROM (
      SELECT * FROM ${db.table('payments')}
      WHERE created_at >= $1::timestamptz AND created_at < $2::timestamptz ${ofMerchant}
    ) p LEFT JOIN LATERAL (
      SELECT source FROM ${db.table('outcomes')} o
      WHERE o.merchant_no = p.merchant_no AND o.order_no = p.order_no AND from_state <> to_state
      ORDER BY seq DESC LIMIT 1
    ) settled_by ON true`;
}
