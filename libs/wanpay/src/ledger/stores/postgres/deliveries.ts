import type * as store from '../../store.js';
import type { Value } from '../conditions.js';
import { CLAIM_LOST } from '../handler-turns.js';
import { handleInTransaction } from '../host-transactions.js';
import { ORDER, toPayment } from '../order-row.js';
import { nextDue, toDelivery } from '../rows.js';
import { listDeliveries as listing } from '../server-deliveries.js';
import { type Database, DIALECT, EVER, isAmongDue, type Run } from './database.js';
import { handlerDatabase } from './host-transactions.js';
import { RowSet } from './row-set.js';
import { SUBSCRIPTIONS } from './subscriptions.js';

const CHANGES = new RowSet<store.DeliveryChange>(
  `merchant_no text, order_no text, seq integer, handler text, claim integer, state text, due_at bigint, \
attempts integer, failure text, finished_at bigint`,
  ({ merchantNo, orderNo, seq, handler, expectedClaim, renew, state, dueAt, attempts, failure, finishedAt }) => [
    ...[merchantNo, orderNo, seq, handler, expectedClaim, renew ? 'claimed' : state, dueAt, attempts],
    // PostgreSQL's text holds every character but NUL, and an error's message is nobody's to choose.
    ...[failure?.replaceAll('\0', '\uFFFD'), finishedAt],
  ],
);

/** The states of a delivery that waits or runs. */
export const OPEN = `('pending', 'claimed')`;
/** That a delivery is the first of its order that its handler has yet to get. */
const CLAIMABLE = `d.subscription = mine.number AND d.state IN ${OPEN} AND NOT EXISTS (
    SELECT FROM {deliveries} e WHERE e.merchant_no = d.merchant_no AND e.order_no = d.order_no AND e.seq < d.seq
      AND e.state IN ${OPEN} AND e.subscription = ANY (mine.siblings) OFFSET 0
  )`;
/**
 * Lets the statement's transaction commit without a wait for the disk. A claim that the server loses in a crash was never
 * made. If a handler's result is lost, the delivery runs again once its claim lapses.
 */
const UNFLUSHED = `set_config('synchronous_commit', 'off', true)`;
const claimStatement = (subscriptions: string): string => `WITH mine AS MATERIALIZED (
      SELECT s.number, s.handler, ARRAY(SELECT number FROM {subscriptions} WHERE handler = s.handler) AS siblings
      FROM ${subscriptions} JOIN {subscriptions} s USING (handler, type)
    ), due AS MATERIALIZED (
      SELECT mine.handler, d.* FROM mine, LATERAL (
        SELECT d.tableoid AS place, d.ctid, d.merchant_no, d.order_no, d.seq, d.subscription, d.due_at AS was_due_at FROM {deliveries} d
        WHERE ${CLAIMABLE} AND d.due_at <= $1::bigint ORDER BY d.due_at LIMIT $3::integer
        FOR UPDATE OF d SKIP LOCKED
      ) d ORDER BY was_due_at LIMIT $3::integer
    ), claimed AS (
      UPDATE {deliveries} d SET state = 'claimed', due_at = $2::bigint, attempts = attempts + 1,
        claim = claim + 1
      WHERE ${isAmongDue('d')} RETURNING d.*
    ) SELECT ${UNFLUSHED}, next.at AS next, c.* FROM (
      SELECT min(at) AS at FROM (
        SELECT d.at FROM mine, LATERAL (
          SELECT d.due_at AS at FROM {deliveries} d WHERE ${CLAIMABLE} AND d.due_at > $1::bigint
          ORDER BY d.due_at LIMIT 1
        ) d UNION ALL SELECT $2::bigint FROM claimed
      ) n
    ) next LEFT JOIN (
      SELECT ${ORDER}, e.*, d.* FROM (
        SELECT * FROM claimed JOIN due USING (merchant_no, order_no, seq, subscription)
      ) d JOIN {events} e ON e.merchant_no = d.merchant_no AND e.order_no = d.order_no AND e.seq = d.seq
        JOIN {orders} o ON o.merchant_no = d.merchant_no AND o.order_no = d.order_no
    ) c ON true ORDER BY was_due_at, c.position`;

export const listDeliveries = listing(DIALECT);

/**
 * {@link LedgerStore.claimDeliveries}. A claimed delivery is due when its claim lapses, so one index finds both kinds. What
 * someone else is at is passed over; it stands before the later ones of its order all the same.
 */
export async function claimDeliveries(db: Database, claim: store.DeliveryClaim): Promise<store.ClaimedDeliveries> {
  const { subscriptions, now, leaseUntil, limit } = claim;
  const values: Value[] = [limit === 0 ? EVER : now, leaseUntil, limit];
  const rows = await db.query(claimStatement(SUBSCRIPTIONS.bind(subscriptions, values)), values);
  const deliveries = rows.filter(({ position }) => position).map((row) => toDelivery(row, toPayment(row)));
  return { deliveries, ...nextDue(rows[0]?.next) };
}

/** {@link LedgerStore.changeDeliveries} */
export async function changeDeliveries(
  db: Database,
  changes: readonly store.DeliveryChange[],
  work?: store.TransactionalWork,
): Promise<readonly boolean[]> {
  const [first] = changes;
  if (work && first) return [await handleInTransaction(handlerDatabase(db, finish), first, work)];
  // A change without a claim comes from a person, to whom it is confirmed.
  const isUnflushed = changes.every(({ expectedClaim }) => expectedClaim !== undefined);
  const written = new Set(await write(db.query, changes, isUnflushed ? `${UNFLUSHED}, ` : ''));
  if (changes.some(({ state, renew }, i) => state === 'pending' && !renew && written.has(i))) db.announce();
  return changes.map((_, i) => written.has(i));
}

/** What the handler wrote must not be there without this record, so both are flushed. */
async function finish(run: Run, change: store.DeliveryChange): Promise<void> {
  if ((await write(run, [change])).length === 0) throw CLAIM_LOST;
}

/** Tells the places of the changes that were applied. */
async function write(run: Run, changes: readonly store.DeliveryChange[], select = ''): Promise<readonly number[]> {
  const values: Value[] = [];
  const text = `WITH written AS (UPDATE {deliveries} d SET state = r.state, attempts = coalesce(r.attempts, d.attempts), due_at = r.due_at,
      failure = CASE WHEN r.state = 'claimed' THEN d.failure ELSE r.failure END,
      finished_at = CASE WHEN r.state = 'claimed' THEN d.finished_at ELSE r.finished_at END
    FROM ${CHANGES.bind(changes, values)} JOIN {subscriptions} s ON s.handler = r.handler
    WHERE d.merchant_no = r.merchant_no AND d.order_no = r.order_no AND d.seq = r.seq AND d.subscription = s.number
      AND CASE WHEN r.claim IS NULL THEN d.state <> 'claimed' ELSE d.claim = r.claim AND d.state IN ${OPEN} END
    RETURNING r.place) SELECT ${select}place FROM written`;
  const rows = await run(text, values);
  return rows.map(({ place }) => Number(place) - 1);
}
