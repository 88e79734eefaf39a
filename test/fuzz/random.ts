/** A small seeded generator (mulberry32): the same seed makes the same choices, on every machine. */
export class Random {
  private state: number;

  /** @param seeds whole numbers that together name the sequence */
  constructor(...seeds: readonly number[]) {
    this.state = seeds.reduce((state, seed) => mix(Math.imul(state, 31) + seed), 0);
  }

  /** A whole number from 0 to below 2^32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    return mix(this.state);
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    return this.next() % limit;
  }

  /** True in so many of a hundred cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<Item>(items: readonly Item[]): Item {
    for (const item of items.slice(this.below(items.length))) return item;
    throw new TypeError('There is nothing to pick from.');
  }
}

function mix(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}
