import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readDeliveryId, writeDeliveryId } from './delivery-id.js';

const key = fc.record({
  merchantNo: fc.string({ unit: 'grapheme' }),
  orderNo: fc.string({ unit: 'grapheme' }),
  seq: fc.nat(),
  handler: fc.string({ unit: 'grapheme' }),
});

describe('a delivery’s id', () => {
  it('leads back to the delivery', () => {
    fc.assert(
      fc.property(key, (each) => {
        expect(readDeliveryId(writeDeliveryId(each))).toEqual(each);
      }),
    );
  });

  it('can stand in an address and on a command line', () => {
    fc.assert(
      fc.property(key, (each) => {
        expect(writeDeliveryId(each)).toMatch(/^dlv_[\w-]+$/);
      }),
    );
  });

  it('is read or refused, whatever text is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json().map(idOf)), (text) => {
        const read = readDeliveryId(text);
        if (read) expect(readDeliveryId(writeDeliveryId(read))).toEqual(read);
      }),
    );
  });

  it.each([0, 2 ** 31 - 1])('may be that of event %d', (seq) => {
    const key = { merchantNo: 'M', orderNo: 'A', seq, handler: 'H' };
    expect(readDeliveryId(writeDeliveryId(key))).toStrictEqual(key);
  });

  it.each([
    ['no prefix', writeDeliveryId({ merchantNo: 'M', orderNo: 'A', seq: 0, handler: 'H' }).slice(4)],
    ['another prefix', idOf('["M","A",0,"H"]').replace('dlv_', 'evt_')],
    ['no JSON', 'dlv_nonsense'],
    ['too little', idOf('["M","A",0]')],
    ['a number for an order', idOf('["M",1,0,"H"]')],
    ['a fraction', idOf('["M","A",0.5,"H"]')],
    ['an object', idOf('{"length":4}')],
    ['a NUL', idOf('["M","A\\u0000",0,"H"]')],
    ['a NUL in the handler', idOf('["M","A",0,"H\\u0000"]')],
    ['half a character', idOf('["M","A\\ud800",0,"H"]')],
    ['a number that no database counts to', idOf('["M","A",1e300,"H"]')],
    ['one more than 32 bits hold', idOf('["M","A",2147483648,"H"]')],
    ['a negative number', idOf('["M","A",-1,"H"]')],
  ])('is refused with %s', (_, text) => {
    expect(readDeliveryId(text)).toBeUndefined();
  });
});

function idOf(json: string): string {
  return `dlv_${Buffer.from(json).toString('base64url')}`;
}
