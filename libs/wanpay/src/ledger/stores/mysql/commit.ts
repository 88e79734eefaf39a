import { compareKeys } from '../../order-key.js';
import type { OrderChange } from '../../store.js';
import { type ChangedOrder, changedOrders, isToBeRead, progressOf } from '../changed-rows.js';
import { isOf } from '../conditions.js';
import { ignore } from '../ignore.js';
import { writeRest } from '../order-row.js';
import { removals } from '../removals.js';
import { byOrder, CONTENT_COLUMNS, contentOf, type Row } from '../rows.js';
import { EVENT_COLUMNS, OUTCOME_COLUMNS, outcomeRow, outcomesOf, recordedRows } from '../written-rows.js';
import { type Database, type Result, type Run, WRONG_GUESS } from './database.js';
import { insertions, type Statement } from './insertions.js';

const PROGRESS = ['event_count', 'next_check_at', 'check_failures', 'version'] as const;
/** The version comes last: in a condition on it, what follows would see the new one. */
const COLUMNS = [...CONTENT_COLUMNS, ...PROGRESS] as const;
/** Stands in for the content of an order that exists and keeps its own. */
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
const SEE = `INSERT INTO wanpay_outcomes (${OUTCOME_COLUMNS}) VALUES ?
  ON DUPLICATE KEY UPDATE \`count\` = \`count\` + VALUES(\`count\`), last_seen_at = GREATEST(last_seen_at, VALUES(last_seen_at))`;
const RECORD = `INSERT INTO wanpay_events (${EVENT_COLUMNS}, kept) VALUES ?`;
const DELIVER = 'INSERT INTO wanpay_deliveries (merchant_no, order_no, seq, subscription, due_at) VALUES ?';

/**
 * {@link LedgerStore.commit}, with one or two statements for each kind of row: a batch takes few more round trips than a lone
 * change. Changes are written in the order of their keys, in which every batch locks orders. A first try that assumed something
 * wrong fails, and a second one reads before it writes.
 */
export function commit(db: Database, changes: readonly OrderChange[]): Promise<readonly boolean[]> {
  const sorted = changes.toSorted(compareKeys);
  return db.change(async (run, tries) => {
    const unread = sorted.filter((change) => isToBeRead(change, tries));
    const changed = changedOrders(sorted, await lock(run, unread), tries);
    await write(db, run, changed);
    const written = new Set(changed.map(({ change }) => change));
    return changes.map((change) => written.has(change));
  });
}

/** Reads orders, which nobody else can change until the transaction has ended. */
async function lock(run: Run, changes: readonly OrderChange[]): Promise<ReadonlyMap<string, Row>> {
  if (changes.length === 0) return new Map();
  const { sql, values } = isOf('o', changes);
  const columns = ['merchant_no', 'order_no', ...PROGRESS].join(', ');
  return byOrder((await run(`SELECT ${columns} FROM wanpay_orders o WHERE ${sql} FOR UPDATE`, values)).rows);
}

/** Runs the statements one after the other. Each is written out while the server is at the one before. */
async function write(db: Database, run: Run, changed: readonly ChangedOrder[]): Promise<void> {
  const hasEvents = changed.some(({ change: { events = [] } }) => events.length > 0);
  // They are read here and not kept, so that a handler which another process has just got is not missed.
  const subscriptions = hasEvents ? run('SELECT number, type FROM wanpay_subscriptions ORDER BY number') : undefined;
  let last: Promise<unknown> = Promise.resolve(subscriptions);
  for await (const { sql, values, affects } of statementsOf(changed, subscriptions)) {
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
  changed: readonly ChangedOrder[],
  subscriptions: Promise<Result> | undefined,
): AsyncGenerator<Statement> {
  // What is written out soonest comes first, so that the server is at it while the orders are written out.
  yield* removals(changed.flatMap(({ change }) => (change.remove ? [change] : [])));
  const seen = outcomesOf(changed).map(({ change, outcome }) => outcomeRow(change, outcome));
  yield* insertions(SEE, seen);
  yield* orders(changed);
  if (!subscriptions) return;
  const { events, deliveries } = recordedRows(changed, (await subscriptions).rows);
  yield* [...insertions(RECORD, events), ...insertions(DELIVER, deliveries)];
}

function orders(changed: readonly ChangedOrder[]): readonly Statement[] {
  const rows = changed.flatMap(({ change, row, isAssumed }) => {
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
    return insertions(how, ofKind, how === REPLACE_EXPECTED ? 2 : undefined);
  });
}
