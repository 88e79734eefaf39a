import { describe, expect, it } from '@jest/globals';
import { Changes } from './changes.js';
import { Journal } from './journal.js';

const NOW = new Date('2026-03-01T12:00:00+08:00');
const REF = { merchantNo: 'M1', orderNo: 'A1' };

describe('the journal', () => {
  it('forgets its oldest entries when it is full, and knows that it did', () => {
    const journal = new Journal({ now: () => NOW }, new Changes(), { entries: 100, bytes: 1_000_000 });
    for (let n = 0; n < 100; n++) journal.write({ kind: 'state', ...REF, state: 'unpaid' });
    expect(journal.isComplete).toBe(true);
    for (let n = 0; n < 1000; n++) journal.write({ kind: 'state', ...REF, state: 'unpaid' });
    expect(journal.isComplete).toBe(false);
    expect(journal.entries().length).toBeLessThanOrEqual(100);
    expect(journal.entries().length).toBeGreaterThanOrEqual(90);
    expect(journal.entries().at(-1)?.id).toBe(1100);
  });

  it('numbers requests without gaps, whatever comes between', () => {
    const journal = new Journal({ now: () => NOW }, new Changes(), { entries: 100, bytes: 1_000_000 });
    const request = { kind: 'request', interface: 'order', source: '::1', contentType: '', body: '' } as const;
    const numbers = [1, 2, 3].map(() => {
      journal.write({ kind: 'state', ...REF, state: 'unpaid' });
      return journal.writeRequest(request).number;
    });
    expect(numbers).toEqual([1, 2, 3]);
    expect(journal.findRequest(2)?.id).toBe(4);
    expect(journal.findRequest(4)).toBeUndefined();
  });

  it('tells of what it writes, and to whom it matters', () => {
    const changes = new Changes();
    const told: unknown[] = [];
    changes.watch((change) => told.push(change));
    const journal = new Journal({ now: () => NOW }, changes, { entries: 100, bytes: 1_000_000 });
    journal.write({ kind: 'state', ...REF, state: 'paid' });
    journal.write({ kind: 'action', name: 'clear-faults' });
    expect(told).toEqual([{ topic: 'order', order: REF }, { topic: 'faults' }]);
  });
});
