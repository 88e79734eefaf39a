import type { Payment, PaymentKey } from '../../payment.js';
import { readPayment, readUnknownOrder } from '../../record.js';
import type { ListedOrder, OrderHistory, PaymentQuery, Period, PeriodSummary, UnknownOrderQuery } from '../../store.js';
import { keyOf, type Row, STATES, statesOf, summarize, termsOf, toHistory, UNKNOWN } from '../rows.js';
import { type Connection, EVER, NEVER } from './connection.js';

const NEWEST_FIRST = 'ORDER BY created_at DESC, merchant_no DESC, order_no DESC LIMIT ?';

/** Reads the payment of a row that has an order's state and document. */
export function paymentOf({ state, document }: Row): Payment | undefined {
  return state === UNKNOWN ? undefined : readPayment(String(document));
}

/** A condition that is met by the orders of a merchant, or of all, with its values. */
export function whereMerchant(merchantNo: string | undefined): readonly [sql: string, values: readonly string[]] {
  return merchantNo === undefined ? ['', []] : ['merchant_no = ? AND', [merchantNo]];
}

/**
 * {@link LedgerStore.listOrders}. A page is read along an index, whatever the filter, so that it costs what it returns: of each
 * state as many as the page holds, and the newest of them all are the page.
 */
export function listOrders(db: Connection, query: PaymentQuery | UnknownOrderQuery): readonly ListedOrder[] {
  return listRows(db, query, statesOf(query)).map(
    (row) => paymentOf(row) ?? { ...readUnknownOrder(String(row.document)), ...keyOf(row) },
  );
}

function listRows(db: Connection, query: PaymentQuery, states: readonly string[]): readonly Row[] {
  const { merchantNo, createdFrom = EVER, createdBefore, after, limit } = query;
  const [ofMerchant, merchant] = whereMerchant(merchantNo);
  // The index follows one bound from above. The comparison of positions is exact; its plus keeps the index from it.
  const until = Math.min(Number(createdBefore ?? NEVER), Number(after?.createdAt ?? NEVER) + 1);
  const [follows, position] = after
    ? ['AND (+created_at, merchant_no, order_no) < (?, ?, ?)', [after.createdAt, after.merchantNo, after.orderNo]]
    : ['', []];
  const columns = 'SELECT state, created_at, merchant_no, order_no, document FROM wanpay_orders';
  const terms = termsOf(query);
  if (terms.length > 0 || query.needsReview) {
    // The pluses keep other indexes from being taken than those of what is searched by.
    const searched = [...terms.map(([column]) => `${column} = ? AND`), query.needsReview ? 'needs_review = 1 AND' : ''];
    return db.all(
      `${columns} WHERE ${searched.join(' ')} ${ofMerchant && `+${ofMerchant}`}
       +state IN (SELECT value FROM json_each(?)) AND created_at >= ? AND created_at < ? ${follows} ${NEWEST_FIRST}`,
      ...[...terms.map(([, value]) => value), ...merchant, JSON.stringify(states)],
      ...[createdFrom, until, ...position, limit + 1],
    );
  }
  const ofState = `SELECT * FROM (
    ${columns}
    WHERE ${ofMerchant} state = ? AND created_at >= ? AND created_at < ? ${follows} ${NEWEST_FIRST})`;
  const bounds = [createdFrom, until, ...position, limit + 1];
  const branches = [...new Set(states)].map((state) => [...merchant, state, ...bounds]);
  if (branches.length === 0) return [];
  const sql = `${branches.map(() => ofState).join(' UNION ALL ')} ${NEWEST_FIRST}`;
  return db.all(sql, ...branches.flat(), limit + 1);
}

/** Counts the payments of a period along an index, so that it costs what the period holds. */
export function countPayments(db: Connection, { from, to, merchantNo }: Period): PeriodSummary {
  const [ofMerchant, merchant] = whereMerchant(merchantNo);
  const rows = db.all(
    `SELECT state, settled_by, needs_review, count(*) AS count FROM wanpay_orders
     WHERE ${ofMerchant} state IN (SELECT value FROM json_each(?)) AND created_at >= ? AND created_at < ?
     GROUP BY state, settled_by, needs_review`,
    ...[...merchant, JSON.stringify([...STATES, UNKNOWN]), from, to],
  );
  return summarize(rows);
}

/** {@link LedgerStore.history} */
export function historyOf(db: Connection, { merchantNo, orderNo }: PaymentKey): OrderHistory {
  const select = (table: string): readonly Row[] =>
    db.all(`SELECT * FROM wanpay_${table} WHERE merchant_no = ? AND order_no = ?`, merchantNo, orderNo);
  const [payment] = select('orders').map(paymentOf);
  return toHistory(payment, select('outcomes'), select('events'), select('deliveries'));
}
