import type { AtmEventType } from '../../events.js';
import type { Subscription, SubscriptionChange, Subscriptions } from '../../store.js';
import { toSubscriptions } from '../rows.js';
import { type Bindable, type Connection, NEVER } from './connection.js';
import { markNext } from './deliveries.js';

const ADD = `INSERT INTO wanpay_subscriptions (handler, type, subscribed_at, last_seen_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (handler, type) DO UPDATE SET last_seen_at = excluded.last_seen_at`;
const SEEN = 'UPDATE wanpay_subscriptions SET last_seen_at = ? WHERE handler = ? AND type = ?';
const DELIVER = `INSERT OR IGNORE INTO wanpay_deliveries
    (merchant_no, order_no, handler, seq, type, occurred_at, due_at, is_next)
  SELECT merchant_no, order_no, handler, seq, s.type, occurred_at, ?, 0
  FROM wanpay_subscriptions AS s CROSS JOIN wanpay_events AS e
  WHERE handler = coalesce(?, handler) AND s.type = coalesce(?, s.type)
    AND e.type = s.type AND is_kept IN (?, 1) AND occurred_at >= ? AND occurred_at < ?
  ORDER BY occurred_at, seq RETURNING merchant_no, order_no, handler`;
const ADOPTED = `UPDATE wanpay_events SET is_kept = 0
  WHERE type IN (SELECT type FROM wanpay_subscriptions) AND is_kept = 1 AND occurred_at >= ?`;
const OWN = 'FROM wanpay_deliveries AS d WHERE d.handler = s.handler AND d.type = s.type';
const LIST = `SELECT *, (SELECT count(*) ${OWN} AND d.state IN ('pending', 'claimed')) AS pending,
    (SELECT count(*) ${OWN} AND d.state = 'dead') AS dead
  FROM wanpay_subscriptions AS s ORDER BY handler, type`;

/** What is known of the subscriptions is remembered until they change, since a file has one writer. */
const KNOWN = new WeakMap<Connection, readonly Subscription[]>();

/** The handlers that have subscribed to a type. */
export function handlersOf(db: Connection, type: AtmEventType): readonly string[] {
  const known = KNOWN.get(db) ?? toSubscriptions(db.all('SELECT * FROM wanpay_subscriptions'));
  KNOWN.set(db, known);
  return known.filter((subscription) => subscription.type === type).map(({ handler }) => handler);
}

/** {@link LedgerStore.subscribe} */
export function changeSubscriptions(db: Connection, change: SubscriptionChange): Subscriptions {
  const { retire, add = [], seen = [], adoptSince, backfill, now } = change;
  let added = 0;
  KNOWN.delete(db);
  if (retire !== undefined) {
    db.run('DELETE FROM wanpay_deliveries WHERE handler = ?', retire);
    db.run('DELETE FROM wanpay_subscriptions WHERE handler = ?', retire);
  }
  for (const { handler, type } of add) db.run(ADD, handler, type, now, now);
  for (const { handler, type } of seen) db.run(SEEN, now, handler, type);
  if (adoptSince) {
    added += deliver(db, now, undefined, undefined, 1, adoptSince, NEVER);
    db.run(ADOPTED, adoptSince);
  }
  if (backfill) {
    const { subscription, from, to } = backfill;
    added += deliver(db, now, subscription.handler, subscription.type, 0, from, to);
  }
  return { subscriptions: toSubscriptions(db.all(LIST)), added };
}

/** Gives events to subscriptions that have not had them; returns how many. */
function deliver(db: Connection, ...which: readonly Bindable[]): number {
  const added = db.all(DELIVER, ...which);
  const distinct = new Map(added.map((row) => [JSON.stringify(row), row]));
  for (const row of distinct.values()) markNext(db, row.merchant_no, row.order_no, row.handler);
  return added.length;
}
