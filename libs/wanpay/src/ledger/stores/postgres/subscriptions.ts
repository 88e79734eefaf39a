import type { Subscription, SubscriptionChange, Subscriptions } from '../../store.js';
import type { Value } from '../conditions.js';
import { isRead } from '../changed-rows.js';
import { toSubscriptions } from '../rows.js';
import type { Select } from '../server-orders.js';
import { writeSubscriptions } from '../server-subscriptions.js';
import type { Database, Run } from './database.js';
import { RowSet } from './row-set.js';

/** Subscriptions that a process has. */
export const SUBSCRIPTIONS = new RowSet<Subscription>('handler text, type text', (of) => [of.handler, of.type]);

const LIST = `SELECT s.*, ${count(`'pending', 'claimed'`)} AS pending, ${count(`'dead'`)} AS dead
  FROM {subscriptions} s ORDER BY number`;

/** {@link LedgerStore.subscribe}. No other change and no purge runs beside a change. */
export async function subscribe(db: Database, change: SubscriptionChange): Promise<Subscriptions> {
  const added = isRead(change) ? 0 : await db.maintain((select, run) => apply(select, run, change));
  if (added > 0) db.announce();
  return { subscriptions: toSubscriptions(await db.query(LIST)), added };
}

async function apply(select: Select, run: Run, change: SubscriptionChange): Promise<number> {
  const { adoptSince, backfill, now } = change;
  await writeSubscriptions(select, change);
  let added = 0;
  if (adoptSince) {
    const adopted = `UPDATE {events} e SET kept = false FROM (SELECT DISTINCT type FROM {subscriptions}) s
      WHERE e.kept AND e.type = s.type AND e.occurred_at >= $2::bigint RETURNING e.*`;
    added += await deliver(run, adopted, `s.type = e.type`, [now, adoptSince]);
  }
  if (backfill) {
    const { subscription, from, to } = backfill;
    const period = `SELECT * FROM {events} WHERE occurred_at >= $2::bigint AND occurred_at < $3::bigint`;
    const values = [now, from, to, subscription.handler, subscription.type];
    added += await deliver(run, period, 's.type = e.type AND s.handler = $4 AND s.type = $5', values);
  }
  return added;
}

/** Gives the events to the subscriptions on the condition, due at $1, unless they have had them. */
async function deliver(run: Run, events: string, condition: string, values: readonly Value[]): Promise<number> {
  const text = `WITH e AS (${events}), delivered AS (
      INSERT INTO {deliveries} (merchant_no, order_no, seq, subscription, due_at)
      SELECT e.merchant_no, e.order_no, e.seq, s.number, $1::bigint FROM e JOIN {subscriptions} s ON ${condition}
      ORDER BY e.occurred_at, e.seq ON CONFLICT (merchant_no, order_no, seq, subscription) DO NOTHING RETURNING 1
    ) SELECT count(*) AS count FROM delivered`;
  const [row] = await run(text, values);
  return Number(row?.count);
}

function count(states: string): string {
  return `(SELECT count(*) FROM {deliveries} d WHERE d.subscription = s.number AND d.state IN (${states}))`;
}
