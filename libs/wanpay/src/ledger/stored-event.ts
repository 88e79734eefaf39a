import type { Outcome } from '../protocol/index.js';
import type { AtmEvent, AtmEventType } from './events.js';
import { isIssued, type Payment, type PaymentKey } from './payment.js';
import type { Transfer } from './transfer.js';

/** The facts about a payment that can change after an event, as they were when it happened. */
type PaymentFacts = Pick<
  Payment,
  'state' | 'payer' | 'paidAt' | 'paidAtEstimated' | 'amountUnit' | 'otherTransfers' | 'failure' | 'acceptance'
>;

/** What an event tells that its order's payment does not tell for ever. */
export interface EventDetails extends Partial<PaymentFacts> {
  readonly late?: boolean;
  readonly transfer?: Transfer;
  readonly outcome?: Outcome;
  /** The trace context in which it was recorded, as W3C's `traceparent`; absent where nothing is traced. */
  readonly trace?: string;
}

/** An event as it is stored: without what its payment tells anyway, which is most of it. */
export interface StoredEvent {
  readonly id: string;
  /** The event's number within its order, from 0. */
  readonly seq: number;
  readonly type: AtmEventType;
  readonly occurredAt: Date;
  readonly livemode: boolean;
  readonly details: EventDetails;
}

/**
 * Takes from an event what has to be stored.
 *
 * @param trace the trace context in which it is recorded
 */
export function toStoredEvent(event: AtmEvent, seq: number, trace?: string): StoredEvent {
  const { id, type, occurredAt, livemode } = event;
  const details = detailsOf(event);
  return { id, seq, type, occurredAt, livemode, details: trace === undefined ? details : { ...details, trace } };
}

/**
 * The event again, with the payment as it was when the event happened.
 *
 * @param payment the order's payment as it is now
 */
export function toEvent({ merchantNo, orderNo }: PaymentKey, stored: StoredEvent, payment?: Payment): AtmEvent {
  const { id, type, occurredAt, livemode, details } = stored;
  const base = { id, merchantNo, orderNo, livemode, occurredAt };
  if (type === 'atm.unknown_order') return { ...base, type, outcome: details.outcome ?? UNREAD };
  if (!payment) throw new TypeError(`The event ${id} has no payment.`);
  const then = paymentAsOf(payment, stored);
  switch (type) {
    case 'atm.issued':
      if (!isIssued(then)) throw new TypeError(`The event ${id} has no account.`);
      return { ...base, type, payment: then };
    case 'atm.paid':
      return { ...base, type, payment: then, late: details.late ?? false };
    case 'atm.amount_mismatch': {
      const transfer = details.transfer ?? UNTOLD;
      return { ...base, type, payment: then, transfer, reportedAmount: transfer.reportedAmount };
    }
    case 'atm.duplicate_payment':
    case 'atm.unclaimed_payment':
      return { ...base, type, payment: then, transfer: details.transfer ?? UNTOLD };
    case 'atm.failed':
    case 'atm.closed':
    case 'atm.expired':
      return { ...base, type, payment: then };
  }
}

const UNREAD: Outcome = { status: 'unknown', code: '' };
const UNTOLD: Transfer = { reportedAmount: '' };

function detailsOf(event: AtmEvent): EventDetails {
  if (event.type === 'atm.unknown_order') return { outcome: event.outcome };
  const { state, payer, paidAt, paidAtEstimated, amountUnit, otherTransfers, failure, acceptance } = event.payment;
  // Field by field: spreads of what is there cost Node 20 a hidden class for each object (see `changed`).
  const details: { -readonly [Name in keyof EventDetails]: EventDetails[Name] } = { state };
  if (payer) details.payer = payer;
  if (paidAt) details.paidAt = paidAt;
  if (paidAtEstimated) details.paidAtEstimated = paidAtEstimated;
  if (amountUnit) details.amountUnit = amountUnit;
  if (otherTransfers) details.otherTransfers = otherTransfers;
  if (failure) details.failure = failure;
  if (acceptance) details.acceptance = acceptance;
  if (event.type === 'atm.paid' && event.late) details.late = true;
  if ('transfer' in event) details.transfer = event.transfer;
  return details;
}

/** What is only kept to find out what became of the payment is no part of an event. */
function paymentAsOf(payment: Payment, { occurredAt, details }: StoredEvent): Payment {
  const { late: _late, transfer: _transfer, outcome: _outcome, trace: _trace, ...facts } = details;
  const {
    payer: _payer,
    paidAt: _paidAt,
    paidAtEstimated: _estimated,
    amountUnit: _unit,
    otherTransfers: _transfers,
    failure: _failure,
    acceptance: _acceptance,
    replyAwaitedUntil: _until,
    heldTransfers: _held,
    expeditedAt: _expedited,
    ...lasting
  } = payment;
  return { ...lasting, ...facts, updatedAt: occurredAt };
}
