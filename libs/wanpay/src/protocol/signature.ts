import { createHash, timingSafeEqual } from 'node:crypto';
import type { Fields } from './fields.js';

const SIGNATURE_LENGTH = 32;

/**
 * Signs a message (2.3): drops `sign` and every empty field, sorts the rest by name in ASCII order, joins them as
 * `name=value&…` without URL encoding, appends `&key=` and the merchant's key, and takes the MD5 of its UTF-8 bytes.
 *
 * @returns 32 hexadecimal digits in upper case
 */
export function sign(fields: Fields, key: string): string {
  return digest(signingString(fields) + key);
}

/**
 * Tells whether `fields.sign` is the signature of the other fields under one of the keys (2.3).
 *
 * Fields that this library does not know take part, as the protocol demands. The comparison takes the same time
 * wherever the first difference stands; every key is tried.
 *
 * @param keys one key, or several during a rotation; with none, nothing verifies, and an empty key is none
 */
export function verify(fields: Fields, keys: string | readonly string[]): boolean {
  // UTF-8, since latin1 drops the upper byte and so reads U+0143 as `C`.
  const given = Buffer.from(fields.sign ?? '', 'utf8');
  if (given.length !== SIGNATURE_LENGTH) return false;
  const unkeyed = signingString(fields);
  let matches = false;
  for (const key of typeof keys === 'string' ? [keys] : keys) {
    const expected = Buffer.from(digest(unkeyed + key), 'utf8');
    if (timingSafeEqual(expected, given) && key !== '') matches = true;
  }
  return matches;
}

/** What is signed, up to and including `key=`, so that a caller can show it without showing the key. */
export function signingString(fields: Fields): string {
  let text = '';
  for (const name of Object.keys(fields).sort()) {
    const value = fields[name];
    if (name !== 'sign' && value !== undefined && value !== '') text += `${name}=${value}&`;
  }
  return text + 'key=';
}

function digest(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex').toUpperCase();
}
