import { describe, expect, it } from '@jest/globals';
import { inMinutes } from './in-minutes.js';

describe('inMinutes', () => {
  it.each([
    [0, '1 second'],
    [1400, '1 second'],
    [119_000, '119 seconds'],
    [149_189, '2 minutes'],
    [7_199_999, '120 minutes'],
    [7_200_000, '2 hours'],
    [172_800_000, '2 days'],
  ])('says %d ms as %s', (ms, words) => {
    expect(inMinutes(ms)).toBe(words);
  });
});
