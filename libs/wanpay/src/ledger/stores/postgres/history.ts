import type { PaymentKey } from '../../payment.js';
import type { OrderHistory } from '../../store.js';
import { ORDER, toPayment } from '../order-row.js';
import { toHistory } from '../rows.js';
import type { Database, Row } from './database.js';

/** {@link LedgerStore.history} */
export async function history(db: Database, { merchantNo, orderNo }: PaymentKey): Promise<OrderHistory> {
  const select = (columns: string, from: string, orderBy: string): Promise<readonly Row[]> => {
    const text = `SELECT ${columns} FROM ${from} WHERE merchant_no = $1 AND order_no = $2 ORDER BY ${orderBy}`;
    return db.query(text, [merchantNo, orderNo]);
  };
  const [[order], outcomes, events, deliveries] = await Promise.all([
    select(ORDER, '{orders} o', 'order_no'),
    select(`*, lpad(to_hex(digest), 16, '0') AS digest`, '{outcomes} t', 'first_seen_at, t.digest'),
    select('*', '{events}', 'seq'),
    select('*', '{deliveries} JOIN {subscriptions} ON number = subscription', 'seq, position'),
  ]);
  return toHistory(order && toPayment(order), outcomes, events, deliveries);
}
