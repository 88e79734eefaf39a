import type { Payment } from '../payment.js';
import type { Database } from './database.js';
import { assignment, ISSUED_COLUMNS, SETTLED_COLUMNS } from './payment-rows.js';
import { type RowColumn, RowSet } from './row-set.js';
import type { NumberedEvent, NumberedOrder, NumberedOutcome } from './settlement-rows.js';

/** What is in a batch that not every batch has. */
export interface BatchKind {
  /** Orders that were not there. */
  readonly absent: boolean;
  /** Payments of which only the check becomes due. */
  readonly hastened: boolean;
  /** Payments whose account became known. */
  readonly issued: boolean;
}

/** A batch's orders, by what is written of each. */
export interface BatchRows {
  readonly changed: readonly NumberedOrder[];
  readonly outcomes: readonly NumberedOutcome[];
  readonly events: readonly NumberedEvent[];
  readonly absent: readonly NumberedOrder[];
}

const N: RowColumn<{ readonly n: number | undefined }> = { name: 'n', type: 'integer', of: ({ n }) => n };
const KEY: readonly RowColumn<Pick<NumberedOrder, 'key'>>[] = [
  { name: 'merchant_no', type: 'text', of: ({ key }) => key.merchantNo },
  { name: 'order_no', type: 'text', of: ({ key }) => key.orderNo },
];
const OUTCOMES = new RowSet<NumberedOutcome>([
  N,
  ...KEY,
  { name: 'source', type: 'text', of: ({ seen }) => seen.source },
  { name: 'outcome', type: 'text', of: ({ seen }) => JSON.stringify(seen.outcome) },
  { name: 'from_state', type: 'text', of: ({ seen }) => seen.change?.from },
  { name: 'to_state', type: 'text', of: ({ seen }) => seen.change?.to },
  { name: 'seen_at', type: 'timestamptz', of: ({ seen }) => seen.at },
]);
const EVENTS = new RowSet<NumberedEvent>([
  N,
  ...KEY,
  { name: 'id', type: 'text', of: ({ owed }) => owed.event.id },
  { name: 'type', type: 'text', of: ({ owed }) => owed.event.type },
  { name: 'body', type: 'text', of: ({ owed }) => JSON.stringify(owed.event) },
  { name: 'due_at', type: 'timestamptz', of: ({ owed }) => owed.dueAt },
]);
const ABSENT = new RowSet<NumberedOrder>([N, ...KEY]);
const SETTLED = changedRows(SETTLED_COLUMNS);
const ISSUED = changedRows([...SETTLED_COLUMNS, ...ISSUED_COLUMNS]);

/** A payment that is paid needs no check. Another's is written without having been read, so that no claim is undone. */
const CHECK = `next_check_at = CASE WHEN changed.state <> 'paid'
      THEN least(p.next_check_at, changed.check_at) END`;

/**
 * The statement that writes a batch, and its parameters.
 *
 * An order's `n` names it within the batch: its rows are written only if it is among the `taken`, still as it was read.
 * Outcomes without an `n` are always written. A payment without a `state` stays as it is, version and all, but is
 * `hastened`. The payments come in the order in which they are to be locked, and are looked up one by one, which keeps that
 * order.
 */
export function settlementStatement(
  db: Database,
  kind: BatchKind,
  rows: BatchRows,
): { readonly text: string; readonly values: readonly unknown[] } {
  const changed = kind.issued ? ISSUED : SETTLED;
  const values = [
    ...changed.values(rows.changed),
    ...OUTCOMES.values(rows.outcomes),
    ...EVENTS.values(rows.events),
    ...(kind.absent ? ABSENT.values(rows.absent) : []),
  ];
  return { text: textOf(db, kind), values };
}

function textOf(db: Database, { absent, hastened, issued }: BatchKind): string {
  const payments = db.table('payments');
  const changed = issued ? ISSUED : SETTLED;
  const columns = issued ? [...SETTLED_COLUMNS, ...ISSUED_COLUMNS] : SETTLED_COLUMNS;
  const assignments = columns.map(({ name }) => assignment(name, 'changed'));
  const outcomes = 1 + changed.size;
  const events = outcomes + OUTCOMES.size;
  return `WITH changed AS MATERIALIZED (
    SELECT * FROM ${changed.from(1, 'r')}
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
    SELECT n FROM updated ${hastened ? 'UNION ALL SELECT n FROM hastened' : ''}
    ${absent ? `UNION ALL ${stillAbsent(payments, events + EVENTS.size)}` : ''}
  ), seen AS (
    INSERT INTO ${db.table('outcomes')} (merchant_no, order_no, source, outcome, from_state, to_state, seen_at)
    SELECT merchant_no, order_no, source, outcome::jsonb, from_state, to_state, seen_at
    FROM ${OUTCOMES.from(outcomes, 'r')} WHERE n IS NULL OR n IN (SELECT n FROM taken) ORDER BY place
  ), owed AS (
    INSERT INTO ${db.table('events')} (id, merchant_no, order_no, type, body, due_at)
    SELECT id, merchant_no, order_no, type, body::jsonb, due_at
    FROM ${EVENTS.from(events, 'r')} WHERE n IN (SELECT n FROM taken) ORDER BY place
    ON CONFLICT (id) DO NOTHING RETURNING id
  )
  SELECT (SELECT json_agg(n) FROM taken)::text AS orders, (SELECT json_agg(id) FROM owed)::text AS events`;
}

function changedRows(columns: readonly RowColumn<Payment>[]): RowSet<NumberedOrder> {
  return new RowSet<NumberedOrder>([
    N,
    ...KEY,
    { name: 'read_version', type: 'bigint', of: ({ version }) => version },
    { name: 'check_at', type: 'timestamptz', of: ({ checkAt }) => checkAt },
    ...columns.map(({ name, type, of }) => {
      return { name, type, of: ({ payment }: NumberedOrder) => payment && of(payment) };
    }),
  ]);
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
function stillAbsent(payments: string, first: number): string {
  return `SELECT n FROM ${ABSENT.from(first, 'k')}
    WHERE NOT EXISTS (
      SELECT FROM ${payments} p WHERE p.merchant_no = k.merchant_no AND p.order_no = k.order_no OFFSET 0
    )`;
}
