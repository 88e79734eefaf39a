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

/** Milliseconds that something takes: the least of several runs, since others run meanwhile. */
function cost(work: () => void): number {
  const runs = Array.from({ length: 7 }, () => {
    const before = performance.now();
    for (let i = 0; i < 10; i += 1) work();
    return performance.now() - before;
  });
  return Math.min(...runs);
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
      const growth = cost(() => parseForm(long ?? '')) / cost(() => parseForm(short ?? ''));
      // Sixteen times, if each separator had the rest looked through again.
      expect(growth).toBeLessThan(10);
    },
  );
});
