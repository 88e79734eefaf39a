import type { Payment } from './payment.js';
import type { UnknownOrder } from './store.js';

/** The fields of a payment that tell whether a person has to look at it. */
type Reviewed = Pick<Payment, 'state'> & {
  readonly [Name in 'payer' | 'otherTransfers' | 'failure' | 'review']?: Payment[Name] | undefined;
};

/** That a person has dealt with an order that needed one. Money that comes later needs a person again. */
export interface Review {
  /** How many transfers had been reported by then that paid nothing. */
  readonly transfers: number;
  readonly reviewedAt: Date;
  /** Who, as the host calls them. */
  readonly by?: string;
}

/** Why a payment failed in a way that a person has to look at: another shop has the number, or the account was lost. */
const LOST_NUMBERS: readonly string[] = ['6307', 'account_lost'];
const PAYER_DIGITS = 5;

/** Whether a person has to look at an order: money that paid nothing, or a number that can't be paid. */
export function needsReview(order: Reviewed | UnknownOrder): boolean {
  const { review } = order;
  if (unpaidTransfersOf(order) > (review?.transfers ?? 0)) return true;
  return 'state' in order && order.state === 'failed' && !review && LOST_NUMBERS.includes(order.failure?.code ?? '');
}

/**
 * Makes the review of an order. `seen` is how many of its transfers the person saw, by default all. An earlier review is never
 * reduced.
 */
export function toReview(order: Reviewed | UnknownOrder, reviewedAt: Date, by?: string, seen?: number): Review {
  const all = unpaidTransfersOf(order);
  const transfers = Math.max(order.review?.transfers ?? 0, Math.min(all, seen ?? all));
  return { transfers, reviewedAt, ...(by === undefined ? {} : { by }) };
}

/** How many transfers were reported that paid nothing. */
function unpaidTransfersOf(order: Reviewed | UnknownOrder): number {
  return ('state' in order ? order.otherTransfers : order.transfers)?.length ?? 0;
}

/** The last five digits of the account that money came from, by which its owner is asked; of several, the one that paid. */
export function payerNoOf(order: Reviewed | UnknownOrder): string | undefined {
  const transfers = 'state' in order ? order.otherTransfers : order.transfers;
  const payer = ('state' in order ? order.payer : undefined) ?? transfers?.at(-1)?.payer;
  const digits = payer?.account?.slice(-PAYER_DIGITS);
  return digits !== undefined && /^\d{5}$/.test(digits) ? digits : undefined;
}
