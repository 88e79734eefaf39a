import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome } from '../protocol/index.js';
import { checkKey, digestOf, nameOf } from './order-key.js';

const PAID: Outcome = { status: 'paid', code: '0000', reportedAmount: '1280' };

describe('checkKey', () => {
  it('takes every text of whole characters', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(
        text.filter((each) => each.length <= 100 && !each.includes('\0')),
        (orderNo) => {
          expect(() => {
            checkKey({ merchantNo: '21008024', orderNo });
          }).not.toThrow();
        },
      ),
    );
  });

  it.each([
    ['nothing', ''],
    ['a NUL', 'A\0'],
    ['the first half of a character', 'A\uD83E'],
    ['the second half of a character', '\uDDE7A'],
    ['101 characters', 'A'.repeat(101)],
  ])('refuses %s', (_, text) => {
    expect(() => {
      checkKey({ merchantNo: text, orderNo: 'A1' });
    }).toThrow(expect.objectContaining({ code: 'invalid_field', message: expect.stringContaining('merchantNo') }));
    expect(() => {
      checkKey({ merchantNo: '21008024', orderNo: text });
    }).toThrow(expect.objectContaining({ code: 'invalid_field', message: expect.stringContaining('orderNo') }));
  });

  it.each([undefined, null, 7, ['A1']])('refuses %j, which is no text, and says what it should be', (orderNo) => {
    expect(() => {
      Reflect.apply(checkKey, undefined, [{ merchantNo: 'M', orderNo }]);
    }).toThrow('orderNo must be text of 1 to 100 characters without a NUL.');
  });

  it('takes 100 characters', () => {
    expect(() => {
      checkKey({ merchantNo: 'M', orderNo: 'A'.repeat(100) });
    }).not.toThrow();
  });
});

describe('nameOf', () => {
  it('is another for each key', () => {
    const names = [
      ['1', '12'],
      ['11', '2'],
      ['1', '13'],
    ].map(([merchantNo = '', orderNo = '']) => nameOf({ merchantNo, orderNo }));
    expect(new Set(names).size).toBe(3);
  });
});

describe('digestOf', () => {
  it('is 16 hexadecimal digits, the same for the same', () => {
    expect(digestOf('query', PAID, 'paid')).toMatch(/^[0-9a-f]{16}$/);
    expect(digestOf('query', { ...PAID }, 'paid')).toBe(digestOf('query', PAID, 'paid'));
  });

  it('tells outcomes apart by each part of them, by their source and by what they left', () => {
    const moment = new Date('2026-03-02T01:02:03Z');
    const digests = [
      digestOf('query', PAID),
      digestOf('notification', PAID),
      digestOf('query', PAID, 'paid'),
      digestOf('query', PAID, 'pending'),
      digestOf('query', { ...PAID, status: 'failed' }),
      digestOf('query', { ...PAID, code: '0001' }),
      digestOf('query', { ...PAID, reportedAmount: '1281' }),
      digestOf('query', { status: 'paid', code: '0000' }),
      digestOf('query', { ...PAID, payer: { bankCode: '822' } }),
      digestOf('query', { ...PAID, payer: { account: '822' } }),
      digestOf('query', { ...PAID, transactedAt: moment }),
      digestOf('query', { ...PAID, transactedAt: new Date(moment.getTime() + 1000) }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
});
