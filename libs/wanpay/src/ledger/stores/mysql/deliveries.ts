import type * as store from '../../store.js';
import { changedDeliveries, deliveryRow } from '../changed-rows.js';
import { isOfEvent, unionOf } from '../conditions.js';
import { handleInTransaction } from '../host-transactions.js';
import { toPayment } from '../order-row.js';
import { nextDue, OPEN, type Row, toDelivery } from '../rows.js';
import { joined, listDeliveries as listing, readSubscriptions, SELECTION } from '../server-deliveries.js';
import { type Database, DIALECT, type Run } from './database.js';
import { handlerDatabase } from './host-transactions.js';

const JOINS = joined('STRAIGHT_JOIN');
/** Of one subscription and state, the next deliveries that are the first of their order which their handler has yet to get. */
const NEXT = `(SELECT d.\`position\`, d.due_at FROM wanpay_deliveries d FORCE INDEX (wanpay_deliveries_due)
  WHERE d.subscription = ? AND d.state = ? AND (
    SELECT 1 FROM wanpay_deliveries e FORCE INDEX (wanpay_deliveries_of_order)
    WHERE e.merchant_no = d.merchant_no AND e.order_no = d.order_no AND e.seq < d.seq
      AND e.subscription IN (?) AND e.state IN ('pending', 'claimed') LIMIT 1
  ) IS NULL ORDER BY d.due_at LIMIT ?)`;
const LOCK = `SELECT \`position\` FROM wanpay_deliveries WHERE \`position\` IN (?) AND state IN (?) AND due_at <= ?
  FOR UPDATE SKIP LOCKED`;
const CLAIM = `UPDATE wanpay_deliveries SET state = 'claimed', due_at = ?, attempts = attempts + 1, claim = claim + 1
  WHERE \`position\` IN (?)`;
const CHANGED = ['state', 'due_at', 'attempts', 'failure', 'finished_at'];
const WRITE = `INSERT INTO wanpay_deliveries
    (\`position\`, merchant_no, order_no, seq, subscription, state, due_at, attempts, failure, finished_at) VALUES ?
  ON DUPLICATE KEY UPDATE ${CHANGED.map((name) => `${name} = VALUES(${name})`).join(', ')}`;

export const listDeliveries = listing(DIALECT);

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
): Promise<readonly boolean[]> {
  const [first] = changes;
  if (!first) return [];
  if (work) return [await handleInTransaction(handlerDatabase(db), first, work)];
  const written = await db.change((run) => write(run, changes));
  return changes.map((change) => written.has(change));
}

/** What can be claimed, soonest first: twice as many as are asked for, since others may take some of them first. */
async function findNext(db: Database, { subscriptions, limit }: store.DeliveryClaim): Promise<readonly Row[]> {
  const known = await readSubscriptions(db.selectPlanned);
  const mine = known.filter((one) => subscriptions.some((of) => of.handler === one.handler && of.type === one.type));
  if (mine.length === 0) return [];
  const most = 2 * limit + 1;
  const selects = mine.flatMap(({ number, handler }) => {
    const siblings = known.filter((each) => each.handler === handler).map((each) => each.number);
    return OPEN.map((state) => ({ sql: NEXT, values: [number, state, siblings, most] }));
  });
  return db.select(unionOf(selects, 'ORDER BY due_at, `position` LIMIT ?', most));
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

/** Tells which changes were applied. */
async function write(run: Run, changes: readonly store.DeliveryChange[]): Promise<ReadonlySet<store.DeliveryChange>> {
  const { sql, values } = isOfEvent('d', changes);
  const { rows } = await run(
    `SELECT d.*, (SELECT s.handler FROM wanpay_subscriptions s WHERE s.number = d.subscription) AS handler
    FROM wanpay_deliveries d FORCE INDEX (wanpay_deliveries_of_order) WHERE ${sql}
      AND d.subscription IN (SELECT s.number FROM wanpay_subscriptions s WHERE s.handler IN (?)) FOR UPDATE`,
    [...values, changes.map(({ handler }) => handler)],
  );
  const changed = changedDeliveries(changes, rows);
  if (changed.length > 0) await run(WRITE, [changed.map(deliveryRow)]);
  return new Set(changed.map(({ change }) => change));
}
