import type { SubscriptionChange } from '../store.js';
import { changedSubscriptions } from './changed-rows.js';
import { readSubscriptions } from './server-deliveries.js';
import type { Select } from './server-orders.js';

/** Writes the rows of subscriptions: retires, adds, and notes which were seen. Each server adds deliveries in its own way. */
export async function writeSubscriptions(select: Select, change: SubscriptionChange): Promise<void> {
  const { now } = change;
  const { retired, added, alive } = changedSubscriptions(change, await readSubscriptions(select));
  if (retired.length > 0) {
    await select({ sql: 'DELETE FROM wanpay_subscriptions WHERE number IN (?)', values: [retired] });
    await select({ sql: 'DELETE FROM wanpay_deliveries WHERE subscription IN (?)', values: [retired] });
  }
  if (added.length > 0) {
    const rows = added.map(() => '(?, ?, ?, ?)').join(', ');
    await select({
      sql: `INSERT INTO wanpay_subscriptions (handler, type, subscribed_at, last_seen_at) VALUES ${rows}`,
      values: added.flatMap(({ handler, type }) => [handler, type, now, now]),
    });
  }
  if (alive.length > 0) {
    const sql = 'UPDATE wanpay_subscriptions SET last_seen_at = ? WHERE number IN (?)';
    await select({ sql, values: [now, alive] });
  }
}
