import type { DeliveryFilter, ReplayFilter } from './ledger/deliveries.js';
import { pageLimit } from './ledger/cursor.js';
import { ATM_EVENT_TYPES } from './ledger/events.js';
import { isStorableText } from './ledger/order-key.js';
import type { PaymentState } from './ledger/payment.js';
import type { DeliveryState, KeptRecord, KeptRecordQuery, Period, Subscription } from './ledger/store.js';
import type { PaymentFilter } from './ledger/timeline.js';
import type { AcceptPayment, CreatePayment } from './payments/payments.js';
import { assertMerchantNo, assertOrderNo, assertPlainText, assertText, InvalidFieldError } from './protocol/index.js';

const MAX_LEASE_SECONDS = 3600;
/** The longest number of an order that is looked up: the platform's samples have more than the 20 characters of 3.1.1. */
const MAX_LOOKUP_LENGTH = 100;
const MAX_CURSOR_LENGTH = 2000;
const MAX_HANDLER_ID_LENGTH = 200;
const MAX_KIND_LENGTH = 32;
/** What every store can hold. */
const MAX_DOCUMENT_LENGTH = 4_000_000;
/** What has a default of the module's where it is left out. */
const DEFAULTED_TERMS = ['validDays', 'returnUrl', 'notificationUrl'] as const;
const PAYMENT_STATES: Readonly<Record<PaymentState, true>> = {
  opening: true,
  pending: true,
  paid: true,
  failed: true,
  closed: true,
  expired: true,
};
const DELIVERY_STATES: Readonly<Record<DeliveryState, true>> = {
  pending: true,
  running: true,
  delivered: true,
  dead: true,
};

/**
 * Checks what says whose payment is asked for; what it is to be is checked when the defaults are filled in.
 *
 * @throws InvalidFieldError
 */
export function assertCreatePayment(payment: CreatePayment): void {
  assertObject('payment', payment);
  if (payment.merchantNo !== undefined) assertMerchantNo(payment.merchantNo);
  if (payment.orderNo !== undefined) assertOrderNo(payment.orderNo);
  for (const term of DEFAULTED_TERMS) {
    const value: unknown = payment[term];
    if (value === null) throw new InvalidFieldError(term, 'must not be null: leave it out.');
  }
  if (payment.notificationUrl === '') {
    throw new InvalidFieldError('notificationUrl', "must not be empty: left out, it is this module's own address.");
  }
}

/**
 * Checks what names one payment, of whatever form its number is.
 *
 * @throws InvalidFieldError
 */
export function assertLookup(orderNo: string, merchantNo: string | undefined): void {
  assertText('orderNo', orderNo, MAX_LOOKUP_LENGTH);
  if (orderNo === '') throw new InvalidFieldError('orderNo', 'must not be empty.');
  if (merchantNo !== undefined) assertMerchantNo(merchantNo);
}

/**
 * Checks what names the payment of a person's decision; the reason is checked with it.
 *
 * @throws InvalidFieldError
 */
export function assertAcceptPayment(orderNo: string, decision: AcceptPayment): void {
  assertObject('decision', decision);
  assertLookup(orderNo, decision.merchantNo);
}

/** @throws InvalidFieldError */
export function assertHandlerId(id: string): void {
  assertPlainText('id', id, MAX_HANDLER_ID_LENGTH);
}

/** @throws InvalidFieldError */
export function assertDeliveryId(id: string): void {
  assertPlainText('id', id, MAX_CURSOR_LENGTH);
}

/** @throws InvalidFieldError */
export function assertSubscription(subscription: Subscription): void {
  assertObject('subscription', subscription);
  const { handler, type } = subscription;
  assertPlainText('handler', handler, MAX_HANDLER_ID_LENGTH);
  assertOneOf('type', type, ATM_EVENT_TYPES);
}

/** @throws InvalidFieldError */
export function assertPeriod(period: Period): void {
  assertObject('period', period);
  assertMoment('from', period.from);
  assertMoment('to', period.to);
  if (period.merchantNo !== undefined) assertMerchantNo(period.merchantNo);
}

/** @throws InvalidFieldError */
export function assertPaymentFilter(filter: PaymentFilter): void {
  assertObject('filter', filter);
  const { merchantNo, states, createdFrom, createdBefore, amount, accountNo, payerNo, after } = filter;
  if (merchantNo !== undefined) assertMerchantNo(merchantNo);
  if (states !== undefined) assertStates(states);
  if (createdFrom !== undefined) assertMoment('createdFrom', createdFrom);
  if (createdBefore !== undefined) assertMoment('createdBefore', createdBefore);
  if (amount !== undefined && !Number.isSafeInteger(amount))
    throw new InvalidFieldError('amount', 'must be a whole number.');
  if (accountNo !== undefined) assertText('accountNo', accountNo, MAX_LOOKUP_LENGTH);
  if (payerNo !== undefined) assertText('payerNo', payerNo, MAX_LOOKUP_LENGTH);
  if (after !== undefined) assertText('after', after, MAX_CURSOR_LENGTH);
}

/** @throws InvalidFieldError */
export function assertDeliveryFilter(filter: DeliveryFilter): void {
  assertObject('filter', filter);
  const { state, after } = filter;
  if (state !== undefined) assertOneOf('state', state, Object.keys(DELIVERY_STATES));
  assertSubscribed(filter);
  if (after !== undefined) assertText('after', after, MAX_CURSOR_LENGTH);
}

/** @throws InvalidFieldError */
export function assertLease(name: string, holder: string, seconds = 1): void {
  assertPlainText('name', name, MAX_LOOKUP_LENGTH);
  assertPlainText('holder', holder, MAX_LOOKUP_LENGTH);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_LEASE_SECONDS) return;
  throw new InvalidFieldError('seconds', `must be a whole number from 1 to ${MAX_LEASE_SECONDS}.`);
}

/** @throws InvalidFieldError */
export function assertRecord(record: KeptRecord): void {
  assertObject('record', record);
  const { kind, id, at, document } = record;
  assertPlainText('kind', kind, MAX_KIND_LENGTH);
  assertPlainText('id', id, MAX_LOOKUP_LENGTH);
  assertMoment('at', at);
  assertDocument(document);
}

/** A document may quote a file. Stores can't hold NUL or lone surrogates, which JSON writes as escapes. */
function assertDocument(document: unknown): void {
  if (typeof document !== 'string' || !isStorableText(document)) {
    throw new InvalidFieldError('document', 'must be JSON.');
  }
  if (document.length <= MAX_DOCUMENT_LENGTH) return;
  throw new InvalidFieldError('document', `must be at most ${MAX_DOCUMENT_LENGTH} characters.`);
}

/** @throws InvalidFieldError */
export function assertRecordQuery(query: KeptRecordQuery): void {
  assertObject('query', query);
  const { kind, at, before, limit } = query;
  assertPlainText('kind', kind, MAX_KIND_LENGTH);
  if (at !== undefined) assertMoment('at', at);
  if (before !== undefined) assertMoment('before', before);
  pageLimit(limit);
}

/** @throws InvalidFieldError */
export function assertReplayFilter(filter: ReplayFilter): void {
  assertObject('filter', filter);
  const { state, from, to } = filter;
  if (state !== undefined) assertOneOf('state', state, ['dead', 'delivered']);
  assertSubscribed(filter);
  if (from !== undefined) assertMoment('from', from);
  if (to !== undefined) assertMoment('to', to);
}

/**
 * Checks that a value is a moment: an invalid `Date` equals none, so that a filter by it would find nothing, or everything.
 *
 * @throws InvalidFieldError
 */
export function assertMoment(field: string, value: unknown): void {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return;
  throw new InvalidFieldError(field, 'must be a valid Date.');
}

/** @throws InvalidFieldError */
export function assertObject(field: string, value: unknown): void {
  if (typeof value === 'object' && value !== null) return;
  throw new InvalidFieldError(field, 'must be an object.');
}

function assertSubscribed({ handler, type }: Pick<DeliveryFilter, 'handler' | 'type'>): void {
  if (handler !== undefined) assertPlainText('handler', handler, MAX_HANDLER_ID_LENGTH);
  if (type !== undefined) assertOneOf('type', type, ATM_EVENT_TYPES);
}

function assertStates(states: readonly PaymentState[]): void {
  const isList: boolean = Array.isArray(states);
  if (!isList) throw new InvalidFieldError('states', 'must be a list.');
  for (const state of states) assertOneOf('states', state, Object.keys(PAYMENT_STATES));
}

function assertOneOf(field: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new InvalidFieldError(field, `must be one of ${known.join(', ')}.`);
}
