import { nameOf } from '../../order-key.js';
import type { PaymentKey } from '../../payment.js';
import type * as store from '../../store.js';
import { isOf } from '../conditions.js';
import type { Dialect } from '../order-pages.js';
import { ORDER, toOrder, toPayment } from '../order-row.js';
import { removals } from '../removals.js';
import { byOrder, keyOf, nextDue, toChecks, UNKNOWN } from '../rows.js';
import { orderReads } from '../server-orders.js';
import type { Database } from './database.js';

const DIALECT: Dialect = { along: (index) => `FORCE INDEX (${index})`, branch: (sql) => `(${sql})` };

export const { listOrders, history, count } = orderReads(DIALECT);

/** {@link LedgerStore.load} */
export async function load(
  db: Database,
  keys: readonly PaymentKey[],
): Promise<readonly (store.OrderRecord | undefined)[]> {
  if (keys.length === 0) return [];
  const { sql, values } = isOf('o', keys);
  const found = byOrder(await db.read(`SELECT ${ORDER} FROM wanpay_orders o WHERE ${sql}`, values));
  return keys.map((key) => found.get(nameOf(key))).map((row) => row && toOrder(row));
}

/**
 * {@link LedgerStore.purge}. No order is updated before it is created, so those created before the moment are looked through,
 * along an index that is there anyway. A subquery that is one value is looked up for each of them, where MariaDB would read the
 * whole table for NOT EXISTS. Deliveries are not added to events meanwhile: `subscribe` takes the same lock.
 */
export function purge(db: Database, ...which: Parameters<store.LedgerStore['purge']>): Promise<number> {
  const [states, before, limit] = which;
  return db.maintain(async (run) => {
    const { rows } = await run(
      `SELECT o.merchant_no, o.order_no FROM wanpay_orders o FORCE INDEX (wanpay_orders_listed)
      WHERE o.state IN (?) AND o.created_at < ? AND o.updated_at < ? AND (
        SELECT 1 FROM wanpay_deliveries d FORCE INDEX (wanpay_deliveries_of_order)
        WHERE d.merchant_no = o.merchant_no AND d.order_no = o.order_no AND d.state <> 'delivered'
          AND EXISTS (SELECT 1 FROM wanpay_subscriptions s WHERE s.number = d.subscription) LIMIT 1
      ) IS NULL LIMIT ? FOR UPDATE SKIP LOCKED`,
      [[...states, UNKNOWN], before, before, limit],
    );
    for (const { sql, values } of removals(rows.map(keyOf))) await run(sql, values);
    return rows.length;
  });
}

/** {@link LedgerStore.claimChecks}. Passes over what someone else is at. Where nothing is due, no transaction is begun. */
export async function claimChecks(db: Database, claim: store.CheckClaim): Promise<store.ClaimedChecks> {
  const { now, leaseUntil, limit, merchantNo } = claim;
  const [index, where] = merchantNo === undefined ? ['checked', ''] : ['checked_of_merchant', 'o.merchant_no = ? AND'];
  const from = `FROM wanpay_orders o FORCE INDEX (wanpay_orders_${index}) WHERE ${where}`;
  const merchant = merchantNo === undefined ? [] : [merchantNo];
  const [first] = await db.read(`SELECT MIN(o.next_check_at) AS at ${from} o.next_check_at IS NOT NULL`, merchant);
  if (limit === 0 || typeof first?.at !== 'number' || first.at > now.getTime()) {
    return { checks: [], ...nextDue(first?.at) };
  }
  const due = await db.change(async (run) => {
    const sql = `SELECT ${ORDER} ${from} o.next_check_at <= ? ORDER BY o.next_check_at LIMIT ? FOR UPDATE SKIP LOCKED`;
    const { rows } = await run(sql, [...merchant, now, limit]);
    if (rows.length > 0) {
      const claimed = isOf('o', rows.map(keyOf));
      await run(`UPDATE wanpay_orders o SET o.next_check_at = ? WHERE ${claimed.sql}`, [leaseUntil, ...claimed.values]);
    }
    return rows;
  });
  const checks = toChecks(due, toPayment);
  if (checks.length === limit) return { checks };
  const [next] = await db.read(`SELECT MIN(o.next_check_at) AS at ${from} o.next_check_at > ?`, [...merchant, now]);
  return { checks, ...nextDue(next?.at) };
}
