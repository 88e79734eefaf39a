import type { Period, PeriodSummary } from '../ledger.js';
import type { PaymentKey } from '../payment.js';
import type { History } from './history.js';

/** {@link Ledger.summarize} */
export function summarize(histories: Iterable<History>, period: Period): PeriodSummary {
  const states = { opening: 0, pending: 0, paid: 0, failed: 0, closed: 0, expired: 0 };
  const settledBy = { notification: 0, query: 0 };
  let [mismatched, unmatched] = [0, 0];
  for (const { payment, outcomes, events } of histories) {
    unmatched += events.filter(
      ({ event }) => event.type === 'atm.unmatched' && isIn(period, event, event.occurredAt),
    ).length;
    if (!payment || !isIn(period, payment, payment.createdAt)) continue;
    states[payment.state] += 1;
    if (payment.mismatchedAmounts) mismatched += 1;
    const settling = outcomes.findLast(({ change }) => change && change.from !== change.to);
    if (settling) settledBy[settling.source] += 1;
  }
  return { states, settledBy, mismatched, unmatched };
}

function isIn({ merchantNo, from, to }: Period, about: PaymentKey, at: Date): boolean {
  return (merchantNo === undefined || about.merchantNo === merchantNo) && at >= from && at < to;
}
