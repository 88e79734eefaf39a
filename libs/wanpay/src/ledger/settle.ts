import { matchAmount, type Outcome, type VirtualAccount } from '../protocol/index.js';
import { type AtmEvent, type AtmUnknownOrder, eventBase } from './events.js';
import {
  changed,
  deadlineOf,
  hasEnded,
  isIssued,
  type IssuedPayment,
  type Payment,
  type PaymentFailure,
  type PaymentKey,
  shown,
} from './payment.js';
import { anyTransferOf, lookUp, type Transfer, transferName, transferOf } from './transfer.js';

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
 * Applies what the platform says to a payment. The one state machine; every change of a payment's state goes through it or
 * through its neighbours in this file.
 *
 * A payment whose account is known:
 *
 * | outcome                       | `pending`                      | `failed`, `closed`, `expired` | `paid`    |
 * |-------------------------------|--------------------------------|-------------------------------|-----------|
 * | paid, a transfer that is known| unchanged, or completed by what only this outcome tells                   |||
 * | paid, the amount asked        | `paid`, with `atm.paid`        | `paid`, with late `atm.paid`  | same state, with `atm.duplicate_payment` |
 * | paid, another amount          | same state, with `atm.amount_mismatch`                         || same state, with `atm.duplicate_payment` |
 * | paid, no amount, or to be confirmed | unchanged, unconfirmed                                   || as any other (*) |
 * | failed                        | `failed`, with `atm.failed`    | unchanged                     | unchanged |
 * | closed, until the deadline    | `closed`, with `atm.closed`    | unchanged                     | unchanged |
 * | closed, after the deadline    | `expired`, with `atm.expired`  | unchanged                     | unchanged |
 * | unpaid, after deadline + grace| `expired`, with `atm.expired`  | unchanged                     | unchanged |
 * | unpaid before that, paying, unknown | unchanged                | unchanged                     | unchanged |
 *
 * (*) Nothing can be confirmed about a second transfer, since a query tells of one only: it counts as it was told.
 *
 * A payment whose account this ledger never received is never paid by number and amount alone:
 *
 * | outcome                       | `opening`, the reply is awaited | `opening` otherwise            | `failed`, `closed`, `expired` |
 * |-------------------------------|---------------------------------|--------------------------------|-----------|
 * | paid, a transfer that is new  | held, unconfirmed               | same state, with `atm.unclaimed_payment` ||
 * | paid, no amount, or to be confirmed | unchanged, unconfirmed                                                |||
 * | anything else                 | unchanged                       | as above                       | unchanged |
 *
 * Money is a fact: it moves any state to `paid`, and nothing moves `paid` away.
 *
 * @param mustConfirm whether a "paid" is to be confirmed by a query first
 */
export function settle(before: Payment, outcome: Outcome, now: Date, mustConfirm = false): Settlement {
  if (isReplyAwaited(before, now)) return whileAwaited(before, outcome, mustConfirm);
  const released = release(before, now);
  const { payment } = released;
  const settled = outcome.status === 'paid' ? pay(payment, outcome, now, mustConfirm) : end(payment, outcome, now);
  return released.events.length === 0 ? settled : { ...settled, events: [...released.events, ...settled.events] };
}

/**
 * Applies the platform's reply to an order: the account is known, and what was held or unclaimed until then counts. A payment
 * that is settled by that gets no `atm.issued`: nobody should be asked to pay what is settled.
 */
export function issue(
  payment: Payment,
  account: VirtualAccount,
  now: Date,
): Settlement & { readonly payment: IssuedPayment } {
  if (isIssued(payment) || payment.state === 'paid') {
    return { payment: changed(payment, { account, updatedAt: now }), events: [], unconfirmed: false };
  }
  // Its transfers are judged anew, so that a person has to look at those that are left.
  const {
    replyAwaitedUntil: _until,
    heldTransfers = [],
    otherTransfers = [],
    failure,
    review: _review,
    ...rest
  } = payment;
  const isOpening = payment.state === 'opening';
  const before = isOpening ? { state: 'pending' as const } : { state: payment.state, ...(failure ? { failure } : {}) };
  let issued: IssuedPayment = { ...rest, ...before, account, updatedAt: now };
  const events: AtmEvent[] = [];
  for (const transfer of [...otherTransfers, ...heldTransfers]) {
    const settled = credit(issued, transfer, now);
    if (isIssued(settled.payment)) issued = settled.payment;
    events.push(...settled.events);
  }
  if (!isOpening || issued.state === 'paid') return { payment: issued, events, unconfirmed: false };
  const event = Object.assign(eventBase('atm.issued', issued, now), { payment: shown(issued) });
  return { payment: issued, events: [event, ...events], unconfirmed: false };
}

/**
 * The platform's reply to an order will not come: what was held until then is money that nobody here can claim.
 *
 * @param failure what the platform said instead, if anything; it may still be asked again
 */
export function loseReply(payment: Payment, now: Date, failure?: PaymentFailure): Settlement {
  if (payment.state !== 'opening') return unchanged(payment);
  const { replyAwaitedUntil: _until, ...rest } = payment;
  return release({ ...rest, ...(failure ? { failure } : {}) }, now);
}

/** Ends a payment whose account this ledger will never receive: `failed`, with `atm.failed`. */
export function fail(payment: Payment, failure: PaymentFailure, now: Date): Settlement {
  if (payment.state !== 'opening') return unchanged(payment);
  const { payment: released, events } = loseReply(payment, now, failure);
  const failed = endIn('failed', released, now);
  return { ...failed, events: [...events, ...failed.events] };
}

/**
 * A person decides that unclaimed money pays this payment: `paid`, with `atm.paid`.
 *
 * @returns undefined when no transfer of the amount asked is waiting for such a decision
 */
export function accept(
  payment: Payment,
  reason: string,
  now: Date,
  by?: string,
): (Settlement & { transfer: Transfer }) | undefined {
  if (payment.state === 'paid' || isIssued(payment) || isReplyAwaited(payment, now)) return undefined;
  const { payment: released, events } = loseReply(payment, now);
  const { otherTransfers = [], review, ...rest } = released;
  const transfer = otherTransfers.find(({ reportedAmount }) => matchAmount(reportedAmount, payment.amount));
  if (!transfer) return undefined;
  const others = otherTransfers.filter((other) => other !== transfer);
  const accepted: Payment = {
    ...rest,
    ...(others.length > 0 ? { otherTransfers: others } : {}),
    // What is left of the transfers that were looked at.
    ...(review ? { review: { ...review, transfers: Math.min(review.transfers, others.length) } } : {}),
    acceptance: { reason, acceptedAt: now, ...(by === undefined ? {} : { by }) },
  };
  const paid = credit(accepted, transfer, now);
  return { ...paid, events: [...events, ...paid.events], transfer };
}

/** The event of a signed outcome of an order that the ledger does not have; the same outcome again is the same event. */
export function unknownOrder(
  about: PaymentKey & { readonly livemode: boolean },
  outcome: Outcome,
  now: Date,
): AtmUnknownOrder {
  const transfer = anyTransferOf(outcome);
  const discriminator = `${outcome.code} ${transfer ? transferName(transfer) : ''}`;
  return Object.assign(eventBase('atm.unknown_order', about, now, discriminator), { outcome });
}

/** Tells whether the account may still come with the platform's reply to the order. */
export function isReplyAwaited(payment: Payment, now: Date): boolean {
  const { state, replyAwaitedUntil } = payment;
  return state === 'opening' && !isIssued(payment) && replyAwaitedUntil !== undefined && now < replyAwaitedUntil;
}

/** The reply says whose number it is. Until then only money is kept. */
function whileAwaited(payment: Payment, outcome: Outcome, mustConfirm: boolean): Settlement {
  if (outcome.status !== 'paid') return unchanged(payment);
  const transfer = transferOf(outcome);
  if (!transfer || mustConfirm) return { ...unchanged(payment), unconfirmed: true };
  const held = payment.heldTransfers ?? [];
  const seen = lookUp([...held, ...(payment.otherTransfers ?? [])], transfer);
  if (seen.kind !== 'new') return { ...unchanged(payment), unconfirmed: true };
  return { payment: changed(payment, { heldTransfers: [...held, transfer] }), events: [], unconfirmed: true };
}

/** What was held for a reply that is not awaited any more is unclaimed. */
function release(payment: Payment, now: Date): Settlement {
  if (!payment.heldTransfers?.length) return unchanged(payment);
  const { heldTransfers, ...rest } = payment;
  let released: Payment = { ...rest, updatedAt: now };
  const events: AtmEvent[] = [];
  for (const transfer of heldTransfers) {
    const settled = setAside('atm.unclaimed_payment', released, transfer, now);
    released = settled.payment;
    events.push(...settled.events);
  }
  return { payment: released, events, unconfirmed: false };
}

function pay(payment: Payment, outcome: Outcome, now: Date, mustConfirm: boolean): Settlement {
  const isPaid = payment.state === 'paid';
  const transfer = isPaid ? anyTransferOf(outcome) : transferOf(outcome);
  if (!transfer || (mustConfirm && !isPaid)) return { ...unchanged(payment), unconfirmed: !isPaid };
  const others = payment.otherTransfers ?? [];
  const seen = lookUp(isPaid ? [paidTransfer(payment), ...others] : others, transfer);
  if (seen.kind === 'known') return unchanged(payment);
  if (seen.kind === 'completed') return completed(payment, seen.transfer, isPaid ? seen.index - 1 : seen.index, now);
  if (isPaid) return setAside('atm.duplicate_payment', payment, transfer, now);
  return isIssued(payment) ? credit(payment, transfer, now) : setAside('atm.unclaimed_payment', payment, transfer, now);
}

/** Pays a payment with a transfer to its account, or sets the transfer aside where the amount is another. */
function credit(payment: Payment, transfer: Transfer, now: Date): Settlement {
  if (payment.state === 'paid') return setAside('atm.duplicate_payment', payment, transfer, now);
  const amountUnit = matchAmount(transfer.reportedAmount, payment.amount);
  if (!amountUnit) return setAside('atm.amount_mismatch', payment, transfer, now);
  const { payer, transactedAt } = transfer;
  const late = hasEnded(payment) || (transactedAt !== undefined && secondsPastDeadline(payment, transactedAt) > 0);
  const paid = changed(payment, {
    state: 'paid',
    paidAt: transactedAt ?? now,
    ...(transactedAt ? {} : { paidAtEstimated: true as const }),
    amountUnit,
    updatedAt: now,
    ...(payer ? { payer } : {}),
  });
  const event = Object.assign(eventBase('atm.paid', paid, now), { payment: shown(paid), late });
  return { payment: paid, events: [event], unconfirmed: false };
}

/** Keeps a transfer that does not pay the payment, with its event for a person. */
function setAside(
  type: 'atm.amount_mismatch' | 'atm.duplicate_payment' | 'atm.unclaimed_payment',
  before: Payment,
  transfer: Transfer,
  now: Date,
): Settlement {
  const payment = changed(before, { otherTransfers: [...(before.otherTransfers ?? []), transfer], updatedAt: now });
  const about = { payment: shown(payment), transfer };
  const name = transferName(transfer);
  const event =
    type === 'atm.amount_mismatch'
      ? Object.assign(eventBase(type, payment, now, name), { ...about, reportedAmount: transfer.reportedAmount })
      : Object.assign(eventBase(type, payment, now, name), about);
  return { payment, events: [event], unconfirmed: false };
}

/** The transfer that paid, which is not stored beside what it says of the payment. */
function paidTransfer({ amount, payer, paidAt, paidAtEstimated }: Payment): Transfer {
  return {
    reportedAmount: String(amount),
    ...(payer ? { payer } : {}),
    ...(paidAt && !paidAtEstimated ? { transactedAt: paidAt } : {}),
  };
}

/** Takes over what only a later message told of a transfer: of the one that paid, or of the other one at `place`. */
function completed(payment: Payment, transfer: Transfer, place: number, now: Date): Settlement {
  if (place >= 0) {
    const otherTransfers = payment.otherTransfers?.map((other, i) => (i === place ? transfer : other)) ?? [];
    return { ...unchanged(payment), payment: changed(payment, { otherTransfers, updatedAt: now }) };
  }
  const { payer, transactedAt } = transfer;
  const { paidAtEstimated: _estimated, ...told } = payment;
  const paid: Payment = {
    ...(transactedAt ? { ...told, paidAt: transactedAt } : payment),
    ...(payer ? { payer } : {}),
    updatedAt: now,
  };
  return { payment: paid, events: [], unconfirmed: false };
}

/** Applies an outcome that tells of no money. */
function end(payment: Payment, { status, code }: Outcome, now: Date): Settlement {
  if (hasEnded(payment)) return unchanged(payment);
  switch (status) {
    case 'failed':
      return endIn(
        'failed',
        changed(payment, { failure: { code, message: 'WanPay says that the payment failed.' } }),
        now,
      );
    case 'closed':
      return endIn(secondsPastDeadline(payment, now) > 0 ? 'expired' : 'closed', payment, now);
    case 'unpaid':
      return secondsPastDeadline(payment, now) > EXPIRY_GRACE_SECONDS
        ? endIn('expired', payment, now)
        : unchanged(payment);
    case 'paid':
    case 'paying':
    case 'unknown':
      return unchanged(payment);
  }
}

function endIn(state: 'failed' | 'closed' | 'expired', payment: Payment, now: Date): Settlement {
  const ended: Payment = { ...payment, state, updatedAt: now };
  const event = Object.assign(eventBase(`atm.${state}`, ended, now), { payment: shown(ended) });
  return { payment: ended, events: [event], unconfirmed: false };
}

function unchanged(payment: Payment): Settlement {
  return { payment, events: [], unconfirmed: false };
}

/** Negative until the deadline. */
function secondsPastDeadline(payment: Payment, moment: Date): number {
  return Math.floor((moment.getTime() - deadlineOf(payment).getTime()) / 1000);
}
