import { parse as parseForm } from 'node:querystring';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MalformedMessageError } from './errors.js';
import { type Fields, readFields } from './fields.js';
import { signingString } from './signature.js';

/**
 * Reads a signing string as anyone must who does not know its fields: a new field begins at each `&` that a name and
 * `=` follow.
 */
function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  let last: string | undefined;
  for (const segment of text.slice(0, -'&key='.length).split('&')) {
    const equals = segment.indexOf('=');
    if (equals > 0) {
      last = segment.slice(0, equals);
      fields.set(last, segment.slice(equals + 1));
    } else if (last !== undefined) {
      fields.set(last, `${fields.get(last) ?? ''}&${segment}`);
    }
  }
  return fields;
}

/** What `readFields` makes of a body; undefined when it refuses it in the one way that it should. */
function readOrRefuse(body: unknown): Fields | undefined {
  try {
    return readFields(body);
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedMessageError);
    return undefined;
  }
}

const treacherous = fc.oneof(
  fc.string({ unit: fc.constantFrom('&', '=', 'a', 'b', '1', '[', ']', '中') }),
  fc.constantFrom('1&b=2', '&b=', 'a&', '&&b==', '=', '', '0', '__proto__', 'constructor', 'a[b]', 'sign'),
  fc.string({ unit: 'binary' }),
);
const anyValue = fc.oneof(
  treacherous,
  fc.double(),
  fc.constant(null),
  fc.boolean(),
  fc.array(treacherous),
  fc.object(),
);
const anyBody = fc.oneof(
  { weight: 4, arbitrary: fc.dictionary(treacherous, treacherous) },
  { weight: 2, arbitrary: fc.dictionary(treacherous, anyValue) },
  fc.anything(),
);

describe('readFields', () => {
  it('reads a form as it is, values untouched', () => {
    const form = parseForm('orgno=21008024&body=%E6%97%BA%20%F0%9F%98%80&total_fee=0&trxtoken=&n=+1+');
    expect(readFields(form)).toEqual({
      orgno: '21008024',
      body: '旺 😀',
      total_fee: '0',
      trxtoken: '',
      n: ' 1 ',
    });
  });

  it('keeps fields that it does not know', () => {
    expect(readFields({ a_field_of_2030: 'x', toString: 'y' })).toEqual({ a_field_of_2030: 'x', toString: 'y' });
  });

  it('reads the numbers and the nulls of a JSON body', () => {
    const body: unknown = JSON.parse('{"status":900,"total_fee":0.01,"zero":0,"below":-1,"acctno":null}');
    expect(readFields(body)).toEqual({ status: '900', total_fee: '0.01', zero: '0', below: '-1', acctno: '' });
  });

  it('reads a body with no field at all', () => {
    expect(readFields({})).toEqual({});
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'a=1'],
    ['a number', 1],
    ['a list', ['a']],
  ])('refuses a body that is %s', (_what, body) => {
    expect(() => readFields(body)).toThrow(new MalformedMessageError('The body is not a set of fields.'));
  });

  it.each(['1&total_fee=1', '&a=', 'x&中=1', 'a&b&c=', '&&c=', '&a b=1'])(
    'refuses the value %j, which has another field folded into it',
    (value) => {
      expect(() => readFields({ body: value })).toThrow(
        new MalformedMessageError('The field body has another field folded into it.'),
      );
    },
  );

  it.each(['a&b', '&', 'a=b', '=&', '&=', '&==1', '&a&=', 'Tom & Jerry'])(
    'accepts the value %j, which folds nothing',
    (value) => {
      expect(readFields({ body: value })).toEqual({ body: value });
    },
  );

  it('refuses repeated fields', () => {
    expect(() => readFields(parseForm('total_fee=1100&total_fee=9900'))).toThrow(
      new MalformedMessageError('The field total_fee is repeated, nested or not text.'),
    );
  });

  it.each([
    ['an object', { b: '1' }],
    ['a list', []],
    ['a boolean', true],
    ['nothing', undefined],
    ['no number', NaN],
    ['an endless number', Infinity],
    ['a big integer', 1n],
  ])('refuses a field whose value is %s', (_what, value) => {
    expect(() => readFields({ a: value })).toThrow(
      new MalformedMessageError('The field a is repeated, nested or not text.'),
    );
  });

  it.each(['', 'a[b]', 'a[]', 'a]', 'a&b', 'a=b', '&', '=', 'constructor', 'prototype', '\uFFFD', '\uD800'])(
    'refuses a field of the name %j',
    (name) => {
      expect(() => readFields({ [name]: '1' })).toThrow(
        new MalformedMessageError('A field has a name that is not allowed.'),
      );
    },
  );

  it.each(['\uFFFD', 'a\uFFFDb', '\uD800', 'a\uDFFFb', '\uDE00\uD83D'])(
    'refuses the value %j, which is no text in UTF-8',
    (value) => {
      expect(() => readFields({ body: value })).toThrow(new MalformedMessageError('The field body is not UTF-8.'));
    },
  );

  it('refuses a form whose bytes are not UTF-8', () => {
    expect(() => readFields(parseForm('body=%A4%A4'))).toThrow(MalformedMessageError);
  });

  it('refuses a field called __proto__ and leaves every object as it was', () => {
    const before = Reflect.ownKeys(Object.prototype);
    const bodies: unknown[] = [
      JSON.parse('{"__proto__":{"paid":"yes"}}'),
      JSON.parse('{"__proto__":"yes"}'),
      JSON.parse('{"constructor":{"prototype":{"paid":"yes"}}}'),
      parseForm('__proto__=yes'),
      parseForm('__proto__[paid]=yes'),
    ];
    for (const body of bodies) expect(() => readFields(body)).toThrow(MalformedMessageError);
    expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
    expect(({} as Record<string, unknown>).paid).toBeUndefined();
  });

  it('quotes no value, and a name only when it is plain and short', () => {
    const secret = 'n12bQ9Ew1_2342X4rEcO&a=';
    expect(() => readFields({ 'x\nsuccess': secret })).toThrow(
      new MalformedMessageError('The field (unprintable) has another field folded into it.'),
    );
    expect(() => readFields({ ['x'.repeat(33)]: secret })).toThrow('(unprintable)');
    expect(() => readFields({ body: secret })).not.toThrow(/n12bQ9Ew1/);
  });

  it('returns only flat text under plain names, whatever it is given', () => {
    const before = Reflect.ownKeys(Object.prototype);
    let accepted = 0;
    fc.assert(
      fc.property(anyBody, (body) => {
        const fields = readOrRefuse(body);
        if (!fields) return;
        accepted += 1;
        expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
        expect(Object.keys(fields)).toEqual(Object.keys(body as object));
        for (const [name, value] of Object.entries(fields)) {
          expect(name).not.toMatch(/[&=[\]]|^$|^__proto__$|^constructor$|^prototype$/);
          expect(typeof value).toBe('string');
          expect(value).not.toMatch(/&[^&=]+=/);
          expect(Buffer.from(value, 'utf8').toString('utf8')).toBe(value);
        }
      }),
      { numRuns: 1000 },
    );
    expect(accepted).toBeGreaterThan(50);
    expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
  });

  it('leaves one way only to read what was signed', () => {
    fc.assert(
      fc.property(fc.dictionary(treacherous, treacherous), (body) => {
        const fields = readOrRefuse(body);
        if (!fields) return;
        const present = Object.entries(fields).filter(([name, value]) => name !== 'sign' && value !== '');
        fc.pre(present.length > 0);
        expect(fieldsOf(signingString(fields))).toEqual(new Map(present));
      }),
      { numRuns: 500 },
    );
  });

  it('refuses every form in which a field is repeated', () => {
    const plain = fc.stringMatching(/^[a-z]{1,6}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(plain, plain), { minLength: 1 }), fc.nat(), plain, (pairs, pick, again) => {
        const repeated = pairs[pick % pairs.length]?.[0] ?? '';
        const form = new URLSearchParams([...pairs, [repeated, again]]);
        expect(() => readFields(parseForm(form.toString()))).toThrow(MalformedMessageError);
      }),
    );
  });
});
