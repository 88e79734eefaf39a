import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isRange, normaliseAddress, SourceList } from './source-list.js';

describe('isRange', () => {
  it.each(['192.0.2.1', '192.0.2.0/24', '0.0.0.0/0', '2001:db8::1', '2001:db8::/32', '::1', '::ffff:192.0.2.1'])(
    'reads %s',
    (text) => {
      expect(isRange(text)).toBe(true);
    },
  );

  it.each([
    '',
    ' ',
    ' 192.0.2.1',
    '192.0.2.1 ',
    '192.0.2.256',
    '192.0.2.1/33',
    '192.0.2.1/-1',
    '192.0.2.1/',
    '192.0.2.1/24/24',
    '192.0.2.*',
    '192.0.2.1-192.0.2.9',
    '2001:db8::/129',
    '2001:db8:::1',
    'api.wan-pay.com',
    '*',
  ])('does not read %j', (text) => {
    expect(isRange(text)).toBe(false);
  });

  it.each(['192.0.2', '192.0', '192', '192/8', '010.0.0.1', '0x7f.0.0.1', '3221225985'])(
    'does not take %s for an address, as C’s inet_aton would',
    (text) => {
      expect(isRange(text)).toBe(false);
    },
  );
});

describe('SourceList', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.0/24', '192.0.2.255'],
    ['192.0.2.0/24', '::ffff:192.0.2.255'],
    ['192.0.2.1', '::ffff:c000:201'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.0/120', '192.0.2.9'],
    ['::ffff:192.0.2.0/120', '::ffff:192.0.2.9'],
    ['0.0.0.0/0', '203.0.113.9'],
    ['2001:db8::/32', '2001:db8:ffff::1'],
    ['2001:DB8::1', '2001:0db8:0:0:0:0:0:1'],
    ['::/0', '2001:db8::1'],
  ])('that holds %s admits %s', (entry, address) => {
    expect(new SourceList(['198.51.100.1', entry]).admits(address)).toBe(true);
  });

  it.each([
    ['192.0.2.1', '192.0.2.2'],
    ['192.0.2.0/24', '192.0.3.0'],
    ['192.0.2.0/24', '::ffff:192.0.3.0'],
    ['::ffff:192.0.2.0/120', '192.0.3.0'],
    ['2001:db8::/32', '2001:db9::1'],
    ['0.0.0.0/0', '2001:db8::1'],
    ['::/0', '192.0.2.1'],
    ['2001:db8::1', '192.0.2.1'],
  ])('that holds %s does not admit %s', (entry, address) => {
    expect(new SourceList([entry]).admits(address)).toBe(false);
  });

  it.each([
    undefined,
    '',
    'unknown',
    'localhost',
    '192.0.2.1, 203.0.113.9',
    '192.0.2.1:https',
    '999.0.2.1',
    '[192.0.2.1',
    '010.0.0.1',
    '1'.repeat(5000),
  ])('does not admit %j, which is no address', (address) => {
    expect(new SourceList(['0.0.0.0/0', '::/0']).admits(address)).toBe(false);
  });

  it.each([
    ['203.0.113.5', '203.0.113.5:51324'],
    ['203.0.113.5', '::ffff:203.0.113.5'],
    ['203.0.113.5', '[::ffff:203.0.113.5]:51324'],
    ['2001:db8::1', '[2001:db8::1]:443'],
    ['2001:db8::1', '[2001:db8::1]'],
    ['::1', '[::1]:443'],
    ['fe80::1', 'fe80::1%eth0'],
    ['fe80::1', '[fe80::1%eth0]:443'],
  ])('that holds %s admits it as a proxy writes it: %s', (entry, address) => {
    expect(new SourceList([entry]).admits(address)).toBe(true);
    expect(normaliseAddress(address)).toBe(entry);
  });

  it.each([undefined, '', 'unknown', '192.0.2.1', '2001:db8::1'])('admits %j when it is empty', (address) => {
    expect(new SourceList([]).admits(address)).toBe(true);
  });

  it('admits an IPv4 address exactly when its leading bits are those of the range', () => {
    const ipv4 = fc.integer({ min: 0, max: 0xffffffff });
    const text = (bits: number): string => [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
    const leading = (bits: number, prefix: number): string => bits.toString(2).padStart(32, '0').slice(0, prefix);
    fc.assert(
      fc.property(ipv4, fc.integer({ min: 0, max: 32 }), fc.integer({ min: 0, max: 31 }), (range, prefix, flipped) => {
        const address = (range ^ (1 << flipped)) >>> 0;
        const list = new SourceList([`${text(range)}/${prefix}`]);
        expect(list.admits(text(range))).toBe(true);
        expect(list.admits(text(address))).toBe(leading(address, prefix) === leading(range, prefix));
        expect(list.admits(`::ffff:${text(address)}`)).toBe(list.admits(text(address)));
      }),
    );
  });
});
