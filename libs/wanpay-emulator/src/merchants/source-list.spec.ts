import { describe, expect, it } from '@jest/globals';
import { InvalidArgumentError } from '../errors.js';
import { readSourceList } from './source-list.js';

describe('readSourceList', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.8', false],
    ['203.0.113.0/24', '203.0.113.200', true],
    ['203.0.113.0/24', '203.0.114.1', false],
    ['203.0.113.7', '::ffff:203.0.113.7', true],
    ['2001:db8::/32', '2001:db8::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8::/32', '203.0.113.7', false],
    ['0.0.0.0/0', '::1', false],
    ['0.0.0.0/0', 'nonsense', false],
  ])('of %s on %s: %p', (source, address, allowed) => {
    expect(readSourceList([source]).allows(address)).toBe(allowed);
  });

  it('allows everyone without a list, and no one with an empty one', () => {
    expect(readSourceList(undefined).allows('203.0.113.7')).toBe(true);
    expect(readSourceList([]).allows('203.0.113.7')).toBe(false);
    expect(readSourceList(['0.0.0.0/0']).allows(undefined)).toBe(false);
  });

  it.each(['shop.example', '203.0.113.0/33', ''])('refuses %p', (source) => {
    expect(() => readSourceList([source])).toThrow(InvalidArgumentError);
  });
});
