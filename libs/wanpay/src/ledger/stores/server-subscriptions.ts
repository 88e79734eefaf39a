import type { SubscriptionChange } from '../store.js';
import { changedSubscriptions } from './changed-rows.js';
import type { Condition } from './conditions.js';
import type { Row } from './rows.js';

/** Writes the rows of a change of subscriptions: retires, adds, and notes who was seen. What is delivered then is each server's own. */
export async function writeSubscriptions(
  select: (statement: Condition) => Promise<readonly Row[]>,
  change: SubscriptionChange,
): Promise<void> {
  const { now } = change;
  const known = await select({
    sql: 'SELECT number, handler, type FROM wanpay_subscriptions ORDER BY number',
    values: [],
  });
  const { retired, added, alive } = changedSubscriptions(change, known);
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
