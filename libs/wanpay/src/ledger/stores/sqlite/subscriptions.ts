import type { AtmEventType } from '../../events.js';
import type { StoredSubscription, Subscription, SubscriptionChange } from '../../store.js';
import { type Row, toSubscriptions } from '../rows.js';
import type { Connection } from './connection.js';

const ADD = `INSERT INTO wanpay_subscriptions (handler, type, subscribed_at, last_seen_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (handler, type) DO UPDATE SET last_seen_at = excluded.last_seen_at`;
const SEEN = 'UPDATE wanpay_subscriptions SET last_seen_at = ? WHERE handler = ? AND type = ?';
/** Deliveries that are added to events of before; which of their order is the next one is marked afterwards. */
const DELIVER = `INSERT INTO wanpay_deliveries (merchant_no, order_no, handler, seq, type, occurred_at, due_at, is_next)
  SELECT merchant_no, order_no, handler, seq, type, occurred_at, ?, 0
  FROM (SELECT ? AS handler) JOIN wanpay_events AS e
  WHERE type = ? AND is_kept IN (SELECT value FROM json_each(?)) AND occurred_at >= ? AND occurred_at < ? AND NOT EXISTS (
    SELECT 1 FROM wanpay_deliveries AS d WHERE d.merchant_no = e.merchant_no AND d.order_no = e.order_no
      AND d.handler = ? AND d.seq = e.seq)
  ORDER BY occurred_at, seq RETURNING merchant_no, order_no, handler`;
const ADOPTED = 'UPDATE wanpay_events SET is_kept = 0 WHERE type = ? AND is_kept = 1 AND occurred_at >= ?';
const LIST = `SELECT *, ${count('pending', 'claimed')} AS pending, ${count('dead')} AS dead
  FROM wanpay_subscriptions AS s ORDER BY handler, type`;

/** Who wants which events. What is known of it is remembered, since the file has no other writer. */
export class Subscriptions {
  private known: readonly Subscription[] = [];

  constructor(private readonly connection: Connection) {
    this.remember(this.list());
  }

  handlersOf(type: AtmEventType): readonly string[] {
    return this.matching(undefined, type).map(({ handler }) => handler);
  }

  matching(handler: string | undefined, type: AtmEventType | undefined): readonly Subscription[] {
    return this.known.filter(
      (known) => (handler === undefined || known.handler === handler) && (type === undefined || known.type === type),
    );
  }

  /** Called inside a transaction. It returns the deliveries that were added, which are to be marked. */
  change({ retire, add = [], seen = [], adoptSince, backfill, now }: SubscriptionChange): readonly Row[] {
    if (retire !== undefined) {
      for (const { handler, type } of this.matching(retire, undefined)) {
        this.connection.run('DELETE FROM wanpay_deliveries WHERE handler = ? AND type = ?', handler, type);
      }
      this.connection.run('DELETE FROM wanpay_subscriptions WHERE handler = ?', retire);
    }
    for (const { handler, type } of add) this.connection.run(ADD, handler, type, now, now);
    for (const { handler, type } of seen) this.connection.run(SEEN, now, handler, type);
    const subscribed = this.list();
    const adopted = adoptSince ? this.adopt(subscribed, adoptSince, now) : [];
    if (!backfill) return adopted;
    const { subscription, from, to } = backfill;
    const isMeant = (one: Subscription): boolean =>
      one.handler === subscription.handler && one.type === subscription.type;
    return [...adopted, ...subscribed.filter(isMeant).flatMap((one) => this.deliver(one, [0, 1], from, to, now))];
  }

  list(): readonly StoredSubscription[] {
    return toSubscriptions(this.connection.all(LIST));
  }

  /** To be called once a change has been committed. */
  remember(subscribed: readonly Subscription[]): void {
    this.known = subscribed;
  }

  private adopt(subscribed: readonly Subscription[], since: Date, now: Date): readonly Row[] {
    const rows = subscribed.flatMap((subscription) => this.deliver(subscription, [1], since, LATEST, now));
    for (const type of new Set(subscribed.map((subscription) => subscription.type))) {
      this.connection.run(ADOPTED, type, since);
    }
    return rows;
  }

  private deliver(
    { handler, type }: Subscription,
    kept: readonly number[],
    from: Date,
    to: Date,
    now: Date,
  ): readonly Row[] {
    return this.connection.all(DELIVER, now, handler, type, JSON.stringify(kept), from, to, handler);
  }
}

/** The last moment that there is. */
const LATEST = new Date(8_640_000_000_000_000);

function count(...states: readonly string[]): string {
  const list = states.map((state) => `'${state}'`).join(', ');
  return `(SELECT count(*) FROM wanpay_deliveries AS d
    WHERE d.handler = s.handler AND d.type = s.type AND d.state IN (${list}))`;
}
