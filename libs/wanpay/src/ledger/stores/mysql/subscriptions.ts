import type { SubscriptionChange, Subscriptions } from '../../store.js';
import { isRead } from '../changed-rows.js';
import { toSubscriptions } from '../rows.js';
import type { Select } from '../server-orders.js';
import { writeSubscriptions } from '../server-subscriptions.js';
import type { Database, Run } from './database.js';

const LIST = `SELECT s.*, ${count(`'pending', 'claimed'`)} AS pending, ${count(`'dead'`)} AS dead
  FROM wanpay_subscriptions s ORDER BY s.number`;
/** Takes hold of kept events, so that none of those that are recorded meanwhile is taken for handed out. */
const TAKE = 'UPDATE wanpay_events SET kept = 2 WHERE type = ? AND kept = 1 AND occurred_at >= ?';
const OF_PERIOD = 'e.type = ? AND e.kept IN (0, 1) AND e.occurred_at >= ? AND e.occurred_at < ? AND s.handler = ?';

/** {@link LedgerStore.subscribe}. No other change and no purge runs beside a change. */
export async function subscribe(db: Database, change: SubscriptionChange): Promise<Subscriptions> {
  const added = isRead(change) ? 0 : await db.maintain((select, run) => apply(select, run, change));
  return { subscriptions: toSubscriptions(await db.read(LIST)), added };
}

async function apply(select: Select, run: Run, change: SubscriptionChange): Promise<number> {
  const { adoptSince, backfill, now } = change;
  await writeSubscriptions(select, change);
  let delivered = 0;
  if (adoptSince) {
    for (const { type } of (await run('SELECT DISTINCT type FROM wanpay_subscriptions')).rows) {
      if ((await run(TAKE, [type, adoptSince])).affected === 0) continue;
      delivered += (await run(deliver('e.type = ? AND e.kept = 2'), [now, type])).affected;
      await run('UPDATE wanpay_events SET kept = 0 WHERE type = ? AND kept = 2', [type]);
    }
  }
  if (backfill) {
    const { subscription, from, to } = backfill;
    const values = [now, subscription.type, from, to, subscription.handler];
    delivered += (await run(deliver(OF_PERIOD), values)).affected;
  }
  return delivered;
}

/** Gives events on the condition to subscriptions of their type, unless they have had them. */
function deliver(condition: string): string {
  return `INSERT INTO wanpay_deliveries (merchant_no, order_no, seq, subscription, due_at)
    SELECT STRAIGHT_JOIN e.merchant_no, e.order_no, e.seq, s.number, ?
    FROM wanpay_events e FORCE INDEX (wanpay_events_occurred) JOIN wanpay_subscriptions s ON s.type = e.type
    LEFT JOIN wanpay_deliveries d FORCE INDEX (wanpay_deliveries_of_order) ON d.merchant_no = e.merchant_no
      AND d.order_no = e.order_no AND d.seq = e.seq AND d.subscription = s.number
    WHERE d.seq IS NULL AND ${condition} ORDER BY e.occurred_at, e.seq, s.number`;
}

function count(states: string): string {
  return `(SELECT COUNT(*) FROM wanpay_deliveries d FORCE INDEX (wanpay_deliveries_listed)
    WHERE d.subscription = s.number AND d.state IN (${states}))`;
}
