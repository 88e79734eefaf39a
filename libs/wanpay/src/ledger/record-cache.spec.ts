import { describe, expect, it } from '@jest/globals';
import { RecordCache } from './record-cache.js';
import type { OrderRecord } from './store.js';

function record(orderNo: string, version = 1): OrderRecord {
  return { merchantNo: '21008024', orderNo, version, eventCount: 0 };
}

describe('RecordCache', () => {
  it('remembers an order as it was written last', () => {
    const cache = new RecordCache();
    expect(cache.get('A1')).toBeUndefined();
    cache.set('A1', record('A1'));
    cache.set('A1', record('A1', 2));
    expect(cache.get('A1')?.version).toBe(2);
  });

  it('forgets one order, or all', () => {
    const cache = new RecordCache();
    cache.set('A1', record('A1'));
    cache.set('A2', record('A2'));
    cache.delete('A1');
    expect(cache.get('A1')).toBeUndefined();
    expect(cache.get('A2')).toBeDefined();
    cache.clear();
    expect(cache.get('A2')).toBeUndefined();
  });

  it('remembers 20,000 orders, and forgets first what was written longest ago', () => {
    const cache = new RecordCache();
    for (let i = 0; i < 20_000; i += 1) cache.set(`A${i}`, record(`A${i}`));
    cache.set('A0', record('A0', 2));
    cache.set('NEW', record('NEW'));
    expect(cache.get('A0')?.version).toBe(2);
    expect(cache.get('A1')).toBeUndefined();
    expect(cache.get('A2')).toBeDefined();
    expect(cache.get('NEW')).toBeDefined();
  });
});
