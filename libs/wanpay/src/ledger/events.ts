import { hash } from 'node:crypto';
import type { Outcome } from '../protocol/index.js';
import type { IssuedPayment, Payment, PaymentKey } from './payment.js';
import type { Transfer } from './transfer.js';

interface EventBase<Type extends string> extends PaymentKey {
  /** The same for the same fact, however often it is delivered: use it as your handler's idempotency key. */
  readonly id: string;
  readonly type: Type;
  /** When the ledger learnt of the fact. */
  readonly occurredAt: Date;
  /** False for the public test merchant and for any platform but WanPay's own: nobody ships goods for a test. */
  readonly livemode: boolean;
}

/** The platform issued a virtual account; the payer can be shown where to pay. */
export interface AtmIssued extends EventBase<'atm.issued'> {
  readonly payment: IssuedPayment;
}

/** The money is there, in the amount that was asked. Recorded once per payment. */
export interface AtmPaid extends EventBase<'atm.paid'> {
  /** The paid payment, with the payer and the time. */
  readonly payment: Payment;
  /** True when the payment had failed, closed or expired before, or the platform dates the transfer after the deadline. */
  readonly late: boolean;
}

/** The payment failed: the platform says so, or it could not be opened. `payment.failure` tells which. */
export interface AtmFailed extends EventBase<'atm.failed'> {
  readonly payment: Payment;
}

/** The platform closed the order before its deadline. */
export interface AtmClosed extends EventBase<'atm.closed'> {
  readonly payment: Payment;
}

/** The deadline has passed and the platform says that no money came. */
export interface AtmExpired extends EventBase<'atm.expired'> {
  readonly payment: Payment;
}

/** A transfer arrived, but not of the amount that was asked: the payment stays open for a person. Recorded once for each transfer. */
export interface AtmAmountMismatch extends EventBase<'atm.amount_mismatch'> {
  /** The payment as it is: still unpaid. */
  readonly payment: Payment;
  /** The amount as the platform wrote it; its unit is not certain. The same as `transfer.reportedAmount`. */
  readonly reportedAmount: string;
  /** The transfer of another amount. */
  readonly transfer: Transfer;
}

/** Another transfer arrived for a payment that is paid: a person should refund it. Recorded once for each transfer. */
export interface AtmDuplicatePayment extends EventBase<'atm.duplicate_payment'> {
  readonly payment: Payment;
  /** The transfer that is too much. */
  readonly transfer: Transfer;
}

/**
 * The platform reports money for an order number whose account this ledger never received, so nobody can tell whether it is
 * this order's: a person should look, and may call `acceptPayment`. Recorded once for each transfer.
 */
export interface AtmUnclaimedPayment extends EventBase<'atm.unclaimed_payment'> {
  readonly payment: Payment;
  readonly transfer: Transfer;
}

/** A correctly signed notification for an order that is not in this ledger: a person should look. */
export interface AtmUnknownOrder extends EventBase<'atm.unknown_order'> {
  /** What the platform says of the order (3.1.2). */
  readonly outcome: Outcome;
}

/** Something that happened to a payment, recorded in the ledger and delivered to the host's handlers. */
export type AtmEvent =
  | AtmIssued
  | AtmPaid
  | AtmFailed
  | AtmClosed
  | AtmExpired
  | AtmAmountMismatch
  | AtmDuplicatePayment
  | AtmUnclaimedPayment
  | AtmUnknownOrder;
/** The name of an event. */
export type AtmEventType = AtmEvent['type'];
/** The event of a given name. */
export type AtmEventOf<Type extends AtmEventType> = Extract<AtmEvent, { type: Type }>;

/** Every event's name. */
export const ATM_EVENT_TYPES: readonly AtmEventType[] = [
  'atm.issued',
  'atm.paid',
  'atm.failed',
  'atm.closed',
  'atm.expired',
  'atm.amount_mismatch',
  'atm.duplicate_payment',
  'atm.unclaimed_payment',
  'atm.unknown_order',
];

const ID_DIGITS = 24;

/**
 * The head that all events share. The id is made from the fact alone, so recording a fact twice is recording it once.
 *
 * @param discriminator tells facts of the same type and payment apart, such as two transfers
 */
export function eventBase<Type extends AtmEventType>(
  type: Type,
  about: PaymentKey & { readonly livemode: boolean },
  occurredAt: Date,
  discriminator = '',
): EventBase<Type> {
  const { merchantNo, orderNo, livemode } = about;
  const fact = JSON.stringify([type, merchantNo, orderNo, discriminator]);
  // Joined into a new string: a concatenation would keep its parts in memory, and with them the whole digest.
  const id = ['evt_', hash('sha256', fact).slice(0, ID_DIGITS)].join('');
  return { id, type, merchantNo, orderNo, livemode, occurredAt };
}
