import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseForm } from './form.js';

/** What the standard makes of a form, with a list where a name is repeated. */
function standard(text: string): Record<string, string | string[]> {
  const lists = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(`&${text}`)) lists.set(name, [...(lists.get(name) ?? []), value]);
  return Object.fromEntries(
    [...lists].map(([name, [first = '', ...more]]) => [name, more.length ? [first, ...more] : first]),
  );
}

/** Milliseconds that each takes: the least of several runs in turn, since others run meanwhile. */
function costs(works: readonly (() => void)[]): number[] {
  const least = works.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < 15; round += 1) {
    for (const [i, work] of works.entries()) {
      const before = performance.now();
      for (let n = 0; n < 5; n += 1) work();
      least[i] = Math.min(least[i] ?? 0, performance.now() - before);
    }
  }
  return least;
}

describe('parseForm', () => {
  it('reads a form', () => {
    expect(parseForm('orgno=1265&result=%E6%88%90%E5%8A%9F+!&bankno=')).toStrictEqual({
      orgno: '1265',
      result: '成功 !',
      bankno: '',
    });
  });

  it('shows a repeated field as a list, so that it can be refused', () => {
    expect(parseForm('a=1&b=2&a=3&a=4')).toStrictEqual({ a: ['1', '3', '4'], b: '2' });
  });

  it('shows names that every object has as fields, so that they can be refused', () => {
    expect(JSON.stringify(parseForm('__proto__=1&constructor=2&a=3'))).toBe(
      '{"__proto__":"1","constructor":"2","a":"3"}',
    );
  });

  it('reads whatever the standard reads, as it does', () => {
    const piece = fc.constantFrom('a', 'b', '=', '&', '+', '%', '%41', '%E4%B8%AD', '%FF', '%zz', ' ', '?');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        expect(parseForm(text)).toStrictEqual(standard(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['&', '=', 'a&', 'a=&', '&=', '%', '%&', '+', 'a=%FF&', '%41'])(
    'takes four times as long for a form of %j that is four times as long',
    (unit) => {
      const [short, long] = [4096, 16_384].map((length) => unit.repeat(Math.floor(length / unit.length)));
      const [dear = 0, cheap = 0] = costs([() => parseForm(long ?? ''), () => parseForm(short ?? '')]);
      // Sixteen times, if each separator had the rest looked through again.
      expect(dear / cheap).toBeLessThan(10);
    },
  );
});
