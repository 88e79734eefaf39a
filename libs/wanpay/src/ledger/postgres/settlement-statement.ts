import type { Database } from './database.js';
import { PAYMENT_COLUMNS, PAYMENT_DEFINITION } from './payment-rows.js';

/** What is in a batch that not every batch has. */
export interface BatchKind {
  /** Orders that were not there. */
  readonly absent: boolean;
  /** Payments of which only the check becomes due. */
  readonly hastened: boolean;
}

/** A payment that is paid needs no check. Another's is written without having been read, so that no claim is undone. */
const CHECK = `next_check_at = CASE WHEN changed.state <> 'paid'
      THEN least(p.next_check_at, changed.check_at) END`;

/**
 * The statement that writes a batch.
 *
 * $1 are the payments that change, $2 the outcomes seen, $3 the events owed, as JSON; $4 is the channel, $5 who we are; of
 * batches with `absent` orders, $6 are their keys. An order's `n` names it within the batch: its rows are written only if
 * it is among the `taken`, still as it was read. Outcomes without an `n` are always written. `i` is the order in which
 * outcomes and events came. A payment without a `state` stays as it is, version and all, but is `hastened`.
 *
 * The payments come in the order in which they are to be locked, and are looked up one by one, which keeps that order.
 */
export function settlementStatement(db: Database, { absent, hastened }: BatchKind): string {
  const payments = db.table('payments');
  const assignments = PAYMENT_COLUMNS.split(', ').map((column) => `${column} = changed.${column}`);
  return `WITH changed AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS r (n integer, read_version bigint, check_at timestamptz,
      ${PAYMENT_DEFINITION})
  ), locked AS MATERIALIZED (
    SELECT changed.n FROM changed, LATERAL (
      SELECT version FROM ${payments} p
      WHERE p.merchant_no = changed.merchant_no AND p.order_no = changed.order_no FOR UPDATE
    ) p WHERE p.version = changed.read_version
  ), updated AS (
    UPDATE ${payments} p SET version = DEFAULT, ${CHECK}, ${assignments.join(', ')} FROM locked JOIN changed USING (n)
    WHERE p.merchant_no = changed.merchant_no AND p.order_no = changed.order_no AND p.version = changed.read_version
      AND changed.state IS NOT NULL
    RETURNING changed.n
  ), ${hastened ? `${hastenedOnly(payments)}, ` : ''}taken AS MATERIALIZED (
    SELECT n FROM updated ${hastened ? 'UNION ALL SELECT n FROM hastened' : ''} ${absent ? `UNION ALL ${stillAbsent(payments)}` : ''}
  ), seen AS (
    INSERT INTO ${db.table('outcomes')} (merchant_no, order_no, source, outcome, from_state, to_state, seen_at)
    SELECT merchant_no, order_no, source, outcome, from_state, to_state, seen_at
    FROM jsonb_to_recordset($2::jsonb) AS r (i integer, n integer, merchant_no text, order_no text, source text,
      outcome jsonb, from_state text, to_state text, seen_at timestamptz)
    WHERE n IS NULL OR n IN (SELECT n FROM taken) ORDER BY i
  ), owed AS (
    INSERT INTO ${db.table('events')} (id, merchant_no, order_no, type, body, due_at)
    SELECT id, merchant_no, order_no, type, body, due_at
    FROM jsonb_to_recordset($3::jsonb) AS r (i integer, n integer, id text, merchant_no text, order_no text, type text,
      body jsonb, due_at timestamptz)
    WHERE n IN (SELECT n FROM taken) ORDER BY i
    ON CONFLICT (id) DO NOTHING RETURNING id
  )
  SELECT (SELECT json_agg(n) FROM taken)::text AS orders, (SELECT json_agg(id) FROM owed)::text AS events,
    CASE WHEN EXISTS (SELECT FROM owed) THEN pg_notify($4, $5)::text END AS notified`;
}

function hastenedOnly(payments: string): string {
  return `hastened AS (
    UPDATE ${payments} p SET next_check_at = least(p.next_check_at, changed.check_at)
    FROM locked JOIN changed USING (n)
    WHERE p.merchant_no = changed.merchant_no AND p.order_no = changed.order_no AND p.version = changed.read_version
      AND changed.state IS NULL
    RETURNING changed.n
  )`;
}

/** OFFSET 0 keeps the look-up one per key: not knowing how few there are, the planner may prefer to read the whole table. */
function stillAbsent(payments: string): string {
  return `SELECT n FROM jsonb_to_recordset($6::jsonb) AS k (n integer, merchant_no text, order_no text)
    WHERE NOT EXISTS (
      SELECT FROM ${payments} p WHERE p.merchant_no = k.merchant_no AND p.order_no = k.order_no OFFSET 0
    )`;
}
