import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  assertAmount,
  fromCents,
  isAmount,
  matchAmount,
  MAX_AMOUNT,
  MIN_AMOUNT,
  readAmounts,
  toCents,
} from './amount.js';
import { InvalidFieldError } from './errors.js';

const amount = fc.oneof(
  fc.integer({ min: MIN_AMOUNT, max: MAX_AMOUNT }),
  fc.integer({ min: MIN_AMOUNT, max: 100_000 }),
  fc.integer({ min: MAX_AMOUNT - 1000, max: MAX_AMOUNT }),
);
const padding = fc.constantFrom('', ' ', '\t', '\n');

/** A decimal text taken apart by hand: its value is `numerator` / 10^`places`. */
function decimal(text: string): { numerator: bigint; scale: bigint } {
  const [whole = '', fraction = ''] = text.split('.');
  return { numerator: BigInt(whole + fraction), scale: 10n ** BigInt(fraction.length) };
}

/** What `matchAmount` should say of a well-formed text. */
function oracle(reported: string, asked: number): 'dollars' | 'cents' | undefined {
  const { numerator, scale } = decimal(reported);
  if (numerator === BigInt(asked) * scale) return 'dollars';
  if (numerator === BigInt(asked) * 100n * scale) return 'cents';
  return undefined;
}

const notAmounts = [
  '',
  ' ',
  '-5',
  '+5',
  '-0',
  '0.1e3',
  '1e3',
  '1E3',
  '1.',
  '.5',
  '.',
  '1..2',
  '1.2.3',
  '1,28',
  '1,2800',
  '1280,000',
  ',280',
  '1,,280',
  '1280,00',
  '1_280',
  '0x500',
  '0b1',
  '1n',
  'NaN',
  'Infinity',
  'null',
  '１２８０',
  '١٢٨٠',
  '千',
  'NT$1280',
  '1280元',
  '1 280',
];

describe('assertAmount', () => {
  it.each([MIN_AMOUNT, MIN_AMOUNT + 1, 1280, MAX_AMOUNT - 1, MAX_AMOUNT])('accepts NT$ %d', (good) => {
    expect(() => {
      assertAmount(good);
    }).not.toThrow();
  });

  it.each([10, 0, -0, -11, 11.5, 1280.01, MAX_AMOUNT + 1, 2 ** 53, 1e21, NaN, Infinity, -Infinity])(
    'refuses %d',
    (bad) => {
      expect(() => {
        assertAmount(bad);
      }).toThrow(
        new InvalidFieldError('amount', 'must be a whole number of New Taiwan dollars from 11 to 9999999999.'),
      );
    },
  );

  it('refuses a number in a string, as a caller without types may pass', () => {
    const text: unknown = '1280';
    expect(() => {
      assertAmount(text as number);
    }).toThrow(InvalidFieldError);
  });
});

describe('toCents', () => {
  it('writes the smallest order as the protocol does: NT$ 11 is 1100', () => {
    expect(toCents(MIN_AMOUNT)).toBe('1100');
  });

  it('fills the twelve digits of total_fee with the largest order, and no more', () => {
    expect(toCents(MAX_AMOUNT)).toBe('999999999900');
    expect(toCents(MAX_AMOUNT)).toHaveLength(12);
    expect(toCents(MAX_AMOUNT + 1)).toHaveLength(13);
  });

  it('is exact for every amount', () => {
    fc.assert(
      fc.property(amount, (dollars) => {
        expect(toCents(dollars)).toBe((BigInt(dollars) * 100n).toString());
      }),
    );
  });
});

describe('fromCents', () => {
  it('reads back what toCents wrote', () => {
    fc.assert(
      fc.property(amount, (dollars) => {
        expect(fromCents(toCents(dollars))).toBe(dollars);
      }),
    );
  });

  it('refuses cents that are not whole dollars', () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: 1, max: 99 }), (dollars, cents) => {
        expect(fromCents((BigInt(dollars) * 100n + BigInt(cents)).toString())).toBeUndefined();
      }),
    );
  });

  it.each([...notAmounts, '1', '00', '1100.00', '-1100', '110000000000000000'])('refuses %j', (text) => {
    expect(fromCents(text)).toBeUndefined();
  });
});

describe('matchAmount', () => {
  it.each([
    ['1280', 'dollars'],
    ['1280.0', 'dollars'],
    ['1280.00', 'dollars'],
    ['01280', 'dollars'],
    [' 1280', 'dollars'],
    ['1280\r\n', 'dollars'],
    ['1,280', 'dollars'],
    ['1,280.00', 'dollars'],
    ['1280.000', 'dollars'],
    ['0000000000001280', 'dollars'],
    ['000000128000', 'cents'],
    ['128,000.0000', 'cents'],
    ['128000', 'cents'],
    ['128000.00', 'cents'],
  ])('reads %s as NT$ 1280 in %s', (reported, unit) => {
    expect(matchAmount(reported, 1280)).toBe(unit);
  });

  it.each([
    '1279',
    '1281',
    '12.80',
    '1280.01',
    '1279.99',
    '12800',
    '127999',
    '128001',
    '128000.01',
    '12800000',
    '1280.001',
    '1,281',
    '0',
  ])('does not read %s as NT$ 1280', (reported) => {
    expect(matchAmount(reported, 1280)).toBeUndefined();
  });

  it.each(notAmounts)('refuses %j, which is no plain amount', (text) => {
    for (const asked of [0, 1, 5, 11, 100, 1280]) expect(matchAmount(text, asked)).toBeUndefined();
  });

  it('reads the dollars and the cents of any amount', () => {
    fc.assert(
      fc.property(amount, fc.nat({ max: 6 }), fc.nat({ max: 6 }), padding, fc.boolean(), (...given) => {
        const [asked, zeros, decimals, space, grouped] = given;
        const write = (digits: string): string => {
          const whole = grouped ? BigInt(digits).toLocaleString('en') : '0'.repeat(zeros) + digits;
          return `${space}${whole}${decimals > 0 ? `.${'0'.repeat(decimals)}` : ''}${space}`;
        };
        expect(matchAmount(write(String(asked)), asked)).toBe('dollars');
        expect(matchAmount(write(toCents(asked)), asked)).toBe('cents');
        expect(isAmount(write(String(asked)))).toBe(true);
      }),
    );
  });

  it('agrees with arithmetic on big integers for any decimal text', () => {
    const whole = fc.oneof(
      amount.map(String),
      amount.map(toCents),
      fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }).map(String),
    );
    const decimals = fc.oneof(fc.constantFrom('', '.0', '.00', '.5', '.01', '.99'), fc.stringMatching(/^\.\d{1,2}$/));
    fc.assert(
      fc.property(whole, decimals, amount, (integer, fraction, other) => {
        const reported = integer + fraction;
        const { numerator, scale } = decimal(reported);
        const near = [numerator / scale, numerator / scale / 100n]
          .flatMap((exact) => [exact - 1n, exact, exact + 1n])
          .filter((asked) => asked >= BigInt(MIN_AMOUNT) && asked <= BigInt(MAX_AMOUNT))
          .map(Number);
        for (const asked of [...near, other]) expect(matchAmount(reported, asked)).toBe(oracle(reported, asked));
      }),
      { numRuns: 500 },
    );
  });

  it('never matches an amount that differs by as little as a cent', () => {
    fc.assert(
      fc.property(amount, fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.boolean(), (asked, by, below) => {
        const off = (exact: bigint): string | undefined => {
          const cents = below ? exact - by : exact + by;
          if (cents < 0n) return undefined;
          return `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
        };
        for (const [exact, unit] of [
          [BigInt(asked) * 100n, 'dollars'],
          [BigInt(asked) * 10_000n, 'cents'],
        ] as const) {
          const reported = off(exact);
          if (reported !== undefined) expect(matchAmount(reported, asked)).not.toBe(unit);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is exact where floating point is not', () => {
    expect(matchAmount('999999999900', MAX_AMOUNT)).toBe('cents');
    expect(matchAmount('999999999900.01', MAX_AMOUNT)).toBeUndefined();
    expect(matchAmount('9999999999.01', MAX_AMOUNT)).toBeUndefined();
    expect(matchAmount('90071992547409.93', 900719925474)).toBeUndefined();
  });
});

describe('readAmounts', () => {
  it.each<[string, object]>([
    ['1280', { dollars: 1280 }],
    ['128000', { dollars: 128_000, cents: 1280 }],
    ['128000.00', { dollars: 128_000, cents: 1280 }],
    ['0', { dollars: 0, cents: 0 }],
    ['1280.50', {}],
    ['9'.repeat(15), { dollars: 999_999_999_999_999 }],
    [`1${'0'.repeat(15)}`, {}],
    ['no amount', {}],
  ])('reads %j in each unit in which it is whole dollars', (text, amounts) => {
    expect(readAmounts(text)).toEqual(amounts);
  });
});

describe('isAmount', () => {
  it.each(['0', '0.01', '1279', '1,280', ' 1280 ', '1280.000', '12.345', '9'.repeat(16)])(
    'takes %j for one',
    (text) => {
      expect(isAmount(text)).toBe(true);
    },
  );

  it.each(notAmounts)('does not take %j for one', (text) => {
    expect(isAmount(text)).toBe(false);
  });

  it('takes whatever equals some amount for one', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9,. ]{1,12}$/), (text) => {
        if (Object.keys(readAmounts(text)).length > 0) expect(isAmount(text)).toBe(true);
      }),
    );
  });

  it('takes time that grows with the length of the text only', () => {
    expect(isAmount(`1${',000'.repeat(50_000)}x`)).toBe(false);
    expect(isAmount(`${'1'.repeat(200_000)}x`)).toBe(false);
  });
});
