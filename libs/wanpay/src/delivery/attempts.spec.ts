import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { LedgerStore, TransactionalWork } from '../ledger/store.js';
import { MemoryStore } from '../ledger/stores/memory/memory-store.js';
import { Bench, CLAIM_MS, handler, HeldHandler, quiet, SETTINGS } from './bench.fixture.js';

const OVERDUE = 'It was not done within 30 s.';

beforeAll(() => {
  Logger.overrideLogger(false);
});

/** A memory store with transactions as PostgreSQL has them: one is rolled back as soon as its signal is aborted. */
function transactional(): LedgerStore {
  const memory = new MemoryStore();
  const changeDeliveries: LedgerStore['changeDeliveries'] = async (changes, work) => {
    if (work) await Promise.race([work.run('the client'), aborted(work)]);
    return memory.changeDeliveries(changes);
  };
  return new Proxy<LedgerStore>(memory, {
    get: (store, name): unknown => {
      if (name === 'transactions') return 'async';
      return name === 'changeDeliveries' ? changeDeliveries : Reflect.get(store, name);
    },
  });
}

function aborted({ signal }: TransactionalWork): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    });
  });
}

describe('a handler that is done when it returns', () => {
  it('needs no timer of its own, neither for its time nor for its claim', async () => {
    const bench = new Bench();
    const after = jest.spyOn(bench.clock, 'after');
    await bench.start(handler('mail', 'atm.issued', () => 'done'));
    after.mockClear();
    await bench.issue('A1');
    expect(await bench.states()).toStrictEqual(['A1 atm.issued mail delivered']);
    expect(after.mock.calls.map(([ms]) => ms)).not.toContain(SETTINGS.handlerTimeoutMs);
    const held = new HeldHandler('held', 'atm.paid');
    await bench.delivery.addHandler(held);
    await bench.pay('A1');
    expect(after.mock.calls.map(([ms]) => ms)).toContain(SETTINGS.handlerTimeoutMs);
  });
});

describe('a handler that takes longer than it may', () => {
  it('is never called beside itself, keeps its claim, and has its late success counted', async () => {
    const bench = new Bench();
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    await bench.issue('A1');
    await bench.clock.pass(SETTINGS.handlerTimeoutMs - 1);
    expect(slow.contexts[0]?.signal.aborted).toBe(false);
    await bench.clock.pass(1);
    expect(slow.contexts[0]?.signal.reason).toStrictEqual(new Error(OVERDUE));
    await bench.clock.pass(10 * CLAIM_MS);
    expect(slow.calls).toStrictEqual(['A1']);
    expect(await bench.states()).toStrictEqual(['A1 atm.issued slow running']);
    await slow.end();
    await bench.clock.pass(CLAIM_MS);
    expect(slow.calls).toStrictEqual(['A1']);
    expect(await bench.states()).toStrictEqual(['A1 atm.issued slow delivered']);
    expect(bench.delivery.counts).toEqual({ delivered: 1, retried: 0, dead: 0 });
  });

  it('gives its place to another', async () => {
    const bench = new Bench({ concurrency: 1 });
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    await bench.issue('A1');
    await bench.issue('A2');
    expect(slow.calls).toStrictEqual(['A1']);
    await bench.clock.pass(SETTINGS.handlerTimeoutMs);
    expect(slow.calls).toStrictEqual(['A1', 'A2']);
  });

  it('is called again after it failed late', async () => {
    const bench = new Bench();
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    await bench.issue('A1');
    await bench.clock.pass(CLAIM_MS);
    await slow.end('A1', new Error('too late'));
    await bench.clock.pass(SETTINGS.baseDelayMs);
    expect(slow.contexts.map(({ attempt }) => attempt)).toStrictEqual([1, 2]);
  });

  it('is not called beside itself either when the clock was moved past its claim', async () => {
    const bench = new Bench();
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    await bench.issue('A1');
    const renew = jest.spyOn(bench.ledger.deliveries, 'renew').mockRejectedValue(new Error('connection lost'));
    await bench.clock.pass(2 * CLAIM_MS);
    renew.mockRestore();
    expect(slow.calls).toStrictEqual(['A1']);
    await slow.end();
    expect(await bench.states()).toStrictEqual(['A1 atm.issued slow delivered']);
  });
});

describe('a transactional handler', () => {
  it('gets the client, and is recorded with its transaction', async () => {
    const bench = new Bench({ store: transactional() });
    const handle = jest.fn();
    await bench.start({ ...handler('book', 'atm.issued', handle), transaction: true });
    await bench.issue('A1');
    expect(handle.mock.calls).toMatchObject([[{ orderNo: 'A1' }, { transaction: 'the client', attempt: 1 }]]);
    expect(bench.delivery.counts.delivered).toBe(1);
    expect(await bench.states()).toStrictEqual(['A1 atm.issued book delivered']);
  });

  it('that never ends is rolled back in time, gives its place free, and becomes a dead letter', async () => {
    const bench = new Bench({ store: transactional(), concurrency: 1 });
    const stuck = new HeldHandler('stuck', 'atm.issued', true);
    const other = jest.fn();
    await bench.start(stuck, handler('other', 'atm.paid', other));
    await bench.issue('A1');
    await bench.pay('A1');
    expect(other).not.toHaveBeenCalled();
    await bench.clock.pass(SETTINGS.maxAttempts * CLAIM_MS);
    expect(stuck.contexts.map(({ attempt }) => attempt)).toStrictEqual([1, 2, 3]);
    expect(other).toHaveBeenCalledTimes(1);
    const { deliveries } = await bench.ledger.deliveries.list({ state: 'dead' }, bench.clock.now());
    expect(deliveries).toMatchObject([{ handler: 'stuck', failure: OVERDUE }]);
  });

  it('may finish when the host shuts down', async () => {
    const bench = new Bench({ store: transactional() });
    const slow = new HeldHandler('slow', 'atm.issued', true);
    await bench.start(slow);
    await bench.issue('A1');
    const stopping = bench.delivery.stop();
    expect(slow.contexts[0]?.signal.aborted).toBe(true);
    await quiet();
    await slow.end();
    await stopping;
    expect(await bench.states()).toStrictEqual(['A1 atm.issued slow delivered']);
  });
});
