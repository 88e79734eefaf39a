import { describe, expect, it } from '@jest/globals';
import { parseJson } from './json.js';

describe('JSON', () => {
  it.each(['1280.00', '0', '-1.5e3', '9007199254740993'])('has the number %s as it is written', (digits) => {
    expect(parseJson(`{"a": ${digits}, "b": [${digits}]}`)).toStrictEqual({ a: digits, b: [digits] });
  });

  it('has everything else as it is', () => {
    expect(parseJson(' {"a":"1","b":null,"c":true,"d":{"e":"中"}} ')).toStrictEqual({
      a: '1',
      b: null,
      c: true,
      d: { e: '中' },
    });
  });

  it('has a member named __proto__ as one', () => {
    expect(Object.keys(parseJson('{"__proto__":{"a":1}}') as object)).toEqual(['__proto__']);
  });

  it.each(['', '{', '{"a":1,"a":2}', '{"a":01}', '{"a":1}x', '['.repeat(100_000)])('is not read from %j', (text) => {
    expect(() => parseJson(text)).toThrow();
  });
});
