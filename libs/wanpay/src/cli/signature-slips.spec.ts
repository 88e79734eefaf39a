import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Fields, sign } from '../protocol/index.js';
import { findLikelyCause } from './signature-slips.js';

const KEY = 'n12bQ9Ew1_2342X4rEcO';
const FIELDS: Fields = { out_trade_no: 'A1', Body: 'a b', total_fee: '1100', result: '支付成功', remark: '' };

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex').toUpperCase();
}

function causeOf(fields: Fields, keys: readonly string[] = [KEY]): string | undefined {
  return findLikelyCause(fields, keys)?.code;
}

describe('a signature that does not hold', () => {
  const right = sign(FIELDS, KEY);
  it.each<[string, Fields]>([
    ['unsigned', FIELDS],
    ['not_md5', { ...FIELDS, sign: 'abc' }],
    ['lower_case', { ...FIELDS, sign: right.toLowerCase() }],
    ['sign_with_space', { ...FIELDS, sign: ` ${right}` }],
    ['values_with_space', { ...FIELDS, total_fee: ' 1100 ', sign: right }],
    ['not_decoded', { ...FIELDS, result: encodeURIComponent('支付成功'), Body: 'a+b', sign: right }],
    [
      'signed_encoded',
      { ...FIELDS, sign: sign({ ...FIELDS, result: encodeURIComponent('支付成功'), Body: 'a%20b' }, KEY) },
    ],
    ['decoded_twice', { ...FIELDS, sign: sign({ ...FIELDS, Body: 'a+b' }, KEY) }],
    [
      'empty_included',
      { ...FIELDS, sign: md5(`Body=a b&out_trade_no=A1&remark=&result=支付成功&total_fee=1100&key=${KEY}`) },
    ],
    ['key_name_missing', { ...FIELDS, sign: md5(`Body=a b&out_trade_no=A1&result=支付成功&total_fee=1100${KEY}`) }],
    ['unkeyed', { ...FIELDS, sign: md5('Body=a b&out_trade_no=A1&result=支付成功&total_fee=1100') }],
    ['not_sorted', { ...FIELDS, sign: md5(`out_trade_no=A1&Body=a b&total_fee=1100&result=支付成功&key=${KEY}`) }],
    [
      'sorted_by_case',
      {
        Body: 'b',
        a: '1',
        c: '2',
        sign: md5(`a=1&Body=b&c=2&key=${KEY}`),
      },
    ],
    ['field_added', { ...FIELDS, utm_source: 'proxy', sign: right }],
  ])('is explained: %s', (code, fields) => {
    expect(causeOf(fields)).toBe(code);
  });

  it('is explained by white space around the key', () => {
    expect(causeOf({ ...FIELDS, sign: right }, ['another', `${KEY}\n`])).toBe('key_with_space');
  });

  it('is not explained when another key signed it, or it was changed, and never by quoting the key or the signature', () => {
    const signature = sign(FIELDS, 'another');
    expect(findLikelyCause({ ...FIELDS, sign: signature }, [KEY])).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (value, text) => {
        const cause = findLikelyCause({ ...FIELDS, result: value, sign: text }, [KEY]);
        expect(cause?.explanation ?? '').not.toContain(KEY);
      }),
    );
  });
});
