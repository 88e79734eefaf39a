import type { PaymentKey } from '../../payment.js';
import type { OrderHistory } from '../../store.js';
import { ORDER, toPayment } from '../order-row.js';
import { type Row, toHistory } from '../rows.js';
import type { Database } from './database.js';

/** {@link LedgerStore.history} */
export async function historyOf(db: Database, { merchantNo, orderNo }: PaymentKey): Promise<OrderHistory> {
  const select = (columns: string, from: string): Promise<readonly Row[]> =>
    db.read(`SELECT ${columns} FROM ${from} WHERE merchant_no = ? AND order_no = ?`, [merchantNo, orderNo]);
  const [[order], outcomes, events, deliveries] = await Promise.all([
    select(ORDER, 'wanpay_orders o'),
    select('*', 'wanpay_outcomes'),
    select('*', 'wanpay_events'),
    select('*', 'wanpay_deliveries d JOIN wanpay_subscriptions s ON s.number = d.subscription'),
  ]);
  return toHistory(order && toPayment(order), outcomes, events, deliveries);
}
