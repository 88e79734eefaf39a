import type { PaymentKey } from '../../payment.js';
import type { Period, PeriodSummary } from '../../store.js';
import { needsReview } from '../../review.js';
import { listOf } from './few.js';
import { toMoment } from './moments.js';
import type { Order } from './order.js';

/** {@link LedgerStore.count} */
export function summarize(orders: Iterable<Order>, period: Period): PeriodSummary {
  const states = { opening: 0, pending: 0, paid: 0, failed: 0, closed: 0, expired: 0 };
  const settledBy = { notification: 0, query: 0, person: 0 };
  let [forReview, unknownOrders] = [0, 0];
  for (const order of orders) {
    const { payment, unknown, outcomes } = order;
    if (unknown && isIn(period, order, toMoment(unknown.firstSeenAt))) unknownOrders += 1;
    if (!payment || !isIn(period, order, payment.createdAt)) continue;
    states[payment.state] += 1;
    if (needsReview(payment)) forReview += 1;
    const settling = listOf(outcomes).findLast(({ change }) => change && change.from !== change.to);
    if (settling) settledBy[settling.source] += 1;
  }
  return { states, settledBy, needsReview: forReview, unknownOrders };
}

function isIn({ merchantNo, from, to }: Period, about: PaymentKey, at: number): boolean {
  return (merchantNo === undefined || about.merchantNo === merchantNo) && at >= toMoment(from) && at < toMoment(to);
}
