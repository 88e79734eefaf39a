import { InvalidFieldError } from './errors.js';

/** The longest signing key. */
export const MAX_KEY_LENGTH = 256;

/**
 * Tells whether a value is a signing key (2.3): text of 1 to 256 characters without space around it. Anything else, such as
 * what an unset variable leaves in a list, signs and verifies nothing.
 */
export function isKey(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_KEY_LENGTH && value.trim() === value;
}

/** @throws InvalidFieldError for what is no key; it does not quote the value */
export function assertKey(value: unknown): asserts value is string {
  if (isKey(value)) return;
  throw new InvalidFieldError('key', `must be text of 1 to ${MAX_KEY_LENGTH} characters without space around it.`);
}
