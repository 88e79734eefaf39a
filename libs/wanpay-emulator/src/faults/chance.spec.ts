import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seededChance } from './chance.js';

describe('seededChance', () => {
  it('is the same for the same seed, from 0 up to 1', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const [one, other] = [seededChance(seed), seededChance(seed)];
        for (let n = 0; n < 20; n++) {
          const number = one();
          expect(number).toBe(other());
          expect(number >= 0 && number < 1).toBe(true);
        }
      }),
    );
  });

  it('is spread evenly, and differs between neighbouring seeds', () => {
    for (let seed = 0; seed < 50; seed++) {
      const chance = seededChance(seed);
      const numbers = Array.from({ length: 2_000 }, chance);
      const below = numbers.filter((number) => number < 0.3).length;
      expect(Math.abs(below - 600)).toBeLessThan(120);
    }
    expect(new Set(Array.from({ length: 100 }, (_, seed) => seededChance(seed)())).size).toBe(100);
  });
});
