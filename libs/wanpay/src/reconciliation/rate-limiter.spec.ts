import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RateLimiter } from './rate-limiter.js';

const at = (ms: number): Date => new Date(1_772_000_000_000 + ms);

describe('the pace of queries', () => {
  it('has room for so many in a second, and again when the second is over', () => {
    const pace = new RateLimiter(2);
    expect([pace.take('1', at(0)), pace.take('1', at(400)), pace.take('1', at(999))]).toEqual([true, true, false]);
    expect(pace.nextFree('1', at(999))).toEqual(at(1000));
    expect(pace.free('1', at(1000))).toBe(1);
    expect([pace.take('1', at(1000)), pace.take('1', at(1399)), pace.take('1', at(1400))]).toEqual([true, false, true]);
  });

  it('is each merchant’s own', () => {
    const pace = new RateLimiter(1);
    expect([pace.take('1', at(0)), pace.take('2', at(0)), pace.take('1', at(0))]).toEqual([true, true, false]);
    expect(pace.nextFree('3', at(0))).toEqual(at(0));
  });

  it('gives those that found no room places in order, as far apart as the pace allows', () => {
    const pace = new RateLimiter(4);
    const places = [0, 0, 0, 300].map((ms) => pace.place('1', at(ms)).getTime() - at(0).getTime());
    expect(places).toEqual([1250, 1500, 1750, 2000]);
    expect(pace.place('1', at(60_000))).toEqual(at(61_250));
  });

  it('never lets more through in any second, whenever it is asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 60 }),
        (perSecond, pauses) => {
          const pace = new RateLimiter(perSecond);
          let now = 0;
          const sent: number[] = [];
          for (const pause of pauses) {
            now += pause;
            if (pace.take('1', at(now))) sent.push(now);
          }
          for (const start of sent) {
            expect(sent.filter((moment) => moment >= start && moment < start + 1000).length).toBeLessThanOrEqual(
              perSecond,
            );
          }
        },
      ),
    );
  });
});
