import { createHash } from 'node:crypto';
import { signingString } from 'nestjs-wanpay/protocol';
import { type Fields } from './fields.js';

/** Why a signature did not hold (2.3), as far as can be told. Holds no key. */
export interface SignatureFinding {
  /** What was to be signed, up to and including `key=`. */
  readonly toBeSigned: string;
  /** What was signed instead, as the signature itself proves; absent when it fits no usual mistake. */
  readonly signed?: string;
  /** The mistake, in words. */
  readonly mistake?: string;
}

/** More fields than any request has: trying each would take long. */
const MAX_FIELDS = 50;

interface Attempt {
  readonly signed: string;
  readonly mistake: string;
}

/**
 * Tries the usual mistakes on a request, and finds the one that its signature comes from.
 *
 * @param fields in the order in which they came, `sign` included
 */
export function findMistake(fields: Fields, keys: readonly string[]): SignatureFinding {
  const toBeSigned = signingString(fields);
  if (Object.keys(fields).length > MAX_FIELDS) return { toBeSigned };
  const given = fields.sign?.toUpperCase();
  const found = [...usualMistakes(fields)].find(({ signed }) => keys.some((key) => md5(signed + key) === given));
  return { toBeSigned, ...found };
}

function* usualMistakes(fields: Fields): Generator<Attempt> {
  const right = signingString(fields);
  yield { signed: right, mistake: 'The signature is right, but must be in upper case.' };
  yield { signed: mapValues(fields, encodeURIComponent), mistake: 'The values were URL-encoded before signing.' };
  yield { signed: mapValues(fields, formEncode), mistake: 'The values were form-encoded before signing.' };
  yield {
    signed: join(Object.entries(fields)),
    mistake: 'The fields were not sorted by name, or empty ones were kept.',
  };
  yield { signed: join(filled(fields)), mistake: 'The fields were not sorted by name.' };
  yield { signed: join(sorted(Object.entries(fields))), mistake: 'Empty fields were kept.' };
  yield { signed: right.slice(0, -'&key='.length), mistake: 'The key was appended without &key=.' };
  yield { signed: right.slice(0, -'key='.length), mistake: 'The key was appended without key=.' };
  for (const [name] of filled(fields)) {
    const signed = signingString({ ...fields, [name]: '' });
    yield { signed, mistake: `${name} was not signed: it was added or filled in afterwards.` };
  }
}

function mapValues(fields: Fields, encode: (value: string) => string): string {
  return signingString(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, encode(value)])));
}

function formEncode(value: string): string {
  return new URLSearchParams({ v: value }).toString().slice('v='.length);
}

function filled(fields: Fields): [string, string][] {
  return Object.entries(fields).filter(([, value]) => value !== '');
}

function sorted(entries: [string, string][]): [string, string][] {
  return entries.toSorted(([one], [other]) => (one < other ? -1 : 1));
}

function join(entries: readonly [string, string][]): string {
  const signed = entries.filter(([name]) => name !== 'sign');
  return signed.map(([name, value]) => `${name}=${value}&`).join('') + 'key=';
}

function md5(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex').toUpperCase();
}
