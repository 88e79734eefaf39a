import { MalformedMessageError } from './errors.js';
import { type Fields, NOTIFICATION_FIELDS } from './fields.js';
import { type Outcome, outcomeStatus, readPayer } from './outcome.js';
import { createNonce } from './nonce.js';
import { sign } from './signature.js';
import { cleanCode, cleanWords } from './words.js';
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
  if (!timestamp) throw new MalformedMessageError('secondtimestamp is not a number of seconds or milliseconds.');
  const code = cleanCode(required(fields, 'status'));
  const merchantNo = required(fields, 'orgno');
  const orderNo = required(fields, 'out_trade_no');
  const outcome = readOutcome(code, fields);
  const message = cleanWords(fields.result ?? '');
  return message ? { merchantNo, orderNo, timestamp, outcome, message } : { merchantNo, orderNo, timestamp, outcome };
}

/**
 * The fields of 3.1.2 alone, out of what a request brought along. Verify them again before you believe them: an extension
 * field that was signed is missing then, and the signature wrong.
 */
export function withoutForeignFields(received: unknown): unknown {
  if (typeof received !== 'object' || received === null) return received;
  return Object.fromEntries(Object.entries(received).filter(([name]) => NOTIFICATION_FIELDS.has(name)));
}

function readOutcome(code: string, fields: Fields): Outcome {
  const outcome: { -readonly [Name in keyof Outcome]: Outcome[Name] } = { status: outcomeStatus(code), code };
  if (fields.total_fee) outcome.reportedAmount = fields.total_fee;
  const payer = readPayer(fields.bankno, fields.acctno);
  if (payer) outcome.payer = payer;
  const transactedAt = fields.orderdate ? parseTaipei(fields.orderdate) : undefined;
  if (transactedAt) outcome.transactedAt = transactedAt;
  return outcome;
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
