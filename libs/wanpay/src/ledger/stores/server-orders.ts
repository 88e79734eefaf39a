import type { PaymentKey } from '../payment.js';
import type * as store from '../store.js';
import type { Condition } from './conditions.js';
import { countOf, type Dialect, pageOf } from './order-pages.js';
import { ORDER, toListed, toPayment } from './order-row.js';
import { removals } from './removals.js';
import { keyOf, type Row, summarize, toHistory, UNKNOWN } from './rows.js';

/** Runs a statement that the databases share. */
export type Select = (statement: Condition) => Promise<readonly Row[]>;

/** A database that runs such statements. */
export interface SharedStatements {
  readonly select: Select;
  /** Runs a statement whose text is always the same, so that the server can keep its plan. */
  readonly selectPlanned: Select;
  /** Changes many deliveries or orders in one transaction. No other such transaction runs at the same time. */
  maintain<T>(work: (select: Select) => Promise<T>): Promise<T>;
}

/** What is done in the same way on every server. */
export interface SharedOrders {
  /** {@link LedgerStore.listOrders} */
  readonly listOrders: (
    db: SharedStatements,
    query: store.PaymentQuery | store.UnknownOrderQuery,
  ) => Promise<readonly store.ListedOrder[]>;
  /** {@link LedgerStore.history} */
  readonly history: (db: SharedStatements, key: PaymentKey) => Promise<store.OrderHistory>;
  /** {@link LedgerStore.count} */
  readonly count: (db: SharedStatements, period: store.Period) => Promise<store.PeriodSummary>;
  /**
   * {@link LedgerStore.purge}. No order is updated before it is created, so only orders that were created before the moment are
   * read, along an existing index. No deliveries are added to events meanwhile, because `subscribe` takes the same lock.
   */
  readonly purge: (db: SharedStatements, ...which: Parameters<store.LedgerStore['purge']>) => Promise<number>;
}

/** Reads and purges orders in a dialect. */
export function sharedOrders(dialect: Dialect): SharedOrders {
  return {
    listOrders: async (db, query) => {
      const page = pageOf(query, dialect);
      return page ? (await db.select(page)).flatMap(toListed) : [];
    },
    history: async (db, { merchantNo, orderNo }) => {
      const select = (columns: string, from: string): Promise<readonly Row[]> => {
        const sql = `SELECT ${columns} FROM wanpay_${from} WHERE merchant_no = ? AND order_no = ?`;
        return db.selectPlanned({ sql, values: [merchantNo, orderNo] });
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
    purge: (db, states, before, limit) =>
      db.maintain(async (select) => {
        const purged = await select({
          sql: purgeable(dialect),
          values: [[...states, UNKNOWN], before, before, limit],
        });
        for (const statement of removals(purged.map(keyOf))) await select(statement);
        return purged.length;
      }),
  };
}

/**
 * Selects and locks what can be purged. MariaDB looks up a subquery with a single value for each order; for NOT EXISTS it would
 * read the whole table.
 */
function purgeable({ along }: Dialect): string {
  return `SELECT o.merchant_no, o.order_no FROM wanpay_orders o ${along('wanpay_orders_listed')}
    WHERE o.state IN (?) AND o.created_at < ? AND o.updated_at < ? AND (
      SELECT 1 FROM wanpay_deliveries d ${along('wanpay_deliveries_of_order')}
      WHERE d.merchant_no = o.merchant_no AND d.order_no = o.order_no AND d.state <> 'delivered'
        AND EXISTS (SELECT 1 FROM wanpay_subscriptions s WHERE s.number = d.subscription) LIMIT 1
    ) IS NULL LIMIT ? FOR UPDATE SKIP LOCKED`;
}
