import { describe, expect, it } from '@jest/globals';
import { describeSpan } from './span.js';

describe('describeSpan', () => {
  it.each([
    [0, '0 s'],
    [50, '0.05 s'],
    [1400, '1.4 s'],
    [10_000, '10 s'],
    [59_400, '59 s'],
    [59_600, '1 min'],
    [60_000, '1 min'],
    [149_189, '2 min 29 s'],
    [3_599_000, '59 min 59 s'],
    [7_199_999, '2 h'],
    [7_500_000, '2 h 5 min'],
    [86_399_000, '24 h'],
    [187_200_000, '2 d 4 h'],
  ])('says %d ms as %s', (ms, words) => {
    expect(describeSpan(ms)).toBe(words);
  });
});
