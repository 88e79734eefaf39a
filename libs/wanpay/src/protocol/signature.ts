import type { Fields } from './fields.js';
import { assertKey, isKey } from './key.js';
import { nodeCrypto } from './node-crypto.js';

/** MD5's, in hexadecimal digits. */
const SIGNATURE_LENGTH = 32;

/**
 * Signs a message (2.3): drops `sign` and every empty field, sorts the rest by name in ASCII order, joins them as
 * `name=value&…` without URL encoding, appends `&key=` and the merchant's key, and takes the MD5 of its UTF-8 bytes.
 *
 * @returns 32 hexadecimal digits in upper case
 * @throws InvalidFieldError for what is no key (`isKey`)
 */
export function sign(fields: Fields, key: string): string {
  assertKey(key);
  return digest(signingString(fields) + key);
}

/**
 * Tells whether `fields.sign` is the signature of the other fields under one of the keys (2.3).
 *
 * Fields that this library does not know take part, as the protocol demands. The comparison takes the same time
 * wherever the first difference stands; every key is tried.
 *
 * @param keys one key, or several during a rotation; with none, nothing verifies, and what is no key (`isKey`) is none
 */
export function verify(fields: Fields, keys: string | readonly string[]): boolean {
  const given = fields.sign;
  if (given?.length !== SIGNATURE_LENGTH) return false;
  const unkeyed = signingString(fields);
  let matches = false;
  for (const key of typeof keys === 'string' ? [keys] : keys) {
    if (isKey(key) && isSame(digest(unkeyed + key), given)) matches = true;
  }
  return matches;
}

/** What is signed, up to and including `key=`, so that a caller can show it without showing the key. */
export function signingString(fields: Fields): string {
  const values = Object.values(fields);
  let text = '';
  for (const { place, first, next } of layoutOf(fields)) {
    const value = values[place];
    if (value) text = text === '' ? first + value : text + next + value;
  }
  return text === '' ? 'key=' : text + '&key=';
}

function digest(text: string): string {
  return nodeCrypto().hash('md5', text).toUpperCase();
}

/**
 * Compares two texts of a signature's length without ending at the first difference. Node's `timingSafeEqual` compares
 * buffers only, and making two of them costs as much as a fifth of a verification.
 */
function isSame(a: string, b: string): boolean {
  let difference = 0;
  for (let i = 0; i < SIGNATURE_LENGTH; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/** The signed fields of a message in the order of their names: where each stands in the message, and what precedes it. */
type Layout = readonly { readonly place: number; readonly first: string; readonly next: string }[];

/**
 * Messages of one kind come with the same names in the same order, and sorting them takes a third of the time of signing:
 * the last order that was sorted is kept. What precedes a value is made with it, since each piece of the text costs as much
 * as another when it is put together.
 */
let lastNames: readonly string[] = [];
let lastLayout: Layout = [];

function layoutOf(fields: Fields): Layout {
  if (!hasLastNames(fields)) {
    const names = Object.keys(fields);
    lastLayout = names
      .map((name, place) => ({ name, place, first: `${name}=`, next: `&${name}=` }))
      .filter(({ name }) => name !== 'sign')
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    lastNames = names;
  }
  return lastLayout;
}

/** Without a list of the names, which would take a tenth of the time of signing. A name that is inherited has no value. */
function hasLastNames(fields: Fields): boolean {
  let i = 0;
  for (const name in fields) {
    if (name !== lastNames[i]) return false;
    i += 1;
  }
  return i === lastNames.length;
}
