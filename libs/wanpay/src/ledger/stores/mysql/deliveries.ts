import type { HostTransactions } from '../../host-transactions.js';
import type * as store from '../../store.js';
import { isExpectedDelivery } from '../changed-rows.js';
import { allOf, anyOf, unionOf, type Value } from '../conditions.js';
import { CLAIM_LOST, TransactionEndedError } from '../handler-turns.js';
import { ORDER, toPayment } from '../order-row.js';
import { nextDue, type Row, toDelivery } from '../rows.js';
import type { Database, Run } from './database.js';
import { transactWithHost } from './host-transactions.js';

/** The states of a delivery that waits or runs. */
const OPEN = ['pending', 'claimed'];
/** What a state that can be asked for may be in the table. */
const STORED = { pending: OPEN, running: ['claimed'], delivered: ['delivered'], dead: ['dead'] };
/** The delivery comes last: its state is the one meant. */
const SELECTION = `${ORDER}, e.*, s.handler, d.*`;
const JOINS = `STRAIGHT_JOIN wanpay_subscriptions s ON s.number = d.subscription
  STRAIGHT_JOIN wanpay_events e ON e.merchant_no = d.merchant_no AND e.order_no = d.order_no AND e.seq = d.seq
  STRAIGHT_JOIN wanpay_orders o ON o.merchant_no = d.merchant_no AND o.order_no = d.order_no`;
/** Of one subscription and state, the next deliveries that are the first of their order which their handler has yet to get. */
const NEXT = `SELECT d.\`position\`, d.due_at FROM wanpay_deliveries d FORCE INDEX (wanpay_deliveries_due)
  WHERE d.subscription = ? AND d.state = ? AND (
    SELECT 1 FROM wanpay_deliveries e FORCE INDEX (wanpay_deliveries_of_order)
    WHERE e.merchant_no = d.merchant_no AND e.order_no = d.order_no AND e.seq < d.seq
      AND e.subscription IN (?) AND e.state IN ('pending', 'claimed') LIMIT 1
  ) IS NULL ORDER BY d.due_at LIMIT ?`;
const LOCK = `SELECT \`position\` FROM wanpay_deliveries WHERE \`position\` IN (?) AND state IN (?) AND due_at <= ?
  FOR UPDATE SKIP LOCKED`;
const CLAIM = `UPDATE wanpay_deliveries SET state = 'claimed', due_at = ?, attempts = attempts + 1, claim = claim + 1
  WHERE \`position\` IN (?)`;
const CHANGED = ['state', 'due_at', 'attempts', 'failure', 'finished_at'];
const WRITE = `INSERT INTO wanpay_deliveries
    (\`position\`, merchant_no, order_no, seq, subscription, state, due_at, attempts, failure, finished_at) VALUES ?
  ON DUPLICATE KEY UPDATE ${CHANGED.map((name) => `${name} = VALUES(${name})`).join(', ')}`;

/** How often a claim looks again that others came before. */
const MAX_LOOKS = 5;

/**
 * {@link LedgerStore.claimDeliveries}. One statement tells what is due and what falls due next, and where nothing is due no
 * transaction is begun. What someone else is at is passed over; it stands before the later ones of its order all the same.
 */
export async function claimDeliveries(db: Database, claim: store.DeliveryClaim): Promise<store.ClaimedDeliveries> {
  const { now, leaseUntil, limit } = claim;
  for (let looks = 1; ; looks += 1) {
    const next = await findNext(db, claim);
    const isLater = ({ due_at }: Row): boolean => limit === 0 || Number(due_at) > now.getTime();
    const due = next.filter((row) => !isLater(row)).map(({ position }) => Number(position));
    const deliveries = due.length === 0 ? [] : await db.change((run) => take(run, claim, due));
    if (deliveries.length === 0 && due.length > 0 && looks < MAX_LOOKS) continue;
    if (deliveries.length > 0 && deliveries.length === limit) return { deliveries };
    const soonest = [...next.filter(isLater).map(({ due_at }) => Number(due_at)), ...deliveries.map(() => +leaseUntil)];
    return { deliveries, ...nextDue(soonest.length === 0 ? undefined : Math.min(...soonest)) };
  }
}

/** {@link LedgerStore.changeDeliveries} */
export async function changeDeliveries(
  db: Database,
  changes: readonly store.DeliveryChange[],
  work?: store.TransactionalWork,
  host?: HostTransactions<unknown>,
): Promise<readonly boolean[]> {
  const [first] = changes;
  if (!first) return [];
  if (work) return [await transact(db, first, work, host)];
  const written = await db.change((run) => write(run, changes));
  return changes.map((change) => written.has(change));
}

/** {@link LedgerStore.listDeliveries}. Of each subscription and state as many as the page holds are read along its index. */
export async function listDeliveries(
  db: Database,
  query: store.DeliveryQuery,
): Promise<readonly store.StoredDelivery[]> {
  const { state, handler, type, from, to, before = Number.MAX_SAFE_INTEGER, limit, now } = query;
  const filter = allOf([
    from && { sql: 'e.occurred_at >= ?', values: [from] },
    to && { sql: 'e.occurred_at < ?', values: [to] },
    state === 'running' && { sql: 'd.due_at > ?', values: [now] },
    state === 'pending' && { sql: `(d.state = 'pending' OR d.due_at <= ?)`, values: [now] },
  ]);
  const subscriptions = (await readSubscriptions(db)).filter(
    (each) => (handler ?? each.handler) === each.handler && (type ?? each.type) === each.type,
  );
  const states = state ? STORED[state] : [...OPEN, 'delivered', 'dead'];
  const sql = `SELECT ${SELECTION} FROM wanpay_deliveries d FORCE INDEX (wanpay_deliveries_listed) ${JOINS}
    WHERE d.subscription = ? AND d.state = ? AND d.\`position\` < ?${filter.sql} ORDER BY d.\`position\` DESC LIMIT ?`;
  const pages = subscriptions.flatMap(({ number }) =>
    states.map((stored) => db.read(sql, [number, stored, before, ...filter.values, limit])),
  );
  const deliveries = (await Promise.all(pages)).flat().map((row) => toDelivery(row, toPayment(row)));
  return deliveries.sort((a, b) => b.position - a.position).slice(0, limit);
}

/** What can be claimed, soonest first: twice as many as are asked for, since others may take some of them first. */
async function findNext(db: Database, { subscriptions, limit }: store.DeliveryClaim): Promise<readonly Row[]> {
  const known = await readSubscriptions(db);
  const mine = known.filter((one) => subscriptions.some((of) => of.handler === one.handler && of.type === one.type));
  if (mine.length === 0) return [];
  const most = 2 * limit + 1;
  const selects = mine.flatMap(({ number, handler }) => {
    const siblings = known.filter((each) => each.handler === handler).map((each) => each.number);
    return OPEN.map((state) => ({ sql: NEXT, values: [number, state, siblings, most] }));
  });
  return db.read(...unionOf(selects, 'ORDER BY due_at, `position` LIMIT ?', most));
}

/** Claims as many as are asked for of those that are still due and that nobody else is at. */
async function take(
  run: Run,
  { now, leaseUntil, limit }: store.DeliveryClaim,
  due: readonly number[],
): Promise<readonly store.StoredDelivery[]> {
  const taken: number[] = [];
  for (let from = 0; taken.length < limit && from < due.length;) {
    const some = due.slice(from, from + limit - taken.length);
    const { rows } = await run(LOCK, [some, OPEN, now]);
    const locked = new Set(rows.map(({ position }) => Number(position)));
    taken.push(...some.filter((position) => locked.has(position)));
    from += some.length;
  }
  if (taken.length === 0) return [];
  await run(CLAIM, [leaseUntil, taken]);
  const { rows } = await run(`SELECT ${SELECTION} FROM wanpay_deliveries d ${JOINS} WHERE d.\`position\` IN (?)`, [
    taken,
  ]);
  const found = new Map(rows.map((row) => [Number(row.position), toDelivery(row, toPayment(row))]));
  return taken.flatMap((position) => found.get(position) ?? []);
}

async function readSubscriptions(db: Database): Promise<readonly Row[]> {
  return db.read('SELECT number, handler, type FROM wanpay_subscriptions ORDER BY number');
}

function transact(
  db: Database,
  change: store.DeliveryChange,
  work: store.TransactionalWork,
  host?: HostTransactions<unknown>,
): Promise<boolean> {
  const perform = async (run: Run, connection: unknown): Promise<void> => {
    await run('SAVEPOINT wanpay');
    await work.run(connection);
    // It is gone where the transaction has ended, and then what is written next would be committed by itself.
    await run('RELEASE SAVEPOINT wanpay').catch((error: unknown) => {
      throw new TransactionEndedError(change.handler, error);
    });
    if ((await write(run, [change])).size === 0) throw CLAIM_LOST;
  };
  return db.handlerTurns.run(work.signal, () =>
    host ? transactWithHost(db, host, change, work) : db.transaction(perform, work.signal),
  );
}

/** Tells which changes were applied. */
async function write(run: Run, changes: readonly store.DeliveryChange[]): Promise<ReadonlySet<store.DeliveryChange>> {
  const { sql, values } = anyOf(
    changes.map(({ merchantNo, orderNo, seq }) => ({
      sql: 'd.merchant_no = ? AND d.order_no = ? AND d.seq = ?',
      values: [merchantNo, orderNo, seq],
    })),
  );
  const { rows } = await run(
    `SELECT d.*, (SELECT s.handler FROM wanpay_subscriptions s WHERE s.number = d.subscription) AS handler
    FROM wanpay_deliveries d FORCE INDEX (wanpay_deliveries_of_order) WHERE ${sql}
      AND d.subscription IN (SELECT s.number FROM wanpay_subscriptions s WHERE s.handler IN (?)) FOR UPDATE`,
    [...values, changes.map(({ handler }) => handler)],
  );
  const found = new Map(rows.map((row) => [[row.merchant_no, row.order_no, row.seq, row.handler].join('\n'), row]));
  const applied = changes.flatMap((change) => {
    const row = found.get([change.merchantNo, change.orderNo, change.seq, change.handler].join('\n'));
    return row && isExpectedDelivery(change, row) ? [{ change, row }] : [];
  });
  if (applied.length > 0) await run(WRITE, [applied.map(({ change, row }) => toRow(change, row))]);
  return new Set(applied.map(({ change }) => change));
}

function toRow(change: store.DeliveryChange, row: Row): readonly Value[] {
  const { renew, state, dueAt, attempts, failure, finishedAt } = change;
  return [
    ...[row.position, row.merchant_no, row.order_no, row.seq, row.subscription, renew ? 'claimed' : state, dueAt],
    ...[attempts ?? row.attempts, renew ? row.failure : failure, renew ? row.finished_at : finishedAt],
  ];
}
