import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pageLimit, readCursor, toPage } from './cursor.js';
import type { Payment } from './payment.js';

const payment = (createdAt: Date, orderNo: string): Payment => ({
  merchantNo: '21008024',
  orderNo,
  amount: 1280,
  livemode: false,
  state: 'opening',
  createdAt,
  updatedAt: createdAt,
});

describe('a page', () => {
  it('leads to where it ended', () => {
    const moments = fc.date({ min: new Date(0), noInvalidDate: true });
    fc.assert(
      fc.property(moments, fc.stringMatching(/^[0-9A-Z]{1,20}$/), (createdAt, orderNo) => {
        const { next } = toPage([payment(createdAt, orderNo), payment(createdAt, 'X')], 1);
        expect(readCursor(next ?? '')).toEqual({ createdAt, merchantNo: '21008024', orderNo });
      }),
    );
  });

  it('leads nowhere when nothing follows', () => {
    expect(toPage([payment(new Date(0), 'A')], 1)).toEqual({ payments: [payment(new Date(0), 'A')] });
    expect(toPage([], 1)).toEqual({ payments: [] });
  });
});

describe('pageLimit', () => {
  it('is 50 unless told', () => {
    expect(pageLimit()).toBe(50);
  });

  it.each([1, 1000])('may be %d', (limit) => {
    expect(pageLimit(limit)).toBe(limit);
  });

  it.each([0, -1, 1001, 1.5, Number.NaN])('refuses %p', (limit) => {
    expect(() => pageLimit(limit)).toThrow('limit must be a whole number from 1 to 1000.');
  });
});

describe('readCursor', () => {
  it.each(['\nM\nA', '1\n\nA', '1\nM\n', '1\nM', 'x\nM\nA', '9e99\nM\nA'])(
    'refuses what leaves a part out: %j',
    (text) => {
      expect(() => readCursor(Buffer.from(text).toString('base64url'))).toThrow(
        expect.objectContaining({ code: 'invalid_cursor' }),
      );
    },
  );

  it('reads a cursor or refuses it, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(readCursor(text).createdAt.getTime()).not.toBeNaN();
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_cursor' });
        }
      }),
    );
  });
});
