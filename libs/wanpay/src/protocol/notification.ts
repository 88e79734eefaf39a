import { MalformedMessageError } from './errors.js';
import type { Fields } from './fields.js';
import { type Outcome, outcomeStatus, readPayer } from './outcome.js';
import { createNonce } from './nonce.js';
import { sign } from './signature.js';
import { parseTaipei, parseTimestamp, toTimestamp } from './time.js';

/** What the merchant must answer to a notification, to the letter (3.1.2). */
export const NOTIFICATION_ACKNOWLEDGEMENT = 'success';

/** A result notification (3.1.2), read. Nothing in it is to be believed before its signature was verified. */
export interface Notification {
  readonly merchantNo: string;
  readonly orderNo: string;
  /** When the platform signed it. */
  readonly timestamp: Date;
  readonly outcome: Outcome;
  /** The platform's own words about the result. */
  readonly message?: string;
}

/**
 * Reads a result notification (3.1.2), or the fields that a payer's browser brings back to the return URL.
 *
 * Tolerant in what a shop cannot influence: an `orderdate` that can't be read is left out, an unlisted status is
 * `unknown`, an order number may have lower case and any length.
 *
 * @throws MalformedMessageError when a required field is missing or unreadable
 */
export function readNotification(fields: Fields): Notification {
  const timestamp = parseTimestamp(required(fields, 'secondtimestamp'));
  if (!timestamp) throw new MalformedMessageError('secondtimestamp is not a number of seconds.');
  const code = required(fields, 'status');
  const payer = readPayer(fields.bankno, fields.acctno);
  const transactedAt = parseTaipei(fields.orderdate ?? '');
  return {
    merchantNo: required(fields, 'orgno'),
    orderNo: required(fields, 'out_trade_no'),
    timestamp,
    outcome: {
      status: outcomeStatus(code),
      code,
      ...(fields.total_fee ? { reportedAmount: fields.total_fee } : {}),
      ...(payer ? { payer } : {}),
      ...(transactedAt ? { transactedAt } : {}),
    },
    ...(fields.result ? { message: fields.result } : {}),
  };
}

/**
 * Makes a correctly signed notification, for tests of your own handlers: post what it returns, as a form, to the
 * notification URL.
 *
 * @param fields the notification's fields (3.1.2); `secondtimestamp` (now) and `nonce_str` are added where missing
 */
export function signNotification(fields: Fields, key: string): Fields {
  const complete = { secondtimestamp: toTimestamp(new Date()), nonce_str: createNonce(), ...fields };
  return { ...complete, sign: sign(complete, key) };
}

function required(fields: Fields, name: string): string {
  const value = fields[name];
  if (!value) throw new MalformedMessageError(`${name} is missing.`);
  return value;
}
