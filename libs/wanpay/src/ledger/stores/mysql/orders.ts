import { nameOf } from '../../order-key.js';
import type { PaymentKey } from '../../payment.js';
import type * as store from '../../store.js';
import { isOf } from '../conditions.js';
import { ORDER, toOrder, toPayment } from '../order-row.js';
import { byOrder, keyOf, nextDue, toChecks } from '../rows.js';
import { sharedOrders } from '../server-orders.js';
import { type Database, DIALECT } from './database.js';

export const { listOrders, history, count, purge } = sharedOrders(DIALECT);

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
