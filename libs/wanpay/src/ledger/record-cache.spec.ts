import { describe, expect, it } from '@jest/globals';
import { RecordCache } from './record-cache.js';
import type { OrderRecord } from './store.js';

function record(orderNo: string, version = 1): OrderRecord {
  return { merchantNo: '21008024', orderNo, version, eventCount: 0 };
}

describe('RecordCache', () => {
  it('remembers an order as it was written last', () => {
    const cache = new RecordCache();
    expect(cache.get(record('A1'))).toBeUndefined();
    cache.set(record('A1'));
    cache.set(record('A1', 2));
    expect(cache.get(record('A1'))?.version).toBe(2);
    expect(cache.get({ merchantNo: '1265', orderNo: 'A1' })).toBeUndefined();
  });

  it('forgets one order, or all', () => {
    const cache = new RecordCache();
    cache.set(record('A1'));
    cache.set(record('A2'));
    cache.delete(record('A1'));
    expect(cache.get(record('A1'))).toBeUndefined();
    expect(cache.get(record('A2'))).toBeDefined();
    cache.clear();
    expect(cache.get(record('A2'))).toBeUndefined();
  });

  it('remembers 20,000 orders, and forgets first what was written longest ago', () => {
    const cache = new RecordCache();
    for (let i = 0; i < 20_000; i += 1) cache.set(record(`A${i}`));
    cache.set(record('A0', 2));
    cache.set(record('NEW'));
    expect(cache.get(record('A0'))?.version).toBe(2);
    expect(cache.get(record('A1'))).toBeUndefined();
    expect(cache.get(record('A2'))).toBeDefined();
    expect(cache.get(record('NEW'))).toBeDefined();
  });
});
