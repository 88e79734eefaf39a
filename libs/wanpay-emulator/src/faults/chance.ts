/** A number from 0 up to, but not, 1. */
export type Chance = () => number;

/**
 * Numbers that look random and are the same for the same seed, so that what fails by a share fails again: Marsaglia's
 * xorshift over 32 bits.
 *
 * @param seed a whole number
 */
export function seededChance(seed: number): Chance {
  // Neighbouring seeds would begin alike; zero would stay zero.
  let state = Math.imul(seed | 0, 0x9e3779b1) ^ 0x85ebca6b || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
