import { MalformedMessageError } from './errors.js';
import { hasFoldedField } from './text.js';

/** The fields of one message: flat, each name once, each value a string. The empty string means "not given". */
export type Fields = Readonly<Record<string, string>>;

/** The names of a notification's fields (3.1.2). */
export const NOTIFICATION_FIELDS: ReadonlySet<string> = new Set([
  'orgno',
  'secondtimestamp',
  'nonce_str',
  'sign',
  'out_trade_no',
  'status',
  'result',
  'total_fee',
  'orderdate',
  'bankno',
  'acctno',
]);

/** Names that would reach an object's prototype in code less careful than ours. */
const PROTOTYPE_NAMES = new Set(['__proto__', 'constructor', 'prototype']);
const UNSAFE_NAME = /[&=[\]\uFFFD\p{Surrogate}]/u;
/** Replaces bytes that are not UTF-8. */
const REPLACEMENT = '\uFFFD';

/**
 * Reads a parsed form or JSON body into {@link Fields}, and refuses whatever could mean two things (2.3).
 *
 * Values are not escaped in the string that is signed, so `a=1&b=2` may be one field or two under the same signature.
 * Hence a value that holds `&name=` is refused, as are repeated fields, nested fields and names that hold `&` or `=`.
 * In a JSON body a number stands for its shortest decimal text, and `null` for "not given".
 *
 * @param body what the HTTP layer parsed: an object whose values are strings, or for JSON also numbers and null
 * @throws MalformedMessageError with a short reason that quotes no value
 */
export function readFields(body: unknown): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new MalformedMessageError('The body is not a set of fields.');
  }
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(body)) {
    if (!isSafeName(name)) throw new MalformedMessageError('A field has a name that is not allowed.');
    fields[name] = readValue(name, value);
  }
  return fields;
}

/** Looks up the names of a notification's fields first, because that is quicker than the regular expression. */
function isSafeName(name: string): boolean {
  if (NOTIFICATION_FIELDS.has(name)) return true;
  return name !== '' && !UNSAFE_NAME.test(name) && !PROTOTYPE_NAMES.has(name);
}

function readValue(name: string, value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') {
    throw new MalformedMessageError(`The field ${printable(name)} is repeated, nested or not text.`);
  }
  if (hasFoldedField(value)) {
    throw new MalformedMessageError(`The field ${printable(name)} has another field folded into it.`);
  }
  // Lone surrogates, which JSON can hold, and their replacement would all have the same signature.
  if (!value.isWellFormed() || value.includes(REPLACEMENT)) {
    throw new MalformedMessageError(`The field ${printable(name)} is not UTF-8.`);
  }
  return value;
}

/** A stranger chose the name: it goes into an error only when it is plain and short. */
function printable(name: string): string {
  return /^\w{1,32}$/.test(name) ? name : '(unprintable)';
}
