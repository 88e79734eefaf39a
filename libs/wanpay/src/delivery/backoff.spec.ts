import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pauseAfter, type RetryPolicy } from './backoff.js';

/** The largest number below 1. */
const ALMOST_ONE = 1 - Number.EPSILON / 2;

const policy: fc.Arbitrary<RetryPolicy> = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 100 }),
  baseDelayMs: fc.integer({ min: 1, max: 3_600_000 }),
  maxDelayMs: fc.integer({ min: 1, max: 86_400_000 }),
});
const attempts = fc.integer({ min: 1, max: 100 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('pauseAfter', () => {
  it('waits 1, 2, 4, 8 seconds at most, and then no longer than the cap', () => {
    const given = { maxAttempts: 7, baseDelayMs: 1000, maxDelayMs: 8000 };
    const ceilings = [1, 2, 3, 4, 5, 6, 7, 8].map((failed) => pauseAfter(failed, given, () => ALMOST_ONE));
    expect(ceilings).toStrictEqual([1000, 2000, 4000, 8000, 8000, 8000, undefined, undefined]);
  });

  it('may come back at once', () => {
    expect(pauseAfter(3, { maxAttempts: 7, baseDelayMs: 1000, maxDelayMs: 8000 }, () => 0)).toBe(0);
  });

  it('spreads evenly below the ceiling', () => {
    expect(pauseAfter(3, { maxAttempts: 7, baseDelayMs: 1000, maxDelayMs: 8000 }, () => 0.25)).toBe(1000);
  });

  it('ends with the last attempt and not before', () => {
    fc.assert(
      fc.property(attempts, policy, random, (failed, given, r) => {
        expect(pauseAfter(failed, given, () => r) === undefined).toBe(failed >= given.maxAttempts);
      }),
    );
  });

  it('is a whole number of milliseconds, never below zero nor above the cap', () => {
    fc.assert(
      fc.property(attempts, policy, random, (failed, given, r) => {
        const pause = pauseAfter(failed, { ...given, maxAttempts: 101 }, () => r) ?? Number.NaN;
        expect(Number.isSafeInteger(pause)).toBe(true);
        expect(pause).toBeGreaterThanOrEqual(0);
        expect(pause).toBeLessThanOrEqual(given.maxDelayMs);
      }),
    );
  });

  it('doubles its ceiling with each attempt until the cap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), policy, (failed, given) => {
        const ceiling = (n: number): number =>
          pauseAfter(n, { ...given, maxAttempts: 101 }, () => ALMOST_ONE) ?? Number.NaN;
        expect(ceiling(1)).toBe(Math.min(given.baseDelayMs, given.maxDelayMs));
        expect(ceiling(failed + 1)).toBe(Math.min(ceiling(failed) * 2, given.maxDelayMs));
      }),
    );
  });

  it('waits longer for a larger random number', () => {
    fc.assert(
      fc.property(attempts, policy, random, random, (failed, given, a, b) => {
        const pause = (r: number): number => pauseAfter(failed, { ...given, maxAttempts: 101 }, () => r) ?? Number.NaN;
        expect(pause(Math.min(a, b))).toBeLessThanOrEqual(pause(Math.max(a, b)));
      }),
    );
  });
});
