import { maskAccount, redactOutcome } from '../ledger/payer.js';
import type { Payment } from '../ledger/payment.js';
import type { TimelineEntry } from '../ledger/timeline.js';

/** A payment without whole bank accounts. */
export function maskPayment(payment: Payment): Payment {
  const { account, payer } = payment;
  return {
    ...payment,
    ...(account ? { account: { ...account, number: maskAccount(account.number) } } : {}),
    ...(payer?.account ? { payer: { ...payer, account: maskAccount(payer.account) } } : {}),
  };
}

/** A line of an order's history without whole bank accounts. */
export function maskEntry(entry: TimelineEntry): TimelineEntry {
  return entry.kind === 'outcome' ? { ...entry, outcome: redactOutcome(entry.outcome, 'masked') } : entry;
}
