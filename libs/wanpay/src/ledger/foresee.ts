import { type AmountUnit, readAmounts } from '../protocol/amount.js';
import type { AtmPaid } from './events.js';
import type { Report } from './ledger.js';
import type { Payment } from './payment.js';
import { settle } from './settle.js';

/**
 * What a report comes to for the payment that it nearly always meets, so that a ledger can write that without having read
 * the payment: one that
 *
 * - is `opening` or `pending`,
 * - was asked for one of {@link amounts}, and
 * - does not lapse before {@link transactedAt}, where there is one.
 *
 * Any other payment is to be read and given to {@link settle}.
 */
export interface Foreseen {
  /** Whole New Taiwan dollars, by the unit in which they were reported. */
  readonly amounts: Readonly<Partial<Record<AmountUnit, number>>>;
  readonly transactedAt: Date | undefined;
  /** What becomes of the payment; its `amountUnit` is that of the amount that was asked. */
  readonly paid: Pick<Payment, 'state' | 'payer' | 'paidAt' | 'updatedAt'>;
  /** The event owed, but for what it tells of the payment. */
  readonly event: Omit<AtmPaid, 'payment' | 'livemode'>;
}

/** Undefined for all but a "paid" that can be believed. */
export function foresee({ merchantNo, orderNo, livemode, outcome, mustConfirm, now }: Report): Foreseen | undefined {
  const { status, reportedAmount, transactedAt } = outcome;
  if (status !== 'paid' || mustConfirm || reportedAmount === undefined) return undefined;
  const amounts = readAmounts(reportedAmount);
  const amount = amounts.cents ?? amounts.dollars;
  if (amount === undefined) return undefined;
  const example: Payment = { merchantNo, orderNo, livemode, amount, state: 'pending', createdAt: now, updatedAt: now };
  const { payment: paid, events } = settle(example, outcome, now);
  const [event] = events;
  return event?.type === 'atm.paid' && !event.late ? { amounts, transactedAt, paid, event } : undefined;
}
