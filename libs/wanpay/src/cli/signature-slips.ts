import { createHash } from 'node:crypto';
import { type Fields, signingString } from '../protocol/index.js';

/** A way to get a signature wrong that is seen again and again. */
interface Slip {
  readonly code: string;
  /** Completes "It holds if …". */
  readonly when: string;
  /** What would have been signed then, the key included. */
  readonly base: (fields: Fields, key: string) => string;
}

/** Why a signature may not hold, as far as trying tells. */
export interface LikelyCause {
  readonly code: string;
  readonly explanation: string;
}

const SLIPS: readonly Slip[] = [
  {
    code: 'key_with_space',
    when: 'the white space around the key is taken away: see how WANPAY_KEY is set',
    base: (fields, key) => signingString(fields) + key.trim(),
  },
  {
    code: 'values_with_space',
    when: 'the white space around the values is taken away: something put it there after signing',
    base: (fields, key) => signingString(mapValues(fields, (value) => value.trim())) + key,
  },
  {
    code: 'not_decoded',
    when: 'the values are decoded once more: they are still URL-encoded, so the message was encoded twice or not decoded',
    base: (fields, key) => signingString(mapValues(fields, decode)) + key,
  },
  {
    code: 'signed_encoded',
    when: 'the values are URL-encoded: the sender must sign them as they are, and encode them afterwards',
    base: (fields, key) => signingString(mapValues(fields, encodeURIComponent)) + key,
  },
  {
    code: 'decoded_twice',
    when: 'spaces are read as +: the message was decoded twice, which turns a + into a space',
    base: (fields, key) => signingString(mapValues(fields, (value) => value.replaceAll(' ', '+'))) + key,
  },
  {
    code: 'empty_included',
    when: 'empty fields are signed, too: the sender must leave them out of what it signs',
    base: (fields, key) => `${join(sortedNames(fields), fields)}&key=${key}`,
  },
  {
    code: 'key_name_missing',
    when: 'the key follows without “&key=” before it',
    base: (fields, key) => signingString(fields).replace(/&?key=$/, '') + key,
  },
  {
    code: 'unkeyed',
    when: 'no key is signed at all: anybody could have made it',
    base: (fields) => signingString(fields).replace(/&?key=$/, ''),
  },
  {
    code: 'not_sorted',
    when: 'the fields are signed in the order in which they came: they must be sorted by name',
    base: (fields, key) =>
      `${join(
        namesIn(fields).filter((name) => fields[name] !== ''),
        fields,
      )}&key=${key}`,
  },
  {
    code: 'sorted_by_case',
    when: 'the fields are sorted without regard to case: capital letters come before small ones',
    base: (fields, key) =>
      `${join(
        namesIn(fields)
          .filter((name) => fields[name] !== '')
          .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
        fields,
      )}&key=${key}`,
  },
];

/**
 * Looks for what may have gone wrong with a signature that doesn't hold.
 *
 * @returns undefined when nothing that is tried explains it: another key, or a message that was changed
 */
export function findLikelyCause(fields: Fields, keys: readonly string[]): LikelyCause | undefined {
  const given = fields.sign ?? '';
  if (given === '') return { code: 'unsigned', explanation: 'It carries no sign at all.' };
  const signature = given.trim().toUpperCase();
  if (!/^[0-9A-F]{32}$/.test(signature)) {
    return {
      code: 'not_md5',
      explanation: `Its sign has ${given.length} characters, and should be 32 hexadecimal digits.`,
    };
  }
  const holds = (base: string): boolean => digest(base) === signature;
  if (keys.some((key) => holds(signingString(fields) + key))) {
    return given.trim() === given
      ? { code: 'lower_case', explanation: 'Its sign is right, but in lower case: it must be upper case.' }
      : { code: 'sign_with_space', explanation: 'Its sign is right, but with white space around it.' };
  }
  const slip = SLIPS.find(({ base }) => keys.some((key) => holds(base(fields, key))));
  if (slip) return { code: slip.code, explanation: `It holds if ${slip.when}.` };
  const added = namesIn(fields).find((name) =>
    keys.some((key) => holds(signingString({ ...fields, [name]: '' }) + key)),
  );
  if (added === undefined) return undefined;
  return {
    code: 'field_added',
    explanation: `It holds without the field ${added}: it was added after signing, or is not signed.`,
  };
}

function namesIn(fields: Fields): readonly string[] {
  return Object.keys(fields).filter((name) => name !== 'sign');
}

function sortedNames(fields: Fields): readonly string[] {
  return [...namesIn(fields)].sort();
}

function join(names: readonly string[], fields: Fields): string {
  return names.map((name) => `${name}=${fields[name] ?? ''}`).join('&');
}

function mapValues(fields: Fields, change: (value: string) => string): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, change(value)]));
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
}

function digest(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex').toUpperCase();
}
