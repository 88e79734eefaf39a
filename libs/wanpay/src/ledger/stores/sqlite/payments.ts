import type { Payment, PaymentKey } from '../../payment.js';
import { readPayment, readUnknownOrder } from '../../record.js';
import type { ListedOrder, OrderHistory, PaymentQuery, Period, PeriodSummary, UnknownOrderQuery } from '../../store.js';
import { countOf, type Dialect, pageOf } from '../order-pages.js';
import { keyOf, type Row, summarize, toHistory, UNKNOWN } from '../rows.js';
import type { Connection } from './connection.js';

const DIALECT: Dialect = { along: (index) => `INDEXED BY ${index}`, branch: (sql) => `SELECT * FROM (${sql})` };

/** A lower bound that makes SQLite read the index in order, even if it expects only a row or two. */
const EARLIEST = new Date(-8.64e15);

/** Reads the payment of a row that has an order's state and document. */
export function paymentOf({ state, document }: Row): Payment | undefined {
  return state === UNKNOWN ? undefined : readPayment(String(document));
}

/** A condition that is met by the orders of a merchant, or of all, with its values. */
export function whereMerchant(merchantNo: string | undefined): readonly [sql: string, values: readonly string[]] {
  return merchantNo === undefined ? ['', []] : ['merchant_no = ? AND', [merchantNo]];
}

/** {@link LedgerStore.listOrders} */
export function listOrders(db: Connection, query: PaymentQuery | UnknownOrderQuery): readonly ListedOrder[] {
  const { createdFrom = EARLIEST } = 'createdFrom' in query ? query : {};
  const page = pageOf({ ...query, createdFrom }, DIALECT);
  if (!page) return [];
  return db.select(page).map((row) => paymentOf(row) ?? { ...readUnknownOrder(String(row.document)), ...keyOf(row) });
}

/** {@link LedgerStore.count} */
export function countPayments(db: Connection, period: Period): PeriodSummary {
  return summarize(db.select(countOf(period, DIALECT)));
}

/** {@link LedgerStore.history} */
export function historyOf(db: Connection, { merchantNo, orderNo }: PaymentKey): OrderHistory {
  const select = (table: string): readonly Row[] =>
    db.all(`SELECT * FROM wanpay_${table} WHERE merchant_no = ? AND order_no = ?`, merchantNo, orderNo);
  const [payment] = select('orders').map(paymentOf);
  return toHistory(payment, select('outcomes'), select('events'), select('deliveries'));
}
