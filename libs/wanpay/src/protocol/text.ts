import { InvalidFieldError } from './errors.js';

/** The longest text that a field of an order holds (3.1.1). */
export const MAX_TEXT_LENGTH = 256;
const CONTROL = /\p{Cc}/u;
/** Half of a pair, or what such a half became on its way here. */
const HALF_CHARACTER = /[\p{Surrogate}\uFFFD]/u;
const FOLDED_FIELD = /&[^&=]+=/;

/**
 * Tells whether a value reads as more than one field in the string that is signed (2.3), where nothing is escaped:
 * `1&b=2`.
 */
export function hasFoldedField(value: string): boolean {
  return value.includes('&') && FOLDED_FIELD.test(value);
}

/**
 * Checks a text that is kept, and never sent: no half characters, as a cut through an emoji leaves, and no control
 * characters, so that every store can hold it.
 *
 * @param field the name under which the caller knows it
 * @throws InvalidFieldError, also for what is no text, since callers without types exist
 */
export function assertPlainText(field: string, value: unknown, maxLength: number): asserts value is string {
  if (typeof value !== 'string') throw new InvalidFieldError(field, 'must be text.');
  if (value.length > maxLength) throw new InvalidFieldError(field, `must be at most ${maxLength} characters.`);
  if (CONTROL.test(value)) throw new InvalidFieldError(field, 'must not hold control characters or line breaks.');
  if (HALF_CHARACTER.test(value)) {
    throw new InvalidFieldError(field, 'holds half a character: cut texts between characters, not within an emoji.');
  }
}

/**
 * Checks a text that may be sent: besides, nothing in it would be signed as a field of its own.
 *
 * @throws InvalidFieldError, also for what is no text
 */
export function assertText(field: string, value: unknown, maxLength = MAX_TEXT_LENGTH): asserts value is string {
  assertPlainText(field, value, maxLength);
  if (hasFoldedField(value)) {
    throw new InvalidFieldError(
      field,
      'must not hold & followed by a name and =, which would be signed as another field.',
    );
  }
}

/** Tells whether an address is one that the platform takes: http or https, without `?`, `&`, `#` and spaces. */
export function isPlainAddress(value: string): boolean {
  return /^https?:\/\/[^?&#\s]+$/i.test(value) && URL.canParse(value);
}

/**
 * Checks an address that is sent to the platform.
 *
 * @throws InvalidFieldError
 */
export function assertAddress(field: string, value: unknown): asserts value is string {
  assertText(field, value);
  if (isPlainAddress(value)) return;
  throw new InvalidFieldError(field, 'must be an address that begins with http:// or https://, without ?, & and #.');
}
