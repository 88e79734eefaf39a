import type * as store from '../../store.js';
import type { StoredEvent } from '../../stored-event.js';
import { nextDue, type Row, toDelivery, toSubscriptions } from '../rows.js';
import { type Bindable, type Connection, EVER, NEVER } from './connection.js';
import { paymentOf } from './payments.js';

const OF_HANDLER = 'merchant_no = ? AND order_no = ? AND handler = ?';
const WAITING = `state IN ('pending', 'claimed')`;
const RECORD = `INSERT INTO wanpay_deliveries (merchant_no, order_no, handler, seq, type, occurred_at, due_at, is_next)
  VALUES (?, ?, ?, ?, ?, ?, ?,
    NOT EXISTS (SELECT 1 FROM wanpay_deliveries WHERE ${OF_HANDLER} AND ${WAITING}))`;
/** That a delivery is as a change expects it to be. */
const EXPECTED = `${OF_HANDLER} AND seq = ? AND iif(? IS NULL, state <> 'claimed', ${WAITING} AND claim = ?)`;
const MARK_NEXT = `UPDATE wanpay_deliveries SET is_next = 1 - is_next
  WHERE ${OF_HANDLER} AND ${WAITING}
    AND is_next <> (seq = (SELECT min(seq) FROM wanpay_deliveries WHERE ${OF_HANDLER} AND ${WAITING}))`;
const DUE = `SELECT position, due_at FROM wanpay_deliveries
  WHERE handler = ? AND type = ? AND is_next = 1 AND due_at <= ? ORDER BY due_at LIMIT ?`;
const CLAIM = `UPDATE wanpay_deliveries SET state = 'claimed', attempts = attempts + 1, claim = claim + 1, due_at = ?
  WHERE position = ?`;
const RENEW = `UPDATE wanpay_deliveries SET state = 'claimed', due_at = ?, attempts = coalesce(?, attempts)
  WHERE ${EXPECTED}`;
const FINISH = `UPDATE wanpay_deliveries SET state = ?, is_next = is_next AND ?, due_at = ?,
  attempts = coalesce(?, attempts), failure = ?, finished_at = ? WHERE ${EXPECTED}`;
const READ = `SELECT d.*, e.id, e.livemode, e.details, o.state AS order_state, o.document
  FROM wanpay_deliveries AS d
  JOIN wanpay_events AS e USING (merchant_no, order_no, seq) JOIN wanpay_orders AS o USING (merchant_no, order_no)
  WHERE d.position = ?`;
const SUBSCRIPTIONS = `SELECT * FROM wanpay_subscriptions
  WHERE handler = coalesce(?, handler) AND type = coalesce(?, type)`;

/** Records a new event's delivery to a handler. */
export function recordDelivery(db: Connection, key: store.DeliveryKey, { type, occurredAt }: StoredEvent): void {
  const ofHandler = [key.merchantNo, key.orderNo, key.handler];
  db.run(RECORD, ...ofHandler, key.seq, type, occurredAt, occurredAt, ...ofHandler);
}

/**
 * Marks the first of an order's deliveries to a handler that wait, and no other. Only that one may be handed out, so looking
 * for work costs what can be worked on, however many wait behind others.
 */
export function markNext(db: Connection, ...ofHandler: readonly Bindable[]): void {
  db.run(MARK_NEXT, ...ofHandler, ...ofHandler);
}

/** {@link LedgerStore.claimDeliveries} */
export function claimDeliveries(db: Connection, claim: store.DeliveryClaim): store.ClaimedDeliveries {
  const { subscriptions, now, leaseUntil, limit } = claim;
  const claimable = (until: Bindable, most: number): readonly Row[] =>
    subscriptions
      .flatMap(({ handler, type }) => db.all(DUE, handler, type, until, most))
      .sort((a, b) => Number(a.due_at) - Number(b.due_at))
      .slice(0, most);
  const deliveries = claimable(now, limit).map(({ position }) => {
    db.run(CLAIM, leaseUntil, position);
    return read(db, position);
  });
  if (limit > 0 && deliveries.length === limit) return { deliveries };
  const [next] = claimable(NEVER, 1);
  return { deliveries, ...nextDue(next?.due_at) };
}

/** Tells whether a change could be applied. */
export function isExpected(db: Connection, change: store.DeliveryChange): boolean {
  return db.first(`SELECT 1 FROM wanpay_deliveries WHERE ${EXPECTED}`, ...expectedOf(change)) !== undefined;
}

/** Makes one change of {@link LedgerStore.changeDeliveries}; tells whether it was applied. */
export function changeDelivery(db: Connection, change: store.DeliveryChange): boolean {
  const { merchantNo, orderNo, handler, expectedClaim, state, dueAt, attempts, finishedAt } = change;
  const expected = expectedOf(change);
  if (change.renew) return db.run(RENEW, dueAt, attempts, ...expected) > 0;
  const isPending = state === 'pending';
  // Drivers read a text as far as its first NUL.
  const failure = change.failure?.replaceAll('\0', '\uFFFD');
  if (db.run(FINISH, state, isPending, dueAt, attempts, failure, finishedAt, ...expected) === 0) return false;
  // One that was claimed and waits again is still the first.
  if (!isPending || expectedClaim === undefined) markNext(db, merchantNo, orderNo, handler);
  return true;
}

/** {@link LedgerStore.listDeliveries}. Each subscription's in a state are read along an index, as many as the page holds. */
export function listDeliveries(db: Connection, query: store.DeliveryQuery): readonly store.StoredDelivery[] {
  const { state, handler, type, from = EVER, to = NEVER, limit, before = NEVER, now } = query;
  const page = (of: store.Subscription, [rows, ...values]: Rows): readonly Row[] => {
    const sql = `SELECT position FROM wanpay_deliveries
      WHERE handler = ? AND type = ? AND ${rows} AND position < ? AND occurred_at >= ? AND occurred_at < ?
      ORDER BY position DESC LIMIT ?`;
    return db.all(sql, of.handler, of.type, ...values, before, from, to, limit);
  };
  return toSubscriptions(db.all(SUBSCRIPTIONS, handler, type))
    .flatMap((subscription) => rowsOf(state, now).flatMap((rows) => page(subscription, rows)))
    .map(({ position }) => Number(position))
    .sort((a, b) => b - a)
    .slice(0, limit)
    .map((position) => read(db, position));
}

function read(db: Connection, position: Bindable): store.StoredDelivery {
  const row = db.first(READ, position);
  if (!row) throw new TypeError(`The delivery ${String(position)} of the ledger has no event or no order.`);
  return toDelivery(row, paymentOf({ ...row, state: row.order_state }));
}

/** A condition, and its values. */
type Rows = readonly [sql: string, ...values: Bindable[]];

/** The rows that are meant by a state, or all. One whose claim has lapsed is pending. */
function rowsOf(state: store.DeliveryState | undefined, now: Date): readonly Rows[] {
  if (!state) return ['pending', 'claimed', 'delivered', 'dead'].map((stored) => ['state = ?', stored]);
  if (state === 'running') return [[`state = 'claimed' AND due_at > ?`, now]];
  const lapsed: Rows = [`state = 'claimed' AND due_at <= ?`, now];
  return [['state = ?', state], ...(state === 'pending' ? [lapsed] : [])];
}

/** The values of {@link EXPECTED}. */
function expectedOf({ merchantNo, orderNo, handler, seq, expectedClaim }: store.DeliveryChange): readonly Bindable[] {
  return [merchantNo, orderNo, handler, seq, expectedClaim, expectedClaim];
}
