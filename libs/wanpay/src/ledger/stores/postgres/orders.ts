import { compareKeys } from '../../order-key.js';
import type { PaymentKey } from '../../payment.js';
import type * as store from '../../store.js';
import type { Value } from '../conditions.js';
import { ORDER, toOrder, toPayment } from '../order-row.js';
import { keyOf, nextDue, toChecks } from '../rows.js';
import { sharedOrders } from '../server-orders.js';
import { commitStatement } from './commit-statement.js';
import { type Database, DIALECT, EVER, isAmongDue } from './database.js';
import { RowSet } from './row-set.js';

const KEYS = new RowSet<PaymentKey>('merchant_no text, order_no text', (key) => [key.merchantNo, key.orderNo]);

export const { listOrders, history, count, purge } = sharedOrders(DIALECT);

/** {@link LedgerStore.load} */
export async function load(
  db: Database,
  keys: readonly PaymentKey[],
): Promise<readonly (store.OrderRecord | undefined)[]> {
  const values: Value[] = [];
  const text = `SELECT r.place, ${ORDER} FROM ${KEYS.bind(keys, values)} JOIN {orders} o USING (merchant_no, order_no)`;
  const found = new Map((await db.query(text, values)).map((row) => [Number(row.place), toOrder(row)]));
  return keys.map((_, i) => found.get(i + 1));
}

/** {@link LedgerStore.commit} */
export async function commit(db: Database, changes: readonly store.OrderChange[]): Promise<readonly boolean[]> {
  return (await commitAndClaim(db, changes)).applied;
}

/**
 * {@link LedgerStore.commitAndClaim}. The changes are written in the order of their keys, in which every batch locks orders.
 * Other processes are notified only of deliveries that they could claim.
 */
export async function commitAndClaim(
  db: Database,
  changes: readonly store.OrderChange[],
  claim?: store.DeliveryClaim,
): Promise<store.CommittedChanges> {
  const numbered = changes.map((change, n) => ({ n, change })).sort((a, b) => compareKeys(a.change, b.change));
  const { text, values } = commitStatement(numbered, claim);
  const rows = await db.query(text, values);
  const applied = new Set(rows[0]?.applied?.split(',').map(Number));
  if (Number(rows[0]?.pending) > 0) db.announce();
  const claimed = rows.flatMap((row) => {
    const { handler, seq } = row;
    return handler ? [{ ...keyOf(row), seq: Number(seq), handler }] : [];
  });
  return { applied: changes.map((_, n) => applied.has(n)), claimed };
}

/**
 * {@link LedgerStore.claimChecks}. Passes over what someone else is at. The rows are found again by where they are, since by their keys the planner may
 * prefer to read the whole table; one that was written meanwhile is elsewhere, and is left for the next time.
 */
export async function claimChecks(db: Database, claim: store.CheckClaim): Promise<store.ClaimedChecks> {
  const { now, leaseUntil, limit, merchantNo } = claim;
  const [where, merchant] = merchantNo === undefined ? ['WHERE', []] : ['WHERE merchant_no = $4 AND', [merchantNo]];
  const rows = await db.query(
    `WITH due AS MATERIALIZED (
      SELECT tableoid AS place, ctid, merchant_no, order_no, next_check_at AS due_at FROM {orders}
      ${where} next_check_at <= $1::bigint ORDER BY next_check_at LIMIT $3::integer FOR UPDATE SKIP LOCKED
    ), claimed AS (
      UPDATE {orders} o SET next_check_at = $2::bigint WHERE ${isAmongDue('o')}
      RETURNING ${ORDER}
    ) SELECT next.at AS next, c.* FROM (
      SELECT min(at) AS at FROM (
        SELECT * FROM (
          SELECT next_check_at AS at FROM {orders} ${where} next_check_at > $1::bigint ORDER BY 1 LIMIT 1
        ) later UNION ALL SELECT $2::bigint FROM claimed
      ) n
    ) next LEFT JOIN (claimed JOIN due USING (merchant_no, order_no)) c ON true ORDER BY c.due_at`,
    [limit === 0 ? EVER : now, leaseUntil, limit, ...merchant],
  );
  const claimed = rows.filter(({ document }) => document);
  return { checks: toChecks(claimed, toPayment), ...nextDue(rows[0]?.next) };
}
