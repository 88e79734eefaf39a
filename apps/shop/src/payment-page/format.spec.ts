import { describe, expect, it } from '@jest/globals';
import { formatAccount, formatMoney, formatTime } from './format.js';

describe('what people read off the page', () => {
  it('writes money in whole dollars', () => {
    expect(formatMoney(1280)).toBe('NT$1,280');
  });

  it.each([
    ['46710722851832', '4671 0722 8518 32'],
    ['467107228518', '4671 0722 8518'],
    ['', ''],
  ])('writes the account %s in groups of four', (number, written) => {
    expect(formatAccount(number)).toBe(written);
  });

  it('writes times as they are in Taipei', () => {
    expect(formatTime(new Date('2026-03-01T15:59:59Z'))).toBe('2026-03-01 23:59:59');
  });
});
