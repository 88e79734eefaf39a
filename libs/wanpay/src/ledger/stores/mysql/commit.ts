import { nameOf } from '../../order-key.js';
import { writeDocument } from '../../record.js';
import type { OrderChange } from '../../store.js';
import { isCreation, isExpectedOrder, progressOf } from '../changed-rows.js';
import { isOf, type Value } from '../conditions.js';
import { writeRest } from '../order-row.js';
import { CONTENT_COLUMNS, contentOf, type Row } from '../rows.js';
import type { Database, Run } from './database.js';

const PROGRESS = ['version', 'event_count', 'next_check_at', 'check_failures'] as const;
/** What stands in for the content of an order that is there and keeps its own. */
const ANY_CONTENT = ['', null, false, 0, 0, null, null, null, ''];
const CREATE = `INSERT INTO wanpay_orders (merchant_no, order_no, ${[...PROGRESS, ...CONTENT_COLUMNS].join(', ')}) VALUES ?`;
const given = (columns: readonly string[]): string => columns.map((name) => `${name} = VALUES(${name})`).join(', ');
/** The rows are there, and locked, so this writes all of them at once. */
const UPDATE = `${CREATE} ON DUPLICATE KEY UPDATE ${given(PROGRESS)}`;
const REPLACED = given(CONTENT_COLUMNS.filter((name) => name !== 'settled_by'));
const REPLACE = `${UPDATE}, ${REPLACED}, settled_by = COALESCE(VALUES(settled_by), settled_by)`;
const SEE = `INSERT INTO wanpay_outcomes (merchant_no, order_no, digest, source, from_state, to_state, first_seen_at,
    last_seen_at, \`count\`, outcome) VALUES ?
  ON DUPLICATE KEY UPDATE \`count\` = \`count\` + VALUES(\`count\`), last_seen_at = GREATEST(last_seen_at, VALUES(last_seen_at))`;
const RECORD = `INSERT INTO wanpay_events (merchant_no, order_no, seq, id, type, occurred_at, livemode, kept, details) VALUES ?`;
const DELIVER = `INSERT INTO wanpay_deliveries (merchant_no, order_no, seq, subscription, due_at) VALUES ?`;

/** A change, and the row that it was found to apply to; none where it creates the order. */
interface Applied {
  readonly change: OrderChange;
  readonly row?: Row;
}

/**
 * {@link LedgerStore.commit}, with one statement for each kind of row: a batch takes as many round trips as a lone change.
 * Changes are written in the order of their keys, in which every batch locks orders.
 */
export function commitChanges(db: Database, changes: readonly OrderChange[]): Promise<readonly boolean[]> {
  const sorted = changes.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return db.change(async (run, tries) => {
    // An order that is to be created seldom is there; that it is, is found out by a first try that fails.
    const mayBeThere = sorted.filter((change) => tries > 1 || !isCreation(change));
    const found = await lock(run, mayBeThere);
    const applied = sorted.flatMap((change): readonly Applied[] => {
      const row = found.get(nameOf(change));
      if (isCreation(change)) return row ? [] : [{ change }];
      return row && isExpectedOrder(change, row) ? [{ change, row }] : [];
    });
    await writeOrders(run, applied);
    await writeOutcomes(run, applied);
    await writeEvents(run, applied);
    const written = new Set(applied.map(({ change }) => change));
    return changes.map((change) => written.has(change));
  });
}

/** Removes orders with everything that belongs to them. */
export async function removeOrders(run: Run, keys: Parameters<typeof isOf>[1]): Promise<void> {
  if (keys.length === 0) return;
  for (const table of ['deliveries', 'events', 'outcomes', 'orders'].map((name) => `wanpay_${name}`)) {
    const { sql, values } = isOf(table, keys);
    await run(`DELETE FROM ${table} WHERE ${sql}`, values);
  }
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

async function writeOrders(run: Run, applied: readonly Applied[]): Promise<void> {
  const removed = applied.flatMap(({ change }) => (change.remove ? [change] : []));
  const rows = applied.flatMap(({ change, row }) => {
    const { remove, payment, unknown, expectedVersion, check, merchantNo, orderNo } = change;
    const hasContent = (payment ?? unknown) !== undefined;
    if (remove || (!hasContent && expectedVersion === undefined && !check)) return [];
    const progress = progressOf(change, row);
    const content = hasContent ? contentOf(change, writeRest) : ANY_CONTENT;
    const values = [merchantNo, orderNo, ...PROGRESS.map((name) => progress[name]), ...content];
    return [{ how: row ? (hasContent ? REPLACE : UPDATE) : CREATE, values }];
  });
  await removeOrders(run, removed);
  for (const how of [CREATE, REPLACE, UPDATE]) {
    await insert(
      run,
      how,
      rows.flatMap((row) => (row.how === how ? [row.values] : [])),
    );
  }
}

async function writeOutcomes(run: Run, applied: readonly Applied[]): Promise<void> {
  const rows = applied.flatMap(({ change: { merchantNo, orderNo, outcomes = [] } }) =>
    outcomes.map(({ digest, source, outcome, change, firstSeenAt, lastSeenAt, count }) => [
      ...[merchantNo, orderNo, digest, source, change?.from, change?.to],
      ...[firstSeenAt, lastSeenAt, count, writeDocument(outcome)],
    ]),
  );
  await insert(run, SEE, rows);
}

/** Subscriptions are read here and not kept, so that a handler which another process has just got is not missed. */
async function writeEvents(run: Run, applied: readonly Applied[]): Promise<void> {
  const events = applied.flatMap(({ change: { merchantNo, orderNo, events: recorded = [] } }) =>
    recorded.map((event) => ({ merchantNo, orderNo, event })),
  );
  if (events.length === 0) return;
  const { rows: subscriptions } = await run('SELECT number, type FROM wanpay_subscriptions ORDER BY number');
  const subscribed = new Set(subscriptions.map(({ type }) => type));
  await insert(
    run,
    RECORD,
    events.map(({ merchantNo, orderNo, event: { seq, id, type, occurredAt, livemode, details } }) => [
      ...[merchantNo, orderNo, seq, id, type, occurredAt, livemode, !subscribed.has(type), writeDocument(details)],
    ]),
  );
  const deliveries = events.flatMap(({ merchantNo, orderNo, event: { seq, type, occurredAt } }) =>
    subscriptions
      .filter((subscription) => subscription.type === type)
      .map(({ number }) => [merchantNo, orderNo, seq, number, occurredAt]),
  );
  await insert(run, DELIVER, deliveries);
}

async function insert(run: Run, sql: string, rows: readonly (readonly Value[])[]): Promise<void> {
  if (rows.length > 0) await run(sql, [rows]);
}
