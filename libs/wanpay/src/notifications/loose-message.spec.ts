import { describe, expect, it } from '@jest/globals';
import { readLoosely, readNumbers } from './loose-message.js';

const NAMED = { merchantNo: '21008024', orderNo: 'A1' };

function inText(text: string): unknown {
  return readLoosely(undefined, Buffer.from(text));
}

describe('whom a message is about', () => {
  it.each<[string, object, boolean]>([
    ['fields', { orgno: '21008024', out_trade_no: 'A1', status: '' }, true],
    ['fields of JSON, with numbers and null', { orgno: 21008024, out_trade_no: 'A1', n: null }, true],
    ['fields of which one is repeated', { orgno: '21008024', out_trade_no: ['A1', 'A2'] }, false],
    ['fields of which one is nested', { orgno: '21008024', out_trade_no: 'A1', result: { a: 1 } }, false],
    ['fields with space around them', { orgno: ' 21008024 ', out_trade_no: 'A1\n' }, true],
    ['fields into which others were folded', { orgno: '21008024&x=1', out_trade_no: 'A1&status=0000' }, true],
    [
      'a field named __proto__',
      JSON.parse('{"orgno":"21008024","out_trade_no":"A1","__proto__":"x"}') as object,
      false,
    ],
  ])('is read from %s, and whether its signature can be checked', (_, body, isFlat) => {
    const message = readLoosely(body);
    expect(message).toMatchObject(NAMED);
    expect(message?.fields !== undefined).toBe(isFlat);
  });

  it.each([
    ['a form', 'status=0000&orgno=21008024&x=%FF&out_trade_no=A1&sign='],
    ['JSON that breaks off', '{"orgno": "21008024", "out_trade_no":"A1", "sta'],
    ['JSON with numbers', '{"orgno":21008024,"out_trade_no":"A1"'],
    ['a list', '[{"orgno":"21008024","out_trade_no":"A1"}]'],
    [
      'a multipart form that breaks off',
      '--x\r\nContent-Disposition: form-data; name="orgno"\r\n\r\n21008024\r\n--x\r\nContent-Disposition: form-data; name="out_trade_no"\r\nContent-Type: text/plain\r\n\r\nA1\r\n',
    ],
  ])('is found in %s that nobody could read', (_, text) => {
    expect(inText(text)).toEqual(NAMED);
    expect(readLoosely([{}], Buffer.from(text))).toEqual(NAMED);
  });

  it('is read of fields whose signature was checked, without them', () => {
    expect(readNumbers({ orgno: 21008024, out_trade_no: 'A1', status: '0000' })).toEqual(NAMED);
    for (const body of [undefined, {}, { orgno: '21008024' }, { orgno: ['21008024'], out_trade_no: 'A1' }]) {
      expect(readNumbers(body)).toBeUndefined();
    }
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['one of the two', { orgno: '21008024' }],
    ['a name that every object has', { orgno: '__proto__', out_trade_no: 'A1' }],
    ['a long text', { orgno: '2'.repeat(31), out_trade_no: 'A1' }],
    ['a NUL', { orgno: '21008024', out_trade_no: 'A\0' }],
    ['a list', ['21008024', 'A1']],
  ])('is not known of %s', (_, body) => {
    expect(readLoosely(body)).toBeUndefined();
  });

  it.each([
    ...['xorgno=21008024&out_trade_no=A1', 'orgno=&out_trade_no=A1', '', 'orgno'],
    // The beginning of a long number would be somebody else's.
    ...[`orgno=21008024&out_trade_no=${'A'.repeat(31)}`, `orgno=${'2'.repeat(31)}&out_trade_no=A1`],
  ])('is not found in %j', (text) => {
    expect(inText(text)).toBeUndefined();
  });

  it.each(['orgno', '"orgno"\r\n', 'orgno" : ', '"orgno"\r\na\r\n'])(
    'takes four times as long in a text of %j that is four times as long',
    (unit) => {
      const cost = (length: number): number => {
        const text = Buffer.from(unit.repeat(Math.floor(length / unit.length)));
        // The shortest of many: something else may run during any of them.
        const runs = Array.from({ length: 70 }, () => {
          const before = performance.now();
          readLoosely(undefined, text);
          return performance.now() - before;
        });
        return Math.min(...runs);
      };
      expect(cost(16_384) / cost(4096)).toBeLessThan(10);
    },
  );
});
