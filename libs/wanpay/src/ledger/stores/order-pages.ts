import type { PaymentQuery, Period, UnknownOrderQuery } from '../store.js';
import { type Condition, paymentFilter, searchFilter, unionOf } from './conditions.js';
import { ORDER } from './order-row.js';
import { STATES, statesOf, UNKNOWN } from './rows.js';

/** The parts of shared statements that differ between databases. */
export interface Dialect {
  /** Makes the database read the preceding table along an index. */
  readonly along: (index: string) => string;
  /** Writes a statement with its own order and limit as one branch of a union. */
  readonly branch: (sql: string) => string;
  /** Writes the condition that a column is true; left out, that it is 1. */
  readonly isTrue?: (column: string) => string;
  /** Writes a column so that its own index is not used; left out if `along` chooses the index. */
  readonly unindexed?: (column: string) => string;
  /** Joins a table that is read after those before it; left out, the planner chooses which comes first. */
  readonly join?: string;
  /** The columns of an outcome; left out, all as they are. */
  readonly outcome?: string;
}

const NEWEST_FIRST = 'ORDER BY created_at DESC, merchant_no DESC, order_no DESC LIMIT ?';

/**
 * Selects what {@link LedgerStore.listOrders} lists; undefined if no order can match. Whatever the filter, a page is read
 * along an index, so that its cost depends on its size: each state contributes up to a page, and the newest rows are returned.
 */
export function pageOf(query: PaymentQuery | UnknownOrderQuery, dialect: Dialect): Condition | undefined {
  const [states, most] = [[...new Set(statesOf(query))], query.limit + 1];
  if (states.length === 0) return undefined;
  const { isTrue = (column) => `${column} = 1`, unindexed = (column) => column } = dialect;
  const [filter, search] = [paymentFilter(query), searchFilter(query, isTrue)] as const;
  if (search) {
    const from = `wanpay_orders o ${dialect.along(`wanpay_orders_${search.index}`)}`;
    const state = unindexed('o.state');
    return {
      sql: `SELECT ${ORDER} FROM ${from} WHERE ${state} IN (?)${search.sql}${filter.sql} ${NEWEST_FIRST}`,
      values: [states, ...search.values, ...filter.values, most],
    };
  }
  const along = dialect.along(listed(query.merchantNo));
  const sql = `SELECT ${ORDER} FROM wanpay_orders o ${along} WHERE o.state = ?${filter.sql} ${NEWEST_FIRST}`;
  const branches = states.map((state) => ({ sql: dialect.branch(sql), values: [state, ...filter.values, most] }));
  return unionOf(branches, NEWEST_FIRST, most);
}

/** Selects the counts for {@link LedgerStore.count} along an index, so that the cost depends on the payments of the period. */
export function countOf({ from, to, merchantNo }: Period, dialect: Dialect): Condition {
  const filter = paymentFilter({ merchantNo, createdFrom: from, createdBefore: to });
  return {
    sql: `SELECT state, settled_by, needs_review, COUNT(*) AS \`count\` FROM wanpay_orders o
      ${dialect.along(listed(merchantNo))} WHERE o.state IN (?)${filter.sql} GROUP BY state, settled_by, needs_review`,
    values: [[...STATES, UNKNOWN], ...filter.values],
  };
}

/** The index that lists and counts read. */
function listed(merchantNo: string | undefined): string {
  return `wanpay_orders_${merchantNo === undefined ? 'listed' : 'of_merchant'}`;
}
