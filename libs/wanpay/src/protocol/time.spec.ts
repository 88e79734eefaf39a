import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  expiryAfter,
  formatTaipei,
  formatTaipeiDate,
  isTimely,
  parseExpiry,
  parseTaipei,
  parseTimestamp,
  TIMESTAMP_VALIDITY_SECONDS,
  toTimestamp,
} from './time.js';

const instant = fc.date({
  min: new Date('1990-01-01T00:00:00Z'),
  max: new Date('2090-12-31T23:59:59Z'),
  noInvalidDate: true,
});
const validDays = fc.integer({ min: 1, max: 30 });

const taipei = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Asia/Taipei',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** The civil time in Taipei by the platform's own time zone data. */
function civil(moment: Date): string {
  const part = new Map(taipei.formatToParts(moment).map(({ type, value }) => [type, value]));
  const of = (type: Intl.DateTimeFormatPartTypes): string => part.get(type) ?? '';
  return `${of('year')}-${of('month')}-${of('day')} ${of('hour')}:${of('minute')}:${of('second')}`;
}

function wholeSecond(moment: Date): Date {
  return new Date(Math.floor(moment.getTime() / 1000) * 1000);
}

describe('formatTaipei', () => {
  it('writes a moment as the platform does', () => {
    expect(formatTaipei(new Date('2022-07-22T15:59:59.999Z'))).toBe('2022-07-22 23:59:59');
    expect(formatTaipei(new Date('2022-07-22T16:00:00Z'))).toBe('2022-07-23 00:00:00');
  });

  it('agrees with the time zone Asia/Taipei', () => {
    fc.assert(
      fc.property(instant, (moment) => {
        expect(formatTaipei(moment)).toBe(civil(moment));
        expect(formatTaipeiDate(moment)).toBe(civil(moment).slice(0, 10).replaceAll('-', ''));
      }),
    );
  });
});

describe('parseTaipei', () => {
  it.each([
    ['2022-07-22 23:59:59', '2022-07-22T15:59:59Z'],
    ['2022-07-22T23:59:59', '2022-07-22T15:59:59Z'],
    ['20220722235959', '2022-07-22T15:59:59Z'],
    ['20220722 235959', '2022-07-22T15:59:59Z'],
    ['2022-07-22', '2022-07-21T16:00:00Z'],
    ['20220722', '2022-07-21T16:00:00Z'],
    [' 20220722\n', '2022-07-21T16:00:00Z'],
    ['2024-02-29 00:00:00', '2024-02-28T16:00:00Z'],
    ['2000-02-29 00:00:00', '2000-02-28T16:00:00Z'],
    ['2020-04-09 11:56:02', '2020-04-09T03:56:02Z'],
    ['2022/07/22 23:59:59', '2022-07-22T15:59:59Z'],
    ['2022.07.22', '2022-07-21T16:00:00Z'],
    ['2022-7-2', '2022-07-01T16:00:00Z'],
    ['2022/7/2 9:05:01', '2022-07-02T01:05:01Z'],
    ['2022-07-22 23:59', '2022-07-22T15:59:00Z'],
    ['2022-07-22  23:59:59', '2022-07-22T15:59:59Z'],
    ['2022-07-22 23:59:59.0', '2022-07-22T15:59:59Z'],
    ['2022-07-22T23:59:59.9999999', '2022-07-22T15:59:59Z'],
    ['2022-07-22 23:59:59+08:00', '2022-07-22T15:59:59Z'],
    ['2022-07-22T23:59:59+0800', '2022-07-22T15:59:59Z'],
    ['1970-01-01', '1969-12-31T16:00:00Z'],
  ])('reads %j as %s', (text, utc) => {
    expect(parseTaipei(text)).toEqual(new Date(utc));
  });

  it.each([
    '2022-02-29',
    '2023-02-29 12:00:00',
    '2100-02-29',
    '2022-02-30',
    '2022-04-31',
    '20220631',
    '2022-00-10',
    '2022-13-01',
    '2022-01-00',
    '2022-01-32',
    '2022-07-22 24:00:00',
    '2022-07-22 23:60:00',
    '2022-07-22 23:59:60',
    '20220722246000',
    '2022/2/30',
    '0000-00-00',
  ])('refuses %s, which is on no calendar and no clock', (text) => {
    expect(parseTaipei(text)).toBeUndefined();
  });

  it.each([
    '',
    ' ',
    'success',
    '2022',
    '202207',
    '2022072',
    '202207221',
    '2022-722',
    '2022/119',
    '22-07-22',
    '-2022-07-22',
    '2022-07-22 235',
    '2022-07-22T23:59:59Z',
    '2022-07-22 23:59:59+09:00',
    '2022-07-22 23:59:59.',
    '2022-07-22 23.5',
    '1658505599',
    '２０２２０７２２',
    'x20220722',
    '20220722x',
  ])('refuses %j, which is none of its forms', (text) => {
    expect(parseTaipei(text)).toBeUndefined();
  });

  it('reads back what formatTaipei wrote', () => {
    fc.assert(
      fc.property(instant, (moment) => {
        expect(parseTaipei(formatTaipei(moment))).toEqual(wholeSecond(moment));
        expect(parseTaipei(formatTaipei(moment).replaceAll(/\D/g, ''))).toEqual(wholeSecond(moment));
      }),
    );
  });

  it('reads back the day that formatTaipeiDate wrote, from its first second', () => {
    fc.assert(
      fc.property(instant, (moment) => {
        const day = parseTaipei(formatTaipeiDate(moment));
        expect(civil(day ?? new Date(0))).toBe(`${civil(moment).slice(0, 10)} 00:00:00`);
      }),
    );
  });

  it.each(['0000-01-01 00:00:00', '0001-01-01', '1969-12-31 23:59:59'])('takes %s for no date', (text) => {
    expect(parseTaipei(text)).toBeUndefined();
  });

  it('reads the same moment however it is written', () => {
    const separator = fc.constantFrom('-', '/', '.');
    const fraction = fc.stringMatching(/^\d{1,9}$/).map((digits) => `.${digits}`);
    fc.assert(
      fc.property(
        instant,
        separator,
        fc.boolean(),
        fc.constantFrom(' ', 'T'),
        fc.oneof(fc.constant(''), fraction),
        (...given) => {
          const [moment, between, padded, middle, decimals] = given;
          const [day = '', time = ''] = formatTaipei(moment).split(' ');
          const date = day
            .split('-')
            .map((part) => (padded ? part : part.replace(/^0/, '')))
            .join(between);
          expect(parseTaipei(`${date}${middle}${time}${decimals}`)).toEqual(wholeSecond(moment));
        },
      ),
    );
  });

  it('reads or refuses any text in time that grows with its length', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9 :\-/.T+]{0,40}$/), (text) => {
        const moment = parseTaipei(text);
        expect(moment === undefined || !Number.isNaN(moment.getTime())).toBe(true);
      }),
    );
    expect(parseTaipei(`2022-07-22 23:59:59.${'0'.repeat(100_000)}x`)).toBeUndefined();
    expect(parseTaipei(`2022-07-22${' '.repeat(100_000)}x`)).toBeUndefined();
  });

  it('reads a time of day when, and only when, the calendar and the clock have it', () => {
    const two = fc.integer({ min: 0, max: 99 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1990, max: 2090 }),
        fc.oneof(two, fc.integer({ min: 1, max: 12 })),
        fc.oneof(two, fc.integer({ min: 27, max: 32 })),
        fc.oneof(two, fc.integer({ min: 0, max: 25 })),
        fc.oneof(two, fc.integer({ min: 57, max: 62 })),
        fc.oneof(two, fc.integer({ min: 57, max: 62 })),
        (year, month, day, hour, minute, second) => {
          const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
          const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
          const exists = day >= 1 && day <= (lengths[month - 1] ?? 0) && hour <= 23 && minute <= 59 && second <= 59;
          const [mo, d, h, mi, s] = [month, day, hour, minute, second].map((part) => String(part).padStart(2, '0'));
          const text = `${year}-${mo}-${d} ${h}:${mi}:${s}`;
          const moment = parseTaipei(text);
          expect(moment && civil(moment)).toBe(exists ? text : undefined);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives a bare day the time of day that the caller names, and no other text', () => {
    expect(parseTaipei('20220722', '12:30:00')).toEqual(new Date('2022-07-22T04:30:00Z'));
    expect(parseTaipei('2022-07-22 01:02:03', '12:30:00')).toEqual(new Date('2022-07-21T17:02:03Z'));
  });
});

describe('parseExpiry', () => {
  it('takes eight digits for the last second of that day', () => {
    expect(parseExpiry('20220722')).toEqual(new Date('2022-07-22T15:59:59Z'));
    expect(parseExpiry('2022-07-22')).toEqual(new Date('2022-07-22T15:59:59Z'));
  });

  it('takes a time of day as it stands', () => {
    expect(parseExpiry('2022-07-22 12:00:00')).toEqual(new Date('2022-07-22T04:00:00Z'));
  });

  it('refuses a day that does not exist', () => {
    expect(parseExpiry('20220230')).toBeUndefined();
    expect(parseExpiry('')).toBeUndefined();
  });
});

describe('expiryAfter', () => {
  it.each(['2021-02-08 00:00:00', '2021-02-08 12:00:00', '2021-02-08 23:59:59'])(
    'gives the vendor’s example for one day from %s: 2021-02-09 23:59:59',
    (text) => {
      const moment = parseTaipei(text) ?? new Date(NaN);
      expect(formatTaipei(expiryAfter(moment, 1))).toBe('2021-02-09 23:59:59');
    },
  );

  it('turns to the next day at midnight in Taipei, and not in Greenwich', () => {
    expect(expiryAfter(new Date('2021-02-08T15:59:59.999Z'), 1)).toEqual(new Date('2021-02-09T15:59:59Z'));
    expect(expiryAfter(new Date('2021-02-08T16:00:00.000Z'), 1)).toEqual(new Date('2021-02-10T15:59:59Z'));
    expect(expiryAfter(new Date('2021-02-08T23:59:59.999Z'), 1)).toEqual(new Date('2021-02-10T15:59:59Z'));
    expect(expiryAfter(new Date('2021-02-09T00:00:00.000Z'), 1)).toEqual(new Date('2021-02-10T15:59:59Z'));
  });

  it('crosses the ends of months and years and a leap day', () => {
    expect(formatTaipei(expiryAfter(new Date('2024-02-28T04:00:00Z'), 1))).toBe('2024-02-29 23:59:59');
    expect(formatTaipei(expiryAfter(new Date('2022-12-31T04:00:00Z'), 30))).toBe('2023-01-30 23:59:59');
  });

  it('is always 23:59:59 in Taipei, that many days later', () => {
    fc.assert(
      fc.property(instant, validDays, (moment, days) => {
        const expected = civil(new Date(moment.getTime() + days * 24 * 60 * 60 * 1000)).slice(0, 10);
        const expiry = expiryAfter(moment, days);
        expect(civil(expiry)).toBe(`${expected} 23:59:59`);
        expect(expiry.getMilliseconds()).toBe(0);
      }),
    );
  });

  it('agrees with what parseExpiry makes of that day', () => {
    fc.assert(
      fc.property(instant, validDays, (moment, days) => {
        const expiry = expiryAfter(moment, days);
        expect(parseExpiry(formatTaipeiDate(expiry))).toEqual(expiry);
        expect(parseExpiry(formatTaipei(expiry))).toEqual(expiry);
      }),
    );
  });
});

describe('toTimestamp and parseTimestamp', () => {
  it('write and read the seconds of the vendor’s example', () => {
    expect(toTimestamp(new Date('2017-03-11T06:59:11Z'))).toBe('1489215551');
    expect(parseTimestamp('1489215551')).toEqual(new Date('2017-03-11T06:59:11Z'));
  });

  it('go round, less the fraction of a second', () => {
    fc.assert(
      fc.property(instant, (moment) => {
        expect(toTimestamp(moment)).toMatch(/^\d{9,10}$/);
        expect(parseTimestamp(toTimestamp(moment))).toEqual(wholeSecond(moment));
      }),
    );
  });

  it('reads the milliseconds of the older document', () => {
    expect(parseTimestamp('1482400814378')).toEqual(new Date('2016-12-22T10:00:14.378Z'));
  });

  it('reads the milliseconds of any moment since 2001, when they first had 13 digits', () => {
    const since = fc.date({ min: new Date('2001-09-09T02:00:00Z'), max: new Date('2090-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(since, (moment) => {
        expect(parseTimestamp(String(moment.getTime()))).toEqual(moment);
      }),
    );
  });

  it.each([
    '',
    ' ',
    'now',
    '-1',
    '+1',
    '1.5',
    '1e9',
    ' 1489215551',
    '1489215551\n',
    '14892155510',
    '148921555100',
    '0x58',
    '１',
  ])('refuse %j, which is neither seconds nor milliseconds', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });
});

describe('isTimely', () => {
  const now = new Date('2022-07-21T04:00:00Z');
  const shifted = (milliseconds: number): Date => new Date(now.getTime() + milliseconds);

  it('allows ten minutes', () => {
    expect(TIMESTAMP_VALIDITY_SECONDS).toBe(10 * 60);
  });

  it.each([
    ['now', 0, true],
    ['ten minutes old', -600_000, true],
    ['a millisecond older than that', -600_001, false],
    ['ten minutes ahead', 600_000, true],
    ['a millisecond further ahead', 600_001, false],
    ['a day old', -86_400_000, false],
    ['a day ahead', 86_400_000, false],
  ])('judges a timestamp that is %s', (_what, offset, timely) => {
    expect(isTimely(shifted(offset), now)).toBe(timely);
  });

  it('includes the edges of any window, both ways, and nothing beyond', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 86_400 }), (moment, seconds) => {
        const edge = seconds * 1000;
        const at = (offset: number): boolean => isTimely(new Date(moment.getTime() + offset), moment, seconds);
        expect([at(-edge - 1), at(-edge), at(0), at(edge), at(edge + 1)]).toEqual([false, true, true, true, false]);
      }),
    );
  });

  it('refuses a timestamp that is no date', () => {
    expect(isTimely(new Date(NaN), now)).toBe(false);
  });
});
