import type { DeliveryClaim, OrderChange, StoredOutcome } from '../../store.js';
import type { StoredEvent } from '../../stored-event.js';
import type { Value } from '../conditions.js';
import { writeRest } from '../order-row.js';
import { contentOf } from '../rows.js';
import { eventRow, eventsOf, outcomeRow, outcomesOf, withClaims } from '../written-rows.js';
import { OPEN } from './deliveries.js';
import { namesOf, RowSet } from './row-set.js';

/** A change with its number, by which what belongs to it is written only if the change is. */
export interface NumberedChange {
  readonly n: number;
  readonly change: OrderChange;
}

/** What becomes of an order. The common table expression of this name tells in `n` which changes were applied. */
type Kind = 'created' | 'updated' | 'removed';

const KEY = 'merchant_no text, order_no text';
/** The columns that are written of the payment or the unknown order. */
const CONTENT =
  'state text, settled_by text, needs_review boolean, created_at bigint, updated_at bigint, amount bigint, account_no text, payer_no text, document json';
const CHANGES = new RowSet<NumberedChange>(
  `n integer, ${KEY}, kind text, expected_version integer, expected_check_at bigint, first_version integer, \
event_count integer, check_change text, check_at bigint, check_failures integer, ${CONTENT}`,
  ({ n, change }) => [
    ...[n, change.merchantNo, change.orderNo, kindOf(change), change.expectedVersion, change.expectedCheckAt],
    ...[change.firstVersion ?? 1, change.events?.length ?? 0, ...checkOf(change), ...contentOf(change, writeRest)],
  ],
);
const OUTCOME = `${KEY}, digest bigint, source text, from_state text, to_state text, first_seen_at bigint, \
last_seen_at bigint, count integer, outcome json`;
const OUTCOMES = new RowSet<NumberedChange & { readonly outcome: StoredOutcome }>(
  `n integer, ${OUTCOME}`,
  ({ n, change, outcome }) => [n, ...outcomeRow(change, outcome, toBigint(outcome.digest))],
);
const EVENT = `${KEY}, seq integer, id text, type text, occurred_at bigint, livemode boolean, details json`;
const EVENTS = new RowSet<NumberedChange & { readonly event: StoredEvent; readonly claimedUntil?: Date | undefined }>(
  `n integer, ${EVENT}, claimed_until bigint`,
  ({ n, change, event, claimedUntil }) => [n, ...eventRow(change, event), claimedUntil],
);

/** That an order is still what a change expects. */
const IS_EXPECTED = `o.merchant_no = r.merchant_no AND o.order_no = r.order_no
  AND (r.expected_version IS NULL OR o.version = r.expected_version)
  AND (r.expected_check_at IS NULL OR o.next_check_at = r.expected_check_at)`;
/**
 * The condition that a row's change was applied. It is looked up, because a join would expect one row and one change, and compare
 * every row with every change. If there is only one change, nothing has to be compared.
 */
const isApplied = (applied: string, isLone: boolean): string =>
  isLone ? `EXISTS (SELECT FROM ${applied})` : `(r.n IN (SELECT n FROM ${applied})) IS TRUE`;
const CREATED = ['event_count', ...namesOf(CONTENT)].join(', ');
const REPLACED = namesOf(CONTENT).map((name) => `${name} = coalesce(r.${name}, o.${name})`);
const SEEN = namesOf(OUTCOME).join(', ');
const RECORDED = namesOf(EVENT).join(', ');

const deletion = (table: string): string => `deleted_${table} AS (
    DELETE FROM {${table}} t USING removed k WHERE t.merchant_no = k.merchant_no AND t.order_no = k.order_no
  )`;
const ORDERS: Readonly<Record<Kind, string>> = {
  created: `inserted AS (
    INSERT INTO {orders} (merchant_no, order_no, version, next_check_at, check_failures, ${CREATED})
    SELECT merchant_no, order_no, first_version, check_at, coalesce(check_failures, 0), ${CREATED}
    FROM changes WHERE kind = 'created' ORDER BY place
    ON CONFLICT (merchant_no, order_no) DO NOTHING RETURNING merchant_no, order_no
  ), created AS (
    SELECT n FROM changes
    WHERE kind = 'created' AND ((merchant_no, order_no) IN (SELECT merchant_no, order_no FROM inserted)) IS TRUE
  )`,
  updated: `updated AS (
    UPDATE {orders} o SET version = o.version + (r.expected_version IS NOT NULL)::integer,
      event_count = o.event_count + r.event_count,
      ${REPLACED.join(', ')},
      next_check_at = CASE r.check_change WHEN 'set' THEN r.check_at WHEN 'by' THEN least(o.next_check_at, r.check_at)
        WHEN 'remove' THEN NULL ELSE o.next_check_at END,
      check_failures = coalesce(r.check_failures, o.check_failures)
    FROM changes r WHERE r.kind = 'updated' AND ${IS_EXPECTED} RETURNING r.n
  )`,
  removed: `removed AS (
    DELETE FROM {orders} o USING changes r WHERE r.kind = 'removed' AND ${IS_EXPECTED}
    RETURNING r.n, o.merchant_no, o.order_no
  ), ${['outcomes', 'events', 'deliveries'].map(deletion).join(', ')}`,
};
const seen = (from: string): string => `seen AS (
    INSERT INTO {outcomes} AS t (${SEEN}) SELECT ${SEEN} FROM ${from}
    ON CONFLICT (merchant_no, order_no, digest) DO UPDATE
    SET count = t.count + excluded.count, last_seen_at = greatest(t.last_seen_at, excluded.last_seen_at)
  )`;
/** The condition that the handler has no earlier delivery of the order that waits or runs. */
const IS_NEXT = `(r.seq = 0 OR NOT EXISTS (
      SELECT FROM {deliveries} d WHERE d.merchant_no = r.merchant_no AND d.order_no = r.order_no AND d.seq < r.seq
        AND d.state IN ${OPEN}
        AND d.subscription IN (SELECT number FROM {subscriptions} x WHERE x.handler = s.handler) OFFSET 0
    ))`;
/** Subscriptions are read here and not by the process, so that a handler which another one has just got is not missed. */
const recorded = (from: string): string => `recorded AS (SELECT * FROM ${from}), events AS (
    INSERT INTO {events} (${RECORDED}, kept)
    SELECT ${RECORDED}, NOT EXISTS (SELECT FROM {subscriptions} s WHERE s.type = r.type) FROM recorded r
  )`;
const SUBSCRIBED = 'FROM recorded r JOIN {subscriptions} s ON s.type = r.type ORDER BY r.place, s.number';
const DELIVERED = `delivered AS (
    INSERT INTO {deliveries} (merchant_no, order_no, seq, subscription, due_at)
    SELECT merchant_no, order_no, seq, number, occurred_at ${SUBSCRIBED} RETURNING 1
  )`;
const claimed = (claimants: string): string => `added AS (
    SELECT r.*, s.number, s.handler,
      r.claimed_until IS NOT NULL AND s.type || ' ' || s.handler = ANY (${claimants}) AND ${IS_NEXT} AS is_claimed
    ${SUBSCRIBED}
  ), delivered AS (
    INSERT INTO {deliveries} (merchant_no, order_no, seq, subscription, state, due_at, attempts, claim)
    SELECT merchant_no, order_no, seq, number, CASE WHEN is_claimed THEN 'claimed' ELSE 'pending' END,
      CASE WHEN is_claimed THEN claimed_until ELSE occurred_at END, is_claimed::integer, is_claimed::integer FROM added
  )`;

/**
 * The statement that writes a batch of changes, in one round trip, and its parameters. Its text has only what the batch needs.
 * It selects the numbers of the `applied` changes, how many added deliveries are `pending`, and a row for each claimed one.
 */
export function commitStatement(
  changes: readonly NumberedChange[],
  claim?: DeliveryClaim,
): { text: string; values: readonly Value[] } {
  const values: Value[] = [];
  const outcomes = outcomesOf(changes);
  const events = claim ? withClaims(eventsOf(changes), claim) : eventsOf(changes);
  const kinds = [...new Set(changes.map(({ change }) => kindOf(change)))].sort();
  const rows = [
    CHANGES.bind(changes, values),
    outcomes.length > 0 ? OUTCOMES.bind(outcomes, values) : '',
    events.length > 0 ? EVENTS.bind(events, values) : '',
  ] as const;
  const claims = claim !== undefined && events.length > 0;
  if (claims) values.push(claim.subscriptions.map(({ type, handler }) => `${type} ${handler}`));
  const shape = [kinds, claims, ...[changes, outcomes, events].map(({ length }) => Math.min(length, 2))].join();
  const text =
    TEXTS.get(shape) ?? textOf(kinds, rows, changes.length === 1, claims ? `$${values.length}::text[]` : undefined);
  TEXTS.set(shape, text);
  return { text, values };
}

/** The texts by their shape. A text that is built anew each time would be looked up by its whole content. */
const TEXTS = new Map<string, string>();

function textOf(
  kinds: readonly Kind[],
  [changes, outcomes, events]: readonly [string, string, string],
  isLone: boolean,
  claimants?: string,
): string {
  const [kind, ...others] = kinds;
  const source = kind && others.length === 0 ? kind : 'applied';
  const ofApplied = (rows: string): string => `${rows} WHERE ${isApplied(source, isLone)}`;
  const steps = [
    `changes AS (SELECT * FROM ${changes})`,
    ...kinds.map((each) => ORDERS[each]),
    ...(others.length > 0 ? [`applied AS (${kinds.map((each) => `SELECT n FROM ${each}`).join(' UNION ALL ')})`] : []),
    ...(outcomes ? [seen(ofApplied(outcomes))] : []),
    ...(events ? [recorded(ofApplied(events)), claimants ? claimed(claimants) : DELIVERED] : []),
  ];
  const head = `WITH ${steps.join(', ')} SELECT`;
  const applied = `(SELECT string_agg(n::text, ',') FROM ${source}) AS applied`;
  if (!events) return `${head} ${applied}`;
  if (!claimants) return `${head} ${applied}, (SELECT count(*) FROM delivered) AS pending`;
  return `${head} all_of.*, merchant_no, order_no, seq, handler FROM (
      SELECT ${applied}, (SELECT count(*) FROM added WHERE NOT is_claimed) AS pending
    ) all_of LEFT JOIN added ON is_claimed`;
}

/** An order that is not to be there has no check that could be expected; such a change finds nothing to update. */
function kindOf({ expectedVersion, expectedCheckAt, remove }: OrderChange): Kind {
  if (remove) return 'removed';
  return expectedVersion === 0 && !expectedCheckAt ? 'created' : 'updated';
}

/** What becomes of the check, its moment and its failures. */
function checkOf({ check }: OrderChange): readonly Value[] {
  if (!check) return [undefined, undefined, undefined];
  if (check === 'remove') return ['remove', undefined, 0];
  return 'by' in check ? ['by', check.by, undefined] : ['set', check.set.at, check.set.failures];
}

/** The digest as PostgreSQL keeps it, in eight bytes. */
function toBigint(digest: string): string {
  return BigInt.asIntN(64, BigInt(`0x${digest}`)).toString();
}
