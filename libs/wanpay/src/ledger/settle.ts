import { matchAmount, type Outcome, type VirtualAccount } from '../protocol/index.js';
import { type AtmEvent, type AtmUnknownOrder, eventBase } from './events.js';
import { changed, deadlineOf, hasEnded, type IssuedPayment, type Payment, type PaymentKey } from './payment.js';

/** How long after the deadline an "unpaid" may still be a transfer on its way between banks, in seconds. */
export const EXPIRY_GRACE_SECONDS = 3600;

/** What applying an outcome comes to. */
export interface Settlement {
  readonly payment: Payment;
  /** The events, in the order in which they are to be delivered. */
  readonly events: readonly AtmEvent[];
  /** True when the outcome claims money that it does not prove: ask the platform before believing it. */
  readonly unconfirmed: boolean;
}

/**
 * Applies what the platform says to a payment. The one state machine; every change of a payment's state goes through it.
 *
 * | outcome                       | `opening`, `pending`           | `failed`, `closed`, `expired` | `paid`    |
 * |-------------------------------|--------------------------------|-------------------------------|-----------|
 * | paid, the amount asked        | `paid`, with `atm.paid`        | `paid`, with late `atm.paid`  | unchanged |
 * | paid, another amount          | same state, with `atm.amount_mismatch` once per amount              || unchanged |
 * | paid, no amount, or to be confirmed | unchanged, unconfirmed                                   || unchanged |
 * | failed                        | `failed`, with `atm.failed`    | unchanged                     | unchanged |
 * | closed, until the deadline    | `closed`, with `atm.closed`    | unchanged                     | unchanged |
 * | closed, after the deadline    | `expired`, with `atm.expired`  | unchanged                     | unchanged |
 * | unpaid, after deadline + grace| `expired`, with `atm.expired`  | unchanged                     | unchanged |
 * | unpaid before that, paying, unknown | unchanged                | unchanged                     | unchanged |
 *
 * Money is a fact: it moves any state to `paid`, nothing moves `paid` away, and a second "paid" is no event.
 *
 * @param mustConfirm whether a "paid" is to be confirmed by a query first
 */
export function settle(payment: Payment, outcome: Outcome, now: Date, mustConfirm = false): Settlement {
  if (payment.state === 'paid') return unchanged(payment);
  if (outcome.status === 'paid') {
    return mustConfirm ? { ...unchanged(payment), unconfirmed: true } : settlePaid(payment, outcome, now);
  }
  if (hasEnded(payment)) return unchanged(payment);
  switch (outcome.status) {
    case 'failed':
      return end(payment, 'failed', now);
    case 'closed':
      return end(payment, secondsPastDeadline(payment, now) > 0 ? 'expired' : 'closed', now);
    case 'unpaid':
      return secondsPastDeadline(payment, now) > EXPIRY_GRACE_SECONDS
        ? end(payment, 'expired', now)
        : unchanged(payment);
    case 'paying':
    case 'unknown':
      return unchanged(payment);
  }
}

/**
 * Applies the platform's reply to an order: the account is known. A payment that the platform settled before its reply
 * arrived keeps its state, and gets no `atm.issued`: nobody should be asked to pay what is settled.
 */
export function issue(
  payment: Payment,
  account: VirtualAccount,
  now: Date,
): Settlement & { readonly payment: IssuedPayment } {
  if (payment.state !== 'opening') {
    return { payment: changed(payment, { account, updatedAt: now }), events: [], unconfirmed: false };
  }
  const issued = changed(payment, { account, state: 'pending', updatedAt: now });
  const event = Object.assign(eventBase('atm.issued', issued, now), { payment: issued });
  return { payment: issued, events: [event], unconfirmed: false };
}

/** The event of a signed outcome of an order that the ledger does not have; the same outcome again is the same event. */
export function unknownOrder(
  about: PaymentKey & { readonly livemode: boolean },
  outcome: Outcome,
  now: Date,
): AtmUnknownOrder {
  const discriminator = `${outcome.code} ${outcome.reportedAmount ?? ''}`;
  return Object.assign(eventBase('atm.unknown_order', about, now, discriminator), { outcome });
}

function settlePaid(payment: Payment, outcome: Outcome, now: Date): Settlement {
  const { reportedAmount } = outcome;
  if (reportedAmount === undefined) return { ...unchanged(payment), unconfirmed: true };
  const amountUnit = matchAmount(reportedAmount, payment.amount);
  if (!amountUnit) return mismatch(payment, reportedAmount, now);

  const { transactedAt } = outcome;
  const late = hasEnded(payment) || (transactedAt !== undefined && secondsPastDeadline(payment, transactedAt) > 0);
  const paid = changed(payment, {
    state: 'paid',
    paidAt: transactedAt ?? now,
    amountUnit,
    updatedAt: now,
    ...(outcome.payer ? { payer: outcome.payer } : {}),
  });
  const event = Object.assign(eventBase('atm.paid', paid, now), { payment: paid, late });
  return { payment: paid, events: [event], unconfirmed: false };
}

function mismatch(payment: Payment, reportedAmount: string, now: Date): Settlement {
  const seen = payment.mismatchedAmounts ?? [];
  if (seen.includes(reportedAmount)) return unchanged(payment);
  const mismatched = changed(payment, { mismatchedAmounts: [...seen, reportedAmount], updatedAt: now });
  const base = eventBase('atm.amount_mismatch', mismatched, now, reportedAmount);
  const event = Object.assign(base, { payment: mismatched, reportedAmount });
  return { payment: mismatched, events: [event], unconfirmed: false };
}

function end(payment: Payment, state: 'failed' | 'closed' | 'expired', now: Date): Settlement {
  const ended: Payment = { ...payment, state, updatedAt: now };
  const event = Object.assign(eventBase(`atm.${state}`, ended, now), { payment: ended });
  return { payment: ended, events: [event], unconfirmed: false };
}

function unchanged(payment: Payment): Settlement {
  return { payment, events: [], unconfirmed: false };
}

/** Negative until the deadline. */
function secondsPastDeadline(payment: Payment, moment: Date): number {
  return Math.floor((moment.getTime() - deadlineOf(payment).getTime()) / 1000);
}
