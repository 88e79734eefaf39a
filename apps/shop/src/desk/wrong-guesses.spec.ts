import { describe, expect, it } from '@jest/globals';
import { WrongGuesses } from './wrong-guesses.js';

const START = Date.parse('2026-03-01T12:00:00+08:00');
const at = (seconds: number): Date => new Date(START + seconds * 1000);

describe('wrong guesses', () => {
  it('close the desk to a network after ten, until ten minutes after the first', () => {
    const guesses = new WrongGuesses();
    for (let n = 0; n < 10; n++) {
      expect(guesses.waitSeconds('203.0.113.7', at(n))).toBe(0);
      guesses.add('203.0.113.7', at(n));
    }
    expect(guesses.waitSeconds('203.0.113.7', at(10))).toBe(590);
    expect(guesses.waitSeconds('203.0.113.8', at(10))).toBe(0);
    expect(guesses.waitSeconds('203.0.113.7', at(600))).toBe(0);
    guesses.add('203.0.113.7', at(600));
    expect(guesses.waitSeconds('203.0.113.7', at(601))).toBe(0);
  });

  it.each([
    ['203.0.113.7', '::ffff:203.0.113.7', 10],
    ['2001:db8:1:2::7', '2001:db8:1:2:ffff:ffff:ffff:ffff', 10],
    ['2001:db8:1:2::7', '2001:db8:1:3::7', 0],
    ['::1', '127.0.0.1', 0],
  ])('from %s count for %s as well, or not', (one, other, seconds) => {
    const guesses = new WrongGuesses();
    for (let n = 0; n < 10; n++) guesses.add(one, at(-590));
    expect(guesses.waitSeconds(other, at(0))).toBe(seconds);
  });

  it('are remembered of 10,000 networks at most', () => {
    const guesses = new WrongGuesses();
    for (let n = 0; n < 10; n++) guesses.add('203.0.113.7', at(0));
    for (let n = 0; n < 9_999; n++) guesses.add(`10.0.${n >> 8}.${n & 255}`, at(1));
    expect(guesses.waitSeconds('203.0.113.7', at(2))).toBeGreaterThan(0);
    guesses.add('10.1.0.0', at(2));
    expect(guesses.waitSeconds('203.0.113.7', at(2))).toBe(0);
  });
});
