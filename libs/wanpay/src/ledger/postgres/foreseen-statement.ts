import type { Foreseen } from '../foresee.js';
import type { Report } from '../ledger.js';
import type { Database, Row } from './database.js';
import { PAYMENT_FIELDS, PAYMENT_SELECTION, type PaymentRow } from './payment-rows.js';
import { RowSet } from './row-set.js';

/** A report, and what it comes to if its payment is as was foreseen. */
export interface ForeseenReport {
  readonly report: Report;
  readonly foreseen: Foreseen;
}

/** What the statement tells of a payment that was as was foreseen, as it now is. */
export type ForeseenRow = PaymentRow &
  /** The report's place, from 1; and its event's id, unless that had been owed before. */
  Row<'place' | 'owed_id'>;

const REPORTS = new RowSet<ForeseenReport>([
  { name: 'merchant_no', type: 'text', of: ({ report }) => report.merchantNo },
  { name: 'order_no', type: 'text', of: ({ report }) => report.orderNo },
  { name: 'dollars', type: 'bigint', of: ({ foreseen }) => foreseen.amounts.dollars },
  { name: 'cents', type: 'bigint', of: ({ foreseen }) => foreseen.amounts.cents },
  { name: 'transacted_at', type: 'timestamptz', of: ({ foreseen }) => foreseen.transactedAt },
  { name: 'to_state', type: 'text', of: ({ foreseen }) => foreseen.paid.state },
  { name: 'bank_code', type: 'text', of: ({ foreseen }) => foreseen.paid.payer?.bankCode },
  { name: 'account', type: 'text', of: ({ foreseen }) => foreseen.paid.payer?.account },
  { name: 'paid_at', type: 'timestamptz', of: ({ foreseen }) => foreseen.paid.paidAt },
  { name: 'now', type: 'timestamptz', of: ({ report }) => report.now },
  { name: 'source', type: 'text', of: ({ report }) => report.source },
  { name: 'outcome', type: 'text', of: ({ report }) => JSON.stringify(report.outcome) },
  { name: 'event_id', type: 'text', of: ({ foreseen }) => foreseen.event.id },
  { name: 'event_type', type: 'text', of: ({ foreseen }) => foreseen.event.type },
]);

/** An event of {@link Foreseen}, as `writeRecord` writes it but for the zone in which its moments are told. */
const EVENT = `(SELECT jsonb_strip_nulls(to_jsonb(e)) FROM (
      SELECT p.event_id AS id, p.event_type AS type, p.merchant_no AS "merchantNo", p.order_no AS "orderNo", p.livemode,
        p.updated_at AS "occurredAt", (SELECT f FROM (SELECT ${PAYMENT_FIELDS}) f) AS payment, false AS late
    ) e)`;

/**
 * The statement that settles what was foreseen.
 *
 * The payments are looked up one by one, in the order in which the reports come, which is the order in which they are
 * locked. One that is written meanwhile has another version then, and is left out; one whose check is claimed has not.
 */
export class ForeseenStatement {
  // Put together once: five thousand characters take as long to join and to look up as the rest of a lone settlement here.
  private readonly ofOne: string;
  private readonly ofMany: string;

  constructor(db: Database) {
    this.ofOne = textOf(db, REPORTS.fromOne(1, 'r'));
    this.ofMany = textOf(db, REPORTS.from(1, 'r'));
  }

  /** Its text and its parameters. */
  of(reports: readonly ForeseenReport[]): { readonly text: string; readonly values: readonly unknown[] } {
    const [first, ...others] = reports;
    return first && others.length === 0
      ? { text: this.ofOne, values: REPORTS.valuesOfOne(first) }
      : { text: this.ofMany, values: REPORTS.values(reports) };
  }
}

function textOf(db: Database, told: string): string {
  const payments = db.table('payments');
  return `WITH told AS MATERIALIZED (
    SELECT * FROM ${told}
  ), found AS (
    SELECT told.*, p.version, p.state AS from_state FROM told, LATERAL (
      SELECT version, state, amount, expires_at FROM ${payments}
      WHERE merchant_no = told.merchant_no AND order_no = told.order_no OFFSET 0
    ) p
    WHERE p.state IN ('opening', 'pending') AND (p.amount = told.cents OR p.amount = told.dollars)
      AND (told.transacted_at IS NULL OR told.transacted_at <= p.expires_at)
  ), paid AS (
    UPDATE ${payments} p SET version = DEFAULT, next_check_at = NULL, state = found.to_state,
      payer_bank_code = found.bank_code, payer_account = found.account, paid_at = found.paid_at, updated_at = found.now,
      amount_unit = CASE WHEN p.amount = found.dollars THEN 'dollars' ELSE 'cents' END
    FROM found
    WHERE p.merchant_no = found.merchant_no AND p.order_no = found.order_no AND p.version = found.version
    RETURNING found.place, found.source, found.outcome, found.from_state, found.event_id, found.event_type, p.*
  ), seen AS (
    INSERT INTO ${db.table('outcomes')} (merchant_no, order_no, source, outcome, from_state, to_state, seen_at)
    SELECT merchant_no, order_no, source, outcome::jsonb, from_state, state, updated_at FROM paid
  ), owed AS (
    INSERT INTO ${db.table('events')} (id, merchant_no, order_no, type, body, due_at)
    SELECT p.event_id, p.merchant_no, p.order_no, p.event_type, ${EVENT}, p.updated_at FROM paid p
    ON CONFLICT (id) DO NOTHING RETURNING id
  )
  SELECT p.place::text AS place, owed.id AS owed_id, ${PAYMENT_SELECTION}
  FROM paid p LEFT JOIN owed ON owed.id = p.event_id`;
}
