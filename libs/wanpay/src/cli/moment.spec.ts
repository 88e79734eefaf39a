import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatTaipei } from '../protocol/index.js';
import { readMoment } from './moment.js';

describe('readMoment', () => {
  it.each([
    ['2026-11-01', '2026-10-31T16:00:00.000Z'],
    ['20261101', '2026-10-31T16:00:00.000Z'],
    [' 2026-11-01 09:30 ', '2026-11-01T01:30:00.000Z'],
    ['2026-11-01T09:30:15', '2026-11-01T01:30:15.000Z'],
    ['2026-11-01T09:30:15+08:00', '2026-11-01T01:30:15.000Z'],
    ['2026-11-01T01:30Z', '2026-11-01T01:30:00.000Z'],
    ['2026-11-01T01:30:15.999z', '2026-11-01T01:30:15.000Z'],
    ['2026-10-31T20:30:15-0500', '2026-11-01T01:30:15.000Z'],
  ])('reads %s', (text, expected) => {
    expect(readMoment(text)?.toISOString()).toBe(expected);
  });

  it.each(['', 'yesterday', '2026-02-30', '2026-02-30T00:00:00Z', '2026-11-01T24:00', '1/11/2026', '2026-11'])(
    'does not read %j',
    (text) => {
      expect(readMoment(text)).toBeUndefined();
    },
  );

  it('reads what is written in Taipei, and in UTC, as the same moment', () => {
    const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
    fc.assert(
      fc.property(seconds, (second) => {
        const moment = new Date(second * 1000);
        expect(readMoment(formatTaipei(moment))).toEqual(moment);
        expect(readMoment(moment.toISOString())).toEqual(moment);
      }),
    );
  });
});
