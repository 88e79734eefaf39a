import { assertAmount, toCents } from './amount.js';
import { InvalidFieldError, MalformedMessageError } from './errors.js';
import type { Fields } from './fields.js';
import { randomText, type RandomSource } from './nonce.js';
import type { Reply } from './reply.js';
import { assertAddress, assertText } from './text.js';
import { expiryAfter, formatTaipei, parseExpiry } from './time.js';

/** What a merchant asks for when opening an order (3.1.1). */
export interface OrderRequest {
  readonly merchantNo: string;
  /** 1 to 20 digits and upper-case letters, unique for ever. */
  readonly orderNo: string;
  /** Whole New Taiwan dollars, at least 11. */
  readonly amount: number;
  /** Days the account stays valid, 1 to 30; it lapses at 23:59:59 Taipei that many days from today. */
  readonly validDays?: number;
  /** At most 256 characters, without control characters, half characters, and `&` followed by a name and `=`. */
  readonly description?: string;
  /** Where the payer's browser is sent back to: http or https, at most 256 characters, without `?`, `&` and `#`. */
  readonly returnUrl?: string;
  /** Where the platform posts the result: http or https, at most 256 characters, without `?`, `&` and `#`. */
  readonly notificationUrl?: string;
}

/** The bank account that the platform opened for one order (3.1.1). */
export interface VirtualAccount {
  /** 14 digits by the protocol; 10 to 20 are read. */
  readonly number: string;
  /** The bank's three digits. */
  readonly bankCode: string;
  readonly bankName: string;
  readonly branchCode: string;
  readonly branchName: string;
  /** The account holder's name. */
  readonly holder: string;
  /** The last second in which the payer can pay. */
  readonly expiresAt: Date;
  /** True where the platform named no deadline that can be read, so that `expiresAt` was worked out from the days asked for. */
  readonly expiresAtEstimated?: boolean;
}

/** The longest validity of an account (3.1.1), in days. */
export const MAX_VALID_DAYS = 30;
const MAX_MERCHANT_NUMBER_LENGTH = 30;
const ORDER_NUMBER = /^[0-9A-Z]{1,20}$/;
const VIRTUAL_ACCOUNT = /^\d{10,20}$/;
const ACCOUNT_SEPARATORS = /[\s-]/g;
const ORDER_NUMBER_RANDOM_LENGTH = 8;

/**
 * A fresh order number: twelve digits of the time in Taipei, so that numbers sort as they were made, and eight
 * unpredictable characters (40 bits).
 */
export function createOrderNo(now: Date, random?: RandomSource): string {
  const time = formatTaipei(now).replaceAll(/\D/g, '').slice(2);
  return time + randomText(ORDER_NUMBER_RANDOM_LENGTH, random);
}

/**
 * Checks what a merchant asks for against the protocol's limits (3.1.1), before anything is recorded or sent.
 *
 * @throws InvalidFieldError naming the first field that is outside them
 */
export function assertOrderRequest(request: OrderRequest): void {
  assertAmount(request.amount);
  assertMerchantNo(request.merchantNo);
  assertOrderNo(request.orderNo);
  const { validDays } = request;
  if (validDays !== undefined && !(Number.isInteger(validDays) && validDays >= 1 && validDays <= MAX_VALID_DAYS)) {
    throw new InvalidFieldError('validDays', `must be a whole number of days from 1 to ${MAX_VALID_DAYS}.`);
  }
  if (request.description !== undefined) assertText('description', request.description);
  for (const field of ['returnUrl', 'notificationUrl'] as const) {
    // The empty text means "not given".
    if (request[field] !== undefined && request[field] !== '') assertAddress(field, request[field]);
  }
}

/**
 * Checks the number of a merchant (3.1.1): 1 to 30 characters.
 *
 * @throws InvalidFieldError
 */
export function assertMerchantNo(merchantNo: unknown): asserts merchantNo is string {
  assertText('merchantNo', merchantNo, MAX_MERCHANT_NUMBER_LENGTH);
  if (merchantNo === '') throw new InvalidFieldError('merchantNo', 'must not be empty.');
}

/**
 * Checks the number of an order that is to be opened (3.1.1).
 *
 * @throws InvalidFieldError
 */
export function assertOrderNo(orderNo: unknown): asserts orderNo is string {
  if (typeof orderNo === 'string' && ORDER_NUMBER.test(orderNo)) return;
  throw new InvalidFieldError('orderNo', 'must be 1 to 20 digits and upper-case letters (A to Z).');
}

/** The fields of an order (3.1.1) that say what is asked; timestamp, nonce and signature are the sender's. */
export function writeOrder(request: OrderRequest): Fields {
  return {
    orgno: request.merchantNo,
    out_trade_no: request.orderNo,
    total_fee: toCents(request.amount),
    returnurl: request.returnUrl ?? '',
    backurl: request.notificationUrl ?? '',
    virtualatmvalidity: request.validDays === undefined ? '' : String(request.validDays),
    body: request.description ?? '',
  };
}

/**
 * Reads the account out of a successful reply to an order (3.1.1).
 *
 * Tolerant, since an account that is refused here is lost for good: spaces and hyphens are dropped, names may be missing,
 * and a deadline that is absent or unreadable is worked out.
 *
 * @param openedAt when the platform opened the order, from which the days of its validity count
 * @throws MalformedMessageError when it is for another order, or has no account of 10 to 20 digits
 */
export function readVirtualAccount(
  reply: Reply,
  { orderNo, validDays = MAX_VALID_DAYS }: Pick<OrderRequest, 'orderNo' | 'validDays'>,
  openedAt: Date,
): VirtualAccount {
  const { data } = reply;
  if (data.out_trade_no && data.out_trade_no !== orderNo) {
    throw new MalformedMessageError('The reply is for another order.');
  }
  const number = (data.code_url ?? '').replace(ACCOUNT_SEPARATORS, '');
  if (!VIRTUAL_ACCOUNT.test(number)) throw new MalformedMessageError('code_url is not an account of 10 to 20 digits.');
  const expiresAt = parseExpiry(data.expiredate ?? '');
  return {
    number,
    bankCode: data.bankcode ?? '',
    bankName: data.bankname ?? '',
    branchCode: data.branchcode ?? '',
    branchName: data.branchname ?? '',
    holder: data.receiver ?? '',
    ...(expiresAt ? { expiresAt } : { expiresAt: expiryAfter(openedAt, validDays), expiresAtEstimated: true }),
  };
}
