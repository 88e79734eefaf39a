import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { sign, signingString } from 'nestjs-wanpay/protocol';
import { findMistake } from './signature-finding.js';

const KEY = 'QGbZvggxNdGgMUnp';
const FIELDS = {
  orgno: '21008024',
  total_fee: '128000',
  body: '茶 & 壺',
  backurl: 'https://shop.example/',
  returnurl: '',
};

const md5 = (text: string): string => createHash('md5').update(text).digest('hex').toUpperCase();
const unsorted = 'orgno=21008024&total_fee=128000&body=茶 & 壺&backurl=https://shop.example/&';

describe('what was wrong with a signature', () => {
  it.each<[string, string]>([
    ['must be in upper case', sign(FIELDS, KEY).toLowerCase()],
    [
      'URL-encoded',
      md5(
        `backurl=https%3A%2F%2Fshop.example%2F&body=%E8%8C%B6%20%26%20%E5%A3%BA&orgno=21008024&total_fee=128000&key=${KEY}`,
      ),
    ],
    [
      'form-encoded',
      md5(
        `backurl=https%3A%2F%2Fshop.example%2F&body=%E8%8C%B6+%26+%E5%A3%BA&orgno=21008024&total_fee=128000&key=${KEY}`,
      ),
    ],
    ['not sorted by name.', md5(`${unsorted}key=${KEY}`)],
    ['not sorted by name, or empty', md5(`${unsorted}returnurl=&key=${KEY}`)],
    [
      'Empty fields were kept',
      md5(`backurl=https://shop.example/&body=茶 & 壺&orgno=21008024&returnurl=&total_fee=128000&key=${KEY}`),
    ],
    ['without &key=', md5(signingString(FIELDS).slice(0, -5) + KEY)],
    ['without key=', md5(signingString(FIELDS).slice(0, -4) + KEY)],
    ['total_fee was not signed', sign({ ...FIELDS, total_fee: '' }, KEY)],
  ])('is told: %s', (words, signature) => {
    const finding = findMistake({ ...FIELDS, sign: signature }, ['another', KEY]);
    expect(finding.mistake).toContain(words);
    expect(finding.toBeSigned).toBe(signingString(FIELDS));
    expect(JSON.stringify(finding)).not.toContain(KEY);
  });

  it('is not guessed when nothing fits', () => {
    expect(findMistake({ ...FIELDS, sign: sign(FIELDS, 'foreign') }, [KEY])).toEqual({
      toBeSigned: signingString(FIELDS),
    });
  });

  it('is not searched for among more fields than any request has', () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`f${n}`, 'x']));
    expect(findMistake({ ...many, sign: sign(many, KEY).toLowerCase() }, [KEY]).mistake).toBeUndefined();
  });
});
