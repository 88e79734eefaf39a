import type { DeliveryQuery, StoredDelivery } from '../store.js';
import { deliveryFilter, unionOf } from './conditions.js';
import type { Dialect } from './order-pages.js';
import { toPayment } from './order-row.js';
import { type Row, storedStatesOf, toDelivery } from './rows.js';
import type { Select, SharedStatements } from './server-orders.js';

/** What {@link toDelivery} reads, with the joins of {@link joined}. No column comes twice, because a union allows none. */
export const SELECTION = `d.*, s.handler, s.type, e.id, e.occurred_at, e.livemode, e.details, o.state AS payment_state,
  o.created_at, o.updated_at, o.document`;

/** The joins of the deliveries `d` with the rows that are read with them. */
export function joined(join: string): string {
  return `${join} wanpay_subscriptions s ON s.number = d.subscription
    ${join} wanpay_events e ON e.merchant_no = d.merchant_no AND e.order_no = d.order_no AND e.seq = d.seq
    ${join} wanpay_orders o ON o.merchant_no = d.merchant_no AND o.order_no = d.order_no`;
}

/** Reads the number, handler and type of all subscriptions. */
export function readSubscriptions(select: Select): Promise<readonly Row[]> {
  return select({ sql: 'SELECT number, handler, type FROM wanpay_subscriptions ORDER BY number', values: [] });
}

/** {@link LedgerStore.listDeliveries}. Reads up to a page of each subscription and state along the index. */
export function listDeliveries({
  along,
  branch,
  join = 'JOIN',
}: Dialect): (db: SharedStatements, query: DeliveryQuery) => Promise<readonly StoredDelivery[]> {
  const from = `wanpay_deliveries d ${along('wanpay_deliveries_listed')} ${joined(join)}`;
  const newestFirst = 'ORDER BY `position` DESC LIMIT ?';
  return async (db, query) => {
    const { state, handler, type, before = Number.MAX_SAFE_INTEGER, limit } = query;
    const filter = deliveryFilter(query);
    const sql = `SELECT ${SELECTION} FROM ${from}
      WHERE d.subscription = ? AND d.state = ? AND d.\`position\` < ?${filter.sql} ${newestFirst}`;
    const pages = (await readSubscriptions(db.selectPlanned))
      .filter((each) => (handler ?? each.handler) === each.handler && (type ?? each.type) === each.type)
      .flatMap(({ number }) => storedStatesOf(state).map((stored) => [number, stored, before, ...filter.values, limit]))
      .map((values) => ({ sql: branch(sql), values }));
    if (pages.length === 0) return [];
    return (await db.select(unionOf(pages, newestFirst, limit))).map((row) => toDelivery(row, toPayment(row)));
  };
}
