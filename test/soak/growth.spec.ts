import { describe, expect, it } from '@jest/globals';
import { type Growth, growthOf } from './growth.js';

const MEASURE = { name: 'size', unit: 'MB', of: (size: number) => size, atMostTimes: 1.2, atMostMore: 1 };

const sizeOf = (sizes: readonly number[]): Growth | undefined => growthOf(sizes, [MEASURE])[0];

describe('growthOf', () => {
  it('compares the medians of the second and the last quarter', () => {
    const sizes = [0, 0, 0, 10, 90, 10, 50, 50, 50, 11, 12, 99];
    expect(sizeOf(sizes)).toEqual({ name: 'size', unit: 'MB', second: 10, last: 12, most: 13, isWithin: true });
  });

  it('finds what grows by more than it may', () => {
    expect(sizeOf([10, 10, 10, 13.1])?.isWithin).toBe(false);
    expect(sizeOf([1, 2, 3, 4, 5, 6, 7, 8])?.isWithin).toBe(false);
  });

  it('lets no run pass that has fewer than four rows', () => {
    expect(sizeOf([10, 10])?.isWithin).toBe(false);
  });
});
