import type { PaymentQuery, Period, UnknownOrderQuery } from '../store.js';
import { type Condition, paymentFilter, searchFilter, unionOf } from './conditions.js';
import { ORDER } from './order-row.js';
import { STATES, statesOf, UNKNOWN } from './rows.js';

/** What databases write differently in statements that are alike otherwise. */
export interface Dialect {
  /** Has the table before it read along an index. */
  along(index: string): string;
  /** Puts a statement with an order and a limit of its own beside others. */
  branch(sql: string): string;
  /** Writes that a column is true; left out, as that it is 1. */
  readonly isTrue?: (column: string) => string;
  /** Writes a column so that no index of its own is read; left out where `along` tells which is. */
  readonly unindexed?: (column: string) => string;
  /** The columns of an outcome; left out, all as they are. */
  readonly outcome?: string;
}

const NEWEST_FIRST = 'ORDER BY created_at DESC, merchant_no DESC, order_no DESC LIMIT ?';

/**
 * Selects what {@link LedgerStore.listOrders} lists; undefined where no order can be meant. A page is read along an index,
 * whatever the filter, so that it costs what it returns: of each state as many as the page holds, and the newest of them all
 * are the page.
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

/** Counts what {@link LedgerStore.count} adds up, along an index, so that it costs what the period holds. */
export function countOf({ from, to, merchantNo }: Period, dialect: Dialect): Condition {
  const filter = paymentFilter({ merchantNo, createdFrom: from, createdBefore: to });
  return {
    sql: `SELECT state, settled_by, needs_review, COUNT(*) AS \`count\` FROM wanpay_orders o
      ${dialect.along(listed(merchantNo))} WHERE o.state IN (?)${filter.sql} GROUP BY state, settled_by, needs_review`,
    values: [[...STATES, UNKNOWN], ...filter.values],
  };
}

/** The index of what is listed and counted. */
function listed(merchantNo: string | undefined): string {
  return `wanpay_orders_${merchantNo === undefined ? 'listed' : 'of_merchant'}`;
}
