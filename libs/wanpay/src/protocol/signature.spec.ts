import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidFieldError } from './errors.js';
import type { Fields } from './fields.js';
import { sign, signingString, verify } from './signature.js';
import { parseTimestamp } from './time.js';

const KEY = 'QGbZvggxNdGgMUnp';
const VENDOR_KEY = 'n12bQ9Ew1_2342X4rEcO';
const VENDOR_FIELDS = {
  t0t1: 'T1',
  secondtimestamp: '1489215551',
  orgno: '1265',
  total_fee: '8888',
  nonce_str: '71669965',
  body: 'good',
};
const VENDOR_SIGN = 'CF949AE048C0C3B23D5FADFE9495B319';

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex').toUpperCase();
}

/** 2.3 once more, step by step and by other means: the names are picked out smallest first, by their bytes. */
function naiveSign(fields: Fields, key: string): string {
  const left = new Map(Object.entries(fields).filter(([name, value]) => name !== 'sign' && value.length > 0));
  const parts: string[] = [];
  while (left.size > 0) {
    const smallest = [...left.keys()].reduce((a, b) => (Buffer.compare(Buffer.from(b), Buffer.from(a)) < 0 ? b : a));
    parts.push([smallest, left.get(smallest)].join('='));
    left.delete(smallest);
  }
  parts.push(`key=${key}`);
  return createHash('md5')
    .update(Buffer.from(parts.join('&'), 'utf8'))
    .digest('hex')
    .toUpperCase();
}

const name = fc
  .oneof(
    fc.constantFrom('orgno', 'total_fee', 'out_trade_no', 'a', 'a1', 'a_', 'A', 'key', 'toString', 'trxtoken'),
    fc.stringMatching(/^[0-9A-Za-z_.-]{1,8}$/),
  )
  .filter((text) => text !== 'sign' && text !== '__proto__');
/** One character that can't fold a field into its neighbour. */
const character = fc
  .oneof(fc.constantFrom('0', ' ', '+', '%', '中', '額', '😀', '\u0143'), fc.string({ unit: 'binary', maxLength: 1 }))
  .filter((text) => text !== '' && !/[&=]/.test(text));
const value = fc.array(character, { minLength: 1, maxLength: 12 }).map((characters) => characters.join(''));
const someFields = fc.dictionary(name, value, { minKeys: 1, maxKeys: 8, noNullPrototype: true });
const key = fc.stringMatching(/^[0-9A-Za-z_]{1,20}$/);

describe('sign', () => {
  it('gives the answer of the vendor’s own example', () => {
    expect(sign(VENDOR_FIELDS, VENDOR_KEY)).toBe(VENDOR_SIGN);
  });

  it('gives the answer of an older document of the same platform, in UTF-8 and with milliseconds', () => {
    const fields = {
      body: '好好吃',
      nonce_str: '92488154',
      orgno: '1017',
      secondtimestamp: '1482400814378',
      total_fee: '0.01',
      trade_type: 'NATIVE',
    };
    expect(sign(fields, 'b1X4rEcOQ9Ewn12')).toBe('A54393910BBD34B73504C834C5EE494E');
    expect(parseTimestamp(fields.secondtimestamp)).toEqual(new Date('2016-12-22T10:00:14.378Z'));
  });

  it('agrees with a naive implementation', () => {
    expect(naiveSign(VENDOR_FIELDS, VENDOR_KEY)).toBe(VENDOR_SIGN);
    fc.assert(
      fc.property(someFields, key, (fields, aKey) => {
        expect(sign(fields, aKey)).toBe(naiveSign(fields, aKey));
      }),
      { numRuns: 300 },
    );
  });

  it('is 32 hexadecimal digits in upper case', () => {
    fc.assert(
      fc.property(someFields, key, (fields, aKey) => {
        expect(sign(fields, aKey)).toMatch(/^[0-9A-F]{32}$/);
      }),
    );
  });

  it('does not depend on the order of the fields', () => {
    const shuffled = someFields.chain((fields) => {
      const entries = Object.entries(fields);
      return fc.tuple(
        fc.constant(fields),
        fc.shuffledSubarray(entries, { minLength: entries.length, maxLength: entries.length }),
      );
    });
    fc.assert(
      fc.property(shuffled, ([fields, entries]) => {
        expect(sign(Object.fromEntries(entries), KEY)).toBe(sign(fields, KEY));
      }),
    );
  });

  it('leaves out fields whose value is empty', () => {
    fc.assert(
      fc.property(someFields, fc.array(name), (fields, emptyNames) => {
        const padded = { ...Object.fromEntries(emptyNames.map((empty) => [empty, ''])), ...fields };
        expect(sign(padded, KEY)).toBe(sign(fields, KEY));
      }),
    );
  });

  it('leaves out the field sign, whatever it holds', () => {
    fc.assert(
      fc.property(someFields, value, (fields, given) => {
        expect(sign({ ...fields, sign: given }, KEY)).toBe(sign(fields, KEY));
      }),
    );
  });

  it('leaves out only the field that is called sign to the letter', () => {
    expect(sign({ a: '1', Sign: 'x' }, KEY)).not.toBe(sign({ a: '1' }, KEY));
    expect(sign({ a: '1', sign_type: 'MD5' }, KEY)).not.toBe(sign({ a: '1' }, KEY));
  });

  it('takes in every field that it does not know', () => {
    fc.assert(
      fc.property(someFields, name, value, (fields, extension, extensionValue) => {
        fc.pre(!Object.hasOwn(fields, extension));
        expect(sign({ ...fields, [extension]: extensionValue }, KEY)).not.toBe(sign(fields, KEY));
      }),
    );
  });

  it('counts "0" as a value', () => {
    expect(signingString({ a: '1', rate: '0' })).toBe('a=1&rate=0&key=');
    fc.assert(
      fc.property(someFields, name, (fields, zero) => {
        fc.pre(!Object.hasOwn(fields, zero));
        expect(sign({ ...fields, [zero]: '0' }, KEY)).not.toBe(sign(fields, KEY));
      }),
    );
  });

  it('changes when any character of any value changes', () => {
    fc.assert(
      fc.property(someFields, fc.nat(), fc.nat(), character, (fields, pickField, pickCharacter, other) => {
        const names = Object.keys(fields);
        const changed = names[pickField % names.length] ?? '';
        const characters = Array.from(fields[changed] ?? '');
        const at = pickCharacter % characters.length;
        fc.pre(characters[at] !== other);
        const forged = { ...fields, [changed]: characters.with(at, other).join('') };
        expect(sign(forged, KEY)).not.toBe(sign(fields, KEY));
      }),
      { numRuns: 300 },
    );
  });

  it('changes when any character of any name changes, its case included', () => {
    const letter = fc.constantFrom(...Array.from('abcxyzABCXYZ019_'));
    fc.assert(
      fc.property(someFields, fc.nat(), fc.nat(), letter, (fields, pickField, pickCharacter, other) => {
        const names = Object.keys(fields);
        const changed = names[pickField % names.length] ?? '';
        const at = pickCharacter % changed.length;
        const renamed = changed.slice(0, at) + other + changed.slice(at + 1);
        fc.pre(renamed !== 'sign' && !Object.hasOwn(fields, renamed));
        const forged = Object.fromEntries(
          Object.entries(fields).map(([field, text]) => [field === changed ? renamed : field, text]),
        );
        expect(sign(forged, KEY)).not.toBe(sign(fields, KEY));
      }),
      { numRuns: 300 },
    );
  });

  it('changes with the key', () => {
    fc.assert(
      fc.property(someFields, key, key, (fields, one, other) => {
        fc.pre(one !== other);
        expect(sign(fields, one)).not.toBe(sign(fields, other));
      }),
    );
  });

  it('does not change what it is given', () => {
    const fields = Object.freeze({ b: '2', a: '1', sign: 'X', empty: '' });
    sign(fields, KEY);
    expect(fields).toEqual({ b: '2', a: '1', sign: 'X', empty: '' });
  });

  it('signs the UTF-8 bytes of Chinese text and emoji', () => {
    const bytes = Buffer.concat([
      Buffer.from('body=', 'ascii'),
      Buffer.from([0xe6, 0x97, 0xba]), // 旺
      Buffer.from([0xf0, 0x9f, 0x98, 0x80]), // 😀
      Buffer.from(`&key=${KEY}`, 'ascii'),
    ]);
    expect(sign({ body: '旺😀' }, KEY)).toBe(createHash('md5').update(bytes).digest('hex').toUpperCase());
  });
});

describe('signingString', () => {
  it('is the vendor’s stringA with the key left off', () => {
    expect(signingString(VENDOR_FIELDS)).toBe(
      'body=good&nonce_str=71669965&orgno=1265&secondtimestamp=1489215551&t0t1=T1&total_fee=8888&key=',
    );
  });

  it('sorts by name and not by name=value', () => {
    // As whole pairs, `a1=2` comes before `a=1`, because "1" comes before "=".
    expect(signingString({ a1: '2', a: '1' })).toBe('a=1&a1=2&key=');
  });

  it('sorts in ASCII order: digits, upper case, underscore, lower case', () => {
    expect(signingString({ a: '4', _: '3', B: '2', '1': '1' })).toBe('1=1&B=2&_=3&a=4&key=');
  });

  it('sorts names that look like numbers as text', () => {
    expect(signingString({ '9': 'b', '10': 'a' })).toBe('10=a&9=b&key=');
  });

  it('does not encode values', () => {
    expect(signingString({ backurl: 'https://shop.example/a b?x=1%20+中' })).toBe(
      'backurl=https://shop.example/a b?x=1%20+中&key=',
    );
  });

  it('holds nothing but the place of the key when there are no fields', () => {
    expect(signingString({})).toBe('key=');
  });
});

describe('verify', () => {
  it('accepts the vendor’s own example', () => {
    expect(verify({ ...VENDOR_FIELDS, sign: VENDOR_SIGN }, VENDOR_KEY)).toBe(true);
  });

  it('accepts what sign made, unknown fields included', () => {
    fc.assert(
      fc.property(someFields, key, (fields, aKey) => {
        expect(verify({ ...fields, sign: sign(fields, aKey) }, aKey)).toBe(true);
      }),
    );
  });

  it('refuses when a field was changed, added or taken away', () => {
    const signed = { ...VENDOR_FIELDS, sign: VENDOR_SIGN };
    expect(verify({ ...signed, total_fee: '8889' }, VENDOR_KEY)).toBe(false);
    expect(verify({ ...signed, extra: '1' }, VENDOR_KEY)).toBe(false);
    expect(verify({ ...signed, body: '' }, VENDOR_KEY)).toBe(false);
  });

  it('accepts any one of several keys, wherever it stands', () => {
    fc.assert(
      fc.property(someFields, fc.uniqueArray(key, { minLength: 1, maxLength: 5 }), fc.nat(), (fields, keys, pick) => {
        const signing = keys[pick % keys.length] ?? '';
        expect(verify({ ...fields, sign: sign(fields, signing) }, keys)).toBe(true);
      }),
    );
  });

  it('refuses a signature under none of several keys', () => {
    fc.assert(
      fc.property(someFields, fc.uniqueArray(key, { maxLength: 5 }), key, (fields, keys, stranger) => {
        fc.pre(!keys.includes(stranger));
        expect(verify({ ...fields, sign: sign(fields, stranger) }, keys)).toBe(false);
      }),
    );
  });

  it('refuses everything when there is no key', () => {
    expect(verify({ ...VENDOR_FIELDS, sign: VENDOR_SIGN }, [])).toBe(false);
    expect(verify({}, [])).toBe(false);
  });

  it('takes an empty key for none, since anyone could sign with it', () => {
    const unkeyed = md5(signingString(VENDOR_FIELDS));
    const forged = { ...VENDOR_FIELDS, sign: unkeyed };
    expect(verify(forged, '')).toBe(false);
    expect(verify(forged, ['', VENDOR_KEY])).toBe(false);
  });

  it.each<[string, unknown]>([
    ['a hole', Array<string>(1)],
    ['undefined', [undefined]],
    ['null', [null]],
    ['a blank', [' ']],
    ['space around it', [` ${VENDOR_KEY}`]],
    ['an object', [{ toString: () => VENDOR_KEY }]],
    ['far too long', ['k'.repeat(257)]],
  ])('takes what is no key for none: %s', (_, keys) => {
    const texts = Array.from(Array.isArray(keys) ? keys : [], String);
    for (const text of [...texts, 'undefined', 'null', '']) {
      const sign = md5(signingString(VENDOR_FIELDS) + text);
      expect(Reflect.apply(verify, undefined, [{ ...VENDOR_FIELDS, sign }, keys])).toBe(false);
    }
  });

  it.each(['', ' ', ' k', 'k '.repeat(200), undefined, null, 5, {}])('signs with no key that is none: %j', (key) => {
    expect(() => {
      Reflect.apply(sign, undefined, [VENDOR_FIELDS, key]);
    }).toThrow(InvalidFieldError);
  });

  it('signs and verifies with a key of 256 characters, and says what a longer one should be', () => {
    const longest = 'k'.repeat(256);
    expect(verify({ ...VENDOR_FIELDS, sign: sign(VENDOR_FIELDS, longest) }, longest)).toBe(true);
    expect(() => sign(VENDOR_FIELDS, `${longest}k`)).toThrow(
      'key must be text of 1 to 256 characters without space around it.',
    );
  });

  it('does not take a list of keys apart into letters', () => {
    expect(verify({ a: '1', sign: sign({ a: '1' }, 'K') }, 'KEY')).toBe(false);
  });

  it('refuses a message without a signature', () => {
    expect(verify(VENDOR_FIELDS, VENDOR_KEY)).toBe(false);
    expect(verify({ ...VENDOR_FIELDS, sign: '' }, VENDOR_KEY)).toBe(false);
  });

  it('refuses a signature in lower case', () => {
    expect(verify({ ...VENDOR_FIELDS, sign: VENDOR_SIGN.toLowerCase() }, VENDOR_KEY)).toBe(false);
  });

  it('refuses a signature of any other length', () => {
    for (const given of [VENDOR_SIGN.slice(0, 31), `${VENDOR_SIGN}0`, ` ${VENDOR_SIGN}`, VENDOR_SIGN + VENDOR_SIGN]) {
      expect(verify({ ...VENDOR_FIELDS, sign: given }, VENDOR_KEY)).toBe(false);
    }
    fc.assert(
      fc.property(fc.nat({ max: 31 }), (length) => {
        expect(verify({ ...VENDOR_FIELDS, sign: VENDOR_SIGN.slice(0, length) }, VENDOR_KEY)).toBe(false);
      }),
    );
  });

  it('refuses a signature in which any character differs', () => {
    fc.assert(
      fc.property(fc.nat({ max: 31 }), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), (at, other) => {
        fc.pre(VENDOR_SIGN[at] !== other);
        const forged = VENDOR_SIGN.slice(0, at) + other + VENDOR_SIGN.slice(at + 1);
        expect(verify({ ...VENDOR_FIELDS, sign: forged }, VENDOR_KEY)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses letters whose lower byte happens to be the right one', () => {
    const lookalike = Array.from(VENDOR_SIGN, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0x100)).join('');
    expect(verify({ ...VENDOR_FIELDS, sign: lookalike }, VENDOR_KEY)).toBe(false);
    expect(verify({ ...VENDOR_FIELDS, sign: `\u0143${VENDOR_SIGN.slice(1)}` }, VENDOR_KEY)).toBe(false);
  });
});
