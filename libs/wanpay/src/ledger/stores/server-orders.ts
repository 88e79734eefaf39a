import type { PaymentKey } from '../payment.js';
import type { ListedOrder, OrderHistory, PaymentQuery, Period, PeriodSummary, UnknownOrderQuery } from '../store.js';
import type { Condition } from './conditions.js';
import { countOf, type Dialect, pageOf } from './order-pages.js';
import { ORDER, toListed, toPayment } from './order-row.js';
import { type Row, summarize, toHistory } from './rows.js';

/** A database that runs statements of those that databases share. */
export interface SharedStatements {
  select(statement: Condition): Promise<readonly Row[]>;
}

/** What is read alike on every server. */
export interface OrderReads {
  /** {@link LedgerStore.listOrders} */
  readonly listOrders: (
    db: SharedStatements,
    query: PaymentQuery | UnknownOrderQuery,
  ) => Promise<readonly ListedOrder[]>;
  /** {@link LedgerStore.history} */
  readonly history: (db: SharedStatements, key: PaymentKey) => Promise<OrderHistory>;
  /** {@link LedgerStore.count} */
  readonly count: (db: SharedStatements, period: Period) => Promise<PeriodSummary>;
}

/** Reads orders in a dialect. */
export function orderReads(dialect: Dialect): OrderReads {
  return {
    listOrders: async (db, query) => {
      const page = pageOf(query, dialect);
      return page ? (await db.select(page)).flatMap(toListed) : [];
    },
    history: async (db, { merchantNo, orderNo }) => {
      const select = (columns: string, from: string): Promise<readonly Row[]> => {
        const sql = `SELECT ${columns} FROM wanpay_${from} WHERE merchant_no = ? AND order_no = ?`;
        return db.select({ sql, values: [merchantNo, orderNo] });
      };
      const [[order], ...others] = await Promise.all([
        select(ORDER, 'orders o'),
        select(dialect.outcome ?? '*', 'outcomes'),
        select('*', 'events'),
        select('*', 'deliveries JOIN wanpay_subscriptions ON number = subscription'),
      ]);
      return toHistory(order && toPayment(order), ...others);
    },
    count: async (db, period) => summarize(await db.select(countOf(period, dialect))),
  };
}
