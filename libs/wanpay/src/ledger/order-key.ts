import { hash } from 'node:crypto';
import { InvalidFieldError, type Outcome } from '../protocol/index.js';
import type { PaymentKey, PaymentState } from './payment.js';
import type { OutcomeSource } from './store.js';

const LONGEST = 100;
const DIGEST_DIGITS = 16;

/**
 * Checks a key before a store sees it: untyped callers exist, and no database takes every text.
 *
 * @throws InvalidFieldError for what is no text, is empty, is longer than 100 characters, holds a NUL or half a character
 */
export function checkKey({ merchantNo, orderNo }: PaymentKey): void {
  checkPart('merchantNo', merchantNo);
  checkPart('orderNo', orderNo);
}

/** A key as one text, for maps. */
export function nameOf({ merchantNo, orderNo }: PaymentKey): string {
  return `${merchantNo}\n${orderNo}`;
}

/** The order of keys in which every batch locks its orders. */
export function compareKeys(a: PaymentKey, b: PaymentKey): number {
  return nameOf(a) < nameOf(b) ? -1 : 1;
}

/**
 * What identifies an outcome among those of its order: its content, and the state in which it left the payment. An "unpaid"
 * that ends a payment is another one than those before, which changed nothing.
 */
export function digestOf(source: OutcomeSource, outcome: Outcome, to?: PaymentState): string {
  const { status, code, reportedAmount, payer, transactedAt } = outcome;
  const about = [payer?.bankCode, payer?.account, transactedAt?.getTime()];
  const content = [source, status, code, reportedAmount, ...about, to];
  const digest = hash('sha256', JSON.stringify(content));
  // Joined from two slices, because a slice alone keeps the whole digest in memory. A buffer takes three times as long.
  return [digest.slice(0, DIGEST_DIGITS / 2), digest.slice(DIGEST_DIGITS / 2, DIGEST_DIGITS)].join('');
}

/** Tells whether every store can hold a number of a merchant or an order: text of 1 to 100 characters without a NUL. */
export function isStorable(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST && isStorableText(value);
}

/** Tells whether every store can hold a text: it has no NUL and no lone surrogate. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

function checkPart(field: string, value: unknown): void {
  if (isStorable(value)) return;
  throw new InvalidFieldError(field, `must be text of 1 to ${LONGEST} characters without a NUL.`);
}
