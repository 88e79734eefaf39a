import { nameOf } from '../../order-key.js';
import type { PaymentKey } from '../../payment.js';
import type * as store from '../../store.js';
import { isOf, paymentFilter, searchFilter, unionOf } from '../conditions.js';
import { ORDER, toListed, toOrder, toPayment } from '../order-row.js';
import {
  byOrder,
  keyOf,
  nextDue,
  type Row,
  STATES,
  statesOf,
  summarize,
  toChecks,
  toHistory,
  UNKNOWN,
} from '../rows.js';
import { removals } from './commit.js';
import type { Database } from './database.js';

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

/** {@link LedgerStore.listOrders}. Of each state as many as the page holds are read along its index. */
export async function listOrders(
  db: Database,
  query: store.PaymentQuery | store.UnknownOrderQuery,
): Promise<readonly store.ListedOrder[]> {
  return (await listRows(db, query, statesOf(query))).flatMap(toListed);
}

async function listRows(db: Database, query: store.PaymentQuery, states: readonly string[]): Promise<readonly Row[]> {
  const { limit, merchantNo } = query;
  if (states.length === 0) return [];
  const filter = paymentFilter(query);
  const newestFirst = 'ORDER BY created_at DESC, merchant_no DESC, order_no DESC LIMIT ?';
  const search = searchFilter(query);
  if (search) {
    return db.read(
      `SELECT ${ORDER} FROM wanpay_orders o FORCE INDEX (wanpay_orders_${search.index})
      WHERE o.state IN (?)${search.sql}${filter.sql} ${newestFirst}`,
      [states, ...search.values, ...filter.values, limit + 1],
    );
  }
  const selects = states.map((state) => ({
    sql: `SELECT ${ORDER} FROM wanpay_orders o FORCE INDEX (${listed(merchantNo)}) WHERE o.state = ?${filter.sql} ${newestFirst}`,
    values: [state, ...filter.values, limit + 1],
  }));
  return db.read(...unionOf(selects, newestFirst, limit + 1));
}

/** {@link LedgerStore.history} */
export async function history(db: Database, { merchantNo, orderNo }: PaymentKey): Promise<store.OrderHistory> {
  const select = (columns: string, from: string): Promise<readonly Row[]> =>
    db.read(`SELECT ${columns} FROM wanpay_${from} WHERE merchant_no = ? AND order_no = ?`, [merchantNo, orderNo]);
  const [[order], ...others] = await Promise.all([
    select(ORDER, 'orders o'),
    select('*', 'outcomes'),
    select('*', 'events'),
    select('*', 'deliveries JOIN wanpay_subscriptions ON number = subscription'),
  ]);
  return toHistory(order && toPayment(order), ...others);
}

/** {@link LedgerStore.count} */
export async function count(db: Database, { from, to, merchantNo }: store.Period): Promise<store.PeriodSummary> {
  const filter = paymentFilter({ merchantNo, createdFrom: from, createdBefore: to });
  const rows = await db.read(
    `SELECT state, settled_by, needs_review, COUNT(*) AS \`count\` FROM wanpay_orders o FORCE INDEX (${listed(merchantNo)})
    WHERE o.state IN (?)${filter.sql} GROUP BY state, settled_by, needs_review`,
    [[...STATES, UNKNOWN], ...filter.values],
  );
  return summarize(rows);
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

/** The index of what is listed and counted. */
function listed(merchantNo: string | undefined): string {
  return `wanpay_orders_${merchantNo === undefined ? 'listed' : 'of_merchant'}`;
}
