import { type AmountUnit, expiryAfter, MAX_VALID_DAYS, type Payer, type VirtualAccount } from '../protocol/index.js';
import type { Review } from './review.js';
import type { Transfer } from './transfer.js';

/**
 * Where a payment stands.
 *
 * `opening`: the payment is recorded and the platform is being asked. `pending`: the account is issued, money may come.
 * `paid` is final. `failed`, `closed` and `expired` end a payment unless money comes all the same.
 */
export type PaymentState = 'opening' | 'pending' | 'paid' | 'failed' | 'closed' | 'expired';

/** What identifies a payment. */
export interface PaymentKey {
  /** 1 to 30 characters. */
  readonly merchantNo: string;
  /** 1 to 20 digits and upper-case letters (3.1.1); of an order that this ledger did not open, any text. */
  readonly orderNo: string;
}

/** Why a payment failed. */
export interface PaymentFailure {
  /** The platform's code (3.2.1), such as `5805` or `6307`, or `account_lost`: the platform's reply never reached us. */
  readonly code: string;
  /** What that means, or the platform's own words. */
  readonly message: string;
}

/** A person's decision that a transfer to an account which the ledger never received pays this payment after all. */
export interface PaymentAcceptance {
  readonly reason: string;
  readonly acceptedAt: Date;
  /** Who decided, as the host calls them. */
  readonly by?: string;
}

/** One order to be paid by ATM transfer. */
export interface Payment extends PaymentKey {
  /** Where it stands. */
  readonly state: PaymentState;
  /** What was asked for: whole New Taiwan dollars. */
  readonly amount: number;
  /** False for the public test merchant and for any platform but WanPay's own: nobody ships goods for a test. */
  readonly livemode: boolean;
  /** Days the account was asked to be valid, 1 to 30. */
  readonly validDays?: number;
  /** At most 256 characters, as it was sent to the platform. */
  readonly description?: string;
  /** Where the payer's browser is sent back to. */
  readonly returnUrl?: string;
  /** Where the platform posts the result. */
  readonly notificationUrl?: string;
  /** Where the payer is to transfer the money; absent while `opening`, and where the platform's reply never reached us. */
  readonly account?: VirtualAccount;
  /** Who paid; the account is masked to its last five digits unless the host asked for all of it. */
  readonly payer?: Payer;
  /** When the payer paid, in the platform's words, else when we learnt of it. */
  readonly paidAt?: Date;
  /** The platform did not tell when the payer paid. */
  readonly paidAtEstimated?: true;
  /** In which unit the platform reported the amount when it was paid. */
  readonly amountUnit?: AmountUnit;
  /** Transfers that the platform reported and that did not pay this payment: a person should look at each. */
  readonly otherTransfers?: readonly Transfer[];
  /** Why it failed; of a payment that is still `opening`, what the platform said last. */
  readonly failure?: PaymentFailure;
  /** Present where a person decided that it is paid. */
  readonly acceptance?: PaymentAcceptance;
  /** Present where a person has dealt with what needed one. */
  readonly review?: Review;
  /**
   * Until when the platform's reply to the order may still come; absent once it came, or never will.
   *
   * @internal The ledger's own, as the two that follow: neither the service nor an event shows them.
   */
  readonly replyAwaitedUntil?: Date;
  /** Transfers that were reported before the platform's reply: they count once the account is known. */
  readonly heldTransfers?: readonly Transfer[];
  /** When the check was last brought forward, or will be. */
  readonly expeditedAt?: Date;
  /** When `createPayment` recorded it. */
  readonly createdAt: Date;
  /** When it was last changed. */
  readonly updatedAt: Date;
}

/** A payment whose account is known. */
export interface IssuedPayment extends Payment {
  readonly account: VirtualAccount;
}

/** Tells whether a payment's account is known. */
export function isIssued(payment: Payment): payment is IssuedPayment {
  return payment.account !== undefined;
}

/** Tells whether a payment is over, as far as the platform has said. */
export function hasEnded({ state }: Payment): boolean {
  return state !== 'opening' && state !== 'pending';
}

/**
 * A payment with other values for some of its fields.
 *
 * Not `{ ...payment, …changes }`: Node 20 gives each object that gains a field in that way a hidden class of its own, which
 * takes 280 bytes and 3 µs (0.16 µs here), and keeps every later reader of the payment from being compiled for it.
 */
export function changed<Of extends Payment, Changes extends Partial<Payment>>(
  payment: Of,
  changes: Changes,
): Of & Changes {
  return Object.assign({}, payment, changes);
}

/** A payment as hosts see it: without what is the ledger's own. */
export function shown(payment: IssuedPayment): IssuedPayment;
export function shown(payment: Payment): Payment;
export function shown(payment: Payment): Payment {
  // Most payments have none of these fields, and copying the rest takes a microsecond.
  if (!(payment.replyAwaitedUntil ?? payment.heldTransfers ?? payment.expeditedAt)) return payment;
  const { replyAwaitedUntil: _until, heldTransfers: _held, expeditedAt: _expedited, ...rest } = payment;
  return rest;
}

/** The last second in which a payment can be paid; of one whose account is not known, the latest that it can be. */
export function deadlineOf({ account, createdAt, validDays = MAX_VALID_DAYS }: Payment): Date {
  return account?.expiresAt ?? expiryAfter(createdAt, validDays);
}
