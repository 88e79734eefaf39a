import { nameOf } from '../../order-key.js';
import type { Payment, PaymentKey } from '../../payment.js';
import type * as store from '../../store.js';
import { allOf, isOf, unionOf } from '../conditions.js';
import { ORDER, toOrder, toPayment, toUnknownOrder } from '../order-row.js';
import { nextDue, type Row, STATES, summarize, termsOf, toChecks, UNKNOWN } from '../rows.js';
import { removeOrders } from './commit.js';
import type { Database } from './database.js';

/** The index of what is searched by. */
const INDEXES = {
  account_no: 'of_account',
  payer_no: 'of_payer',
  amount: 'of_amount',
  needs_review: 'for_review',
} as const;

/** {@link LedgerStore.load} */
export async function loadOrders(
  db: Database,
  keys: readonly PaymentKey[],
): Promise<readonly (store.OrderRecord | undefined)[]> {
  if (keys.length === 0) return [];
  const { sql, values } = isOf('o', keys);
  const rows = await db.read(`SELECT ${ORDER} FROM wanpay_orders o WHERE ${sql}`, values);
  const found = new Map(rows.map((row) => [nameOf(keyOf(row)), toOrder(row)]));
  return keys.map((key) => found.get(nameOf(key)));
}

/** {@link LedgerStore.listOrders}, with a payment. Of each state as many as the page holds are read along its index. */
export async function listPayments(db: Database, query: store.PaymentQuery): Promise<readonly Payment[]> {
  return (await listRows(db, query, query.states ?? STATES)).flatMap((row) => toPayment(row) ?? []);
}

/** {@link LedgerStore.listOrders}, without a payment */
export async function listUnknownOrders(
  db: Database,
  query: store.UnknownOrderQuery,
): Promise<readonly store.ListedUnknownOrder[]> {
  return (await listRows(db, query, [UNKNOWN])).flatMap((row) => toUnknownOrder(row) ?? []);
}

async function listRows(db: Database, query: store.PaymentQuery, states: readonly string[]): Promise<readonly Row[]> {
  const { limit, merchantNo, createdFrom, createdBefore, after } = query;
  if (states.length === 0) return [];
  const filter = allOf([
    merchantNo !== undefined && { sql: 'o.merchant_no = ?', values: [merchantNo] },
    createdFrom && { sql: 'o.created_at >= ?', values: [createdFrom] },
    createdBefore && { sql: 'o.created_at < ?', values: [createdBefore] },
    after && {
      sql: `o.created_at <= ? AND (o.created_at < ? OR o.merchant_no < ? OR o.merchant_no = ? AND o.order_no < ?)`,
      values: [after.createdAt, after.createdAt, after.merchantNo, after.merchantNo, after.orderNo],
    },
  ]);
  const newestFirst = 'ORDER BY created_at DESC, merchant_no DESC, order_no DESC LIMIT ?';
  const terms = termsOf(query);
  if (terms.length > 0 || query.needsReview) {
    const index = INDEXES[terms[0]?.[0] ?? 'needs_review'];
    const searched = terms.map(([column]) => `o.${column} = ? AND`).join(' ');
    return db.read(
      `SELECT ${ORDER} FROM wanpay_orders o FORCE INDEX (wanpay_orders_${index})
      WHERE ${searched} ${query.needsReview ? 'o.needs_review = 1 AND' : ''} o.state IN (?)${filter.sql} ${newestFirst}`,
      [...terms.map(([, value]) => value), states, ...filter.values, limit + 1],
    );
  }
  const index = `wanpay_orders_${merchantNo === undefined ? 'listed' : 'of_merchant'}`;
  const selects = states.map((state) => ({
    sql: `SELECT ${ORDER} FROM wanpay_orders o FORCE INDEX (${index}) WHERE o.state = ?${filter.sql} ${newestFirst}`,
    values: [state, ...filter.values, limit + 1],
  }));
  return db.read(...unionOf(selects, newestFirst, limit + 1));
}

/** {@link LedgerStore.count} */
export async function countOrders(db: Database, { from, to, merchantNo }: store.Period): Promise<store.PeriodSummary> {
  const [index, where] = merchantNo === undefined ? ['listed', ''] : ['of_merchant', 'merchant_no = ? AND'];
  const rows = await db.read(
    `SELECT state, settled_by, needs_review, COUNT(*) AS \`count\` FROM wanpay_orders FORCE INDEX (wanpay_orders_${index})
    WHERE ${where} state IN (?) AND created_at >= ? AND created_at < ? GROUP BY state, settled_by, needs_review`,
    [...(merchantNo === undefined ? [] : [merchantNo]), [...STATES, UNKNOWN], from, to],
  );
  return summarize(rows);
}

/**
 * {@link LedgerStore.purge}. No order is updated before it is created, so those created before the moment are looked through,
 * along an index that is there anyway. A subquery that is one value is looked up for each of them, where MariaDB would read the
 * whole table for NOT EXISTS. Deliveries are not added to events meanwhile: `changeSubscriptions` takes the same lock.
 */
export function purgeOrders(db: Database, ...which: Parameters<store.LedgerStore['purge']>): Promise<number> {
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
    await removeOrders(run, rows.map(keyOf));
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

function keyOf(row: Row): PaymentKey {
  return { merchantNo: String(row.merchant_no), orderNo: String(row.order_no) };
}
