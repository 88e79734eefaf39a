import { nameOf } from '../../order-key.js';
import { writeDocument } from '../../record.js';
import type { PaymentKey } from '../../payment.js';
import type { OrderChange } from '../../store.js';
import { isCreation, isExpectedOrder, progressOf } from '../changed-rows.js';
import { type Condition, isOf, type Value } from '../conditions.js';
import { writeRest } from '../order-row.js';
import { CONTENT_COLUMNS, contentOf, type Row } from '../rows.js';
import { type Database, type Result, type Run, WRONG_GUESS } from './database.js';
import { ignore } from './pool.js';

const PROGRESS = ['event_count', 'next_check_at', 'check_failures', 'version'] as const;
/** The version comes last: in a condition on it, what follows would see the new one. */
const COLUMNS = [...CONTENT_COLUMNS, ...PROGRESS] as const;
/** What stands in for the content of an order that is there and keeps its own. */
const ANY_CONTENT = ['', null, false, 0, 0, null, null, null, ''];
const CREATE = `INSERT INTO wanpay_orders (merchant_no, order_no, ${COLUMNS.join(', ')}) VALUES ?`;
const given = (name: string): string =>
  name === 'settled_by' ? `COALESCE(VALUES(${name}), ${name})` : `VALUES(${name})`;
/** The rows are there, so this writes all of them at once. */
const overwrite = (names: readonly string[], write: (name: string) => string): string =>
  `${CREATE} ON DUPLICATE KEY UPDATE ${names.map((name) => `${name} = ${write(name)}`).join(', ')}`;
const UPDATE = overwrite(PROGRESS, given);
const REPLACE = overwrite(COLUMNS, given);
const REPLACE_EXPECTED = overwrite(COLUMNS, (name) => `IF(version = VALUES(version) - 1, ${given(name)}, ${name})`);
const SEE = `INSERT INTO wanpay_outcomes (merchant_no, order_no, digest, source, from_state, to_state, first_seen_at,
    last_seen_at, \`count\`, outcome) VALUES ?
  ON DUPLICATE KEY UPDATE \`count\` = \`count\` + VALUES(\`count\`), last_seen_at = GREATEST(last_seen_at, VALUES(last_seen_at))`;
const RECORD = `INSERT INTO wanpay_events (merchant_no, order_no, seq, id, type, occurred_at, livemode, kept, details) VALUES ?`;
const DELIVER = `INSERT INTO wanpay_deliveries (merchant_no, order_no, seq, subscription, due_at) VALUES ?`;

interface Statement extends Condition {
  /** How many rows it must affect. */
  readonly affects?: number;
}

/** A change, and the row that it applies to; none where it creates the order. */
interface Applied {
  readonly change: OrderChange;
  readonly row?: Row;
  /** Whether the row was not read, but is as the change expects it or not at all. */
  readonly isAssumed?: true;
}

/**
 * {@link LedgerStore.commit}, with one statement for each kind of row: a batch takes as many round trips as a lone change.
 * Changes are written in the order of their keys, in which every batch locks orders.
 *
 * An order that is to be created seldom is there, and most changes say all that need be known of their order and find it so.
 * A first try takes that for granted; that it is not so makes it fail, and another reads before it writes.
 */
export function commitChanges(db: Database, changes: readonly OrderChange[]): Promise<readonly boolean[]> {
  const sorted = changes.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return db.change(async (run, tries) => {
    const assume = tries === 1 ? assumedRow : (): undefined => undefined;
    const unread = sorted.filter((change) => !assume(change) && (tries > 1 || !isCreation(change)));
    const found = await lock(run, unread);
    const applied = sorted.flatMap((change): readonly Applied[] => {
      const row = found.get(nameOf(change));
      const assumed = assume(change);
      if (assumed) return [{ change, row: assumed, isAssumed: true }];
      if (isCreation(change)) return row ? [] : [{ change }];
      return row && isExpectedOrder(change, row) ? [{ change, row }] : [];
    });
    await write(db, run, applied);
    const written = new Set(applied.map(({ change }) => change));
    return changes.map((change) => written.has(change));
  });
}

/** Removes orders with everything that belongs to them. */
export async function removeOrders(run: Run, keys: readonly PaymentKey[]): Promise<void> {
  for (const { sql, values } of removals(keys)) await run(sql, values);
}

function removals(keys: readonly PaymentKey[]): readonly Statement[] {
  if (keys.length === 0) return [];
  return ['deliveries', 'events', 'outcomes', 'orders'].map((name) => {
    const { sql, values } = isOf(`wanpay_${name}`, keys);
    return { sql: `DELETE FROM wanpay_${name} WHERE ${sql}`, values };
  });
}

/** The row that a change can only apply to, as far as it counts. */
function assumedRow({ expectedVersion, expectedCheckAt, ...change }: OrderChange): Row | undefined {
  const { remove, payment, unknown, check, events: [first] = [] } = change;
  const isWhole = (payment ?? unknown) && !remove && (check === 'remove' || (check && 'set' in check));
  if (!expectedVersion || expectedCheckAt || !isWhole || !first) return undefined;
  return { version: expectedVersion, event_count: first.seq };
}

/** Reads orders, which nobody else can change until the transaction has ended. */
async function lock(run: Run, changes: readonly OrderChange[]): Promise<ReadonlyMap<string, Row>> {
  if (changes.length === 0) return new Map();
  const { sql, values } = isOf('o', changes);
  const columns = ['merchant_no', 'order_no', ...PROGRESS].join(', ');
  const { rows } = await run(`SELECT ${columns} FROM wanpay_orders o WHERE ${sql} FOR UPDATE`, values);
  return new Map(
    rows.map((row) => [nameOf({ merchantNo: String(row.merchant_no), orderNo: String(row.order_no) }), row]),
  );
}

/** Runs the statements one after the other. Each is written out while the server is at the one before. */
async function write(db: Database, run: Run, applied: readonly Applied[]): Promise<void> {
  const hasEvents = applied.some(({ change: { events = [] } }) => events.length > 0);
  // They are read here and not kept, so that a handler which another process has just got is not missed.
  const subscriptions = hasEvents ? run('SELECT number, type FROM wanpay_subscriptions ORDER BY number') : undefined;
  let last: Promise<unknown> = Promise.resolve(subscriptions);
  for await (const { sql, values, affects } of statementsOf(applied, subscriptions)) {
    const text = db.format(sql, values);
    await last;
    last = run(text).then(({ affected }) => {
      if (affects !== undefined && affected !== affects) throw WRONG_GUESS;
    });
    last.catch(ignore);
  }
  await last;
}

async function* statementsOf(
  applied: readonly Applied[],
  subscriptions: Promise<Result> | undefined,
): AsyncGenerator<Statement> {
  // What is written out soonest comes first, so that the server is at it while the orders are written out.
  yield* removals(applied.flatMap(({ change }) => (change.remove ? [change] : [])));
  yield* outcomes(applied);
  yield* orders(applied);
  if (subscriptions) yield* events(applied, (await subscriptions).rows);
}

function orders(applied: readonly Applied[]): readonly Statement[] {
  const rows = applied.flatMap(({ change, row, isAssumed }) => {
    const { remove, payment, unknown, expectedVersion, check, merchantNo, orderNo } = change;
    const hasContent = (payment ?? unknown) !== undefined;
    if (remove || (!hasContent && expectedVersion === undefined && !check)) return [];
    const progress = progressOf(change, row);
    const content = hasContent ? contentOf(change, writeRest) : ANY_CONTENT;
    const values = [merchantNo, orderNo, ...content, ...PROGRESS.map((name) => progress[name])];
    return [{ how: !row ? CREATE : isAssumed ? REPLACE_EXPECTED : hasContent ? REPLACE : UPDATE, values }];
  });
  return [CREATE, REPLACE_EXPECTED, REPLACE, UPDATE].flatMap((how) => {
    const ofKind = rows.flatMap((row) => (row.how === how ? [row.values] : []));
    // MySQL counts a row twice that was there and is another now.
    return insertion(how, ofKind).map((each) =>
      how === REPLACE_EXPECTED ? { ...each, affects: 2 * ofKind.length } : each,
    );
  });
}

function outcomes(applied: readonly Applied[]): readonly Statement[] {
  const rows = applied.flatMap(({ change: { merchantNo, orderNo, outcomes: seen = [] } }) =>
    seen.map(({ digest, source, outcome, change, firstSeenAt, lastSeenAt, count }) => [
      ...[merchantNo, orderNo, digest, source, change?.from, change?.to],
      ...[firstSeenAt, lastSeenAt, count, writeDocument(outcome)],
    ]),
  );
  return insertion(SEE, rows);
}

function events(applied: readonly Applied[], subscriptions: readonly Row[]): readonly Statement[] {
  const subscribed = new Set(subscriptions.map(({ type }) => type));
  const recorded = applied.flatMap(({ change: { merchantNo, orderNo, events: added = [] } }) =>
    added.map(({ seq, id, type, occurredAt, livemode, details }) => [
      ...[merchantNo, orderNo, seq, id, type, occurredAt, livemode, !subscribed.has(type), writeDocument(details)],
    ]),
  );
  const deliveries = applied.flatMap(({ change: { merchantNo, orderNo, events: added = [] } }) =>
    added.flatMap(({ seq, type, occurredAt }) =>
      subscriptions
        .filter((subscription) => subscription.type === type)
        .map(({ number }) => [merchantNo, orderNo, seq, number, occurredAt]),
    ),
  );
  return [...insertion(RECORD, recorded), ...insertion(DELIVER, deliveries)];
}

function insertion(sql: string, rows: readonly (readonly Value[])[]): readonly Statement[] {
  return rows.length > 0 ? [{ sql, values: [rows] }] : [];
}
