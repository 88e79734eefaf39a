import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { MemoryStore } from '../ledger/stores/memory/memory-store.js';
import { Bench, handler, HeldHandler, quiet, SETTINGS } from './bench.fixture.js';

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('stop', () => {
  it('aborts the signals of the handlers that are running, and waits for them and for what became of them', async () => {
    const bench = new Bench();
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    await bench.issue('A1');
    const stopped = jest.fn();
    const stopping = bench.delivery.stop().then(stopped);
    await quiet();
    expect(slow.contexts[0]?.signal.reason).toStrictEqual(new Error('The host shuts down.'));
    expect(stopped).not.toHaveBeenCalled();
    await slow.end();
    await stopping;
    expect(await bench.states()).toStrictEqual(['A1 atm.issued slow delivered']);
  });

  it('waits for none that takes longer than it may, and lets its claim lapse', async () => {
    const bench = new Bench();
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    await bench.issue('A1');
    const stopped = jest.fn();
    const stopping = bench.delivery.stop().then(stopped);
    await bench.clock.pass(SETTINGS.handlerTimeoutMs - 1);
    expect(stopped).not.toHaveBeenCalled();
    await bench.clock.pass(1);
    await stopping;
    expect(bench.clock.armed).toStrictEqual([]);
    await bench.clock.pass(60_000);
    expect(await bench.states()).toStrictEqual(['A1 atm.issued slow pending']);
  });

  it('claims nothing more, whatever is recorded, falls due or wakes it', async () => {
    const bench = new Bench();
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    await bench.issue('A1');
    const stopping = bench.delivery.stop();
    const claim = jest.spyOn(bench.ledger.deliveries, 'claim');
    await bench.issue('B2');
    bench.delivery.wake();
    await slow.end('A1', new Error('broken'));
    await stopping;
    await bench.clock.pass(3_600_000);
    expect(claim).not.toHaveBeenCalled();
    expect(slow.calls).toStrictEqual(['A1']);
    expect(bench.clock.armed).toStrictEqual([]);
  });

  it('waits for a claim that is on its way, and gives back what it brings', async () => {
    const bench = new Bench();
    const handle = jest.fn();
    const { deliveries } = bench.ledger;
    let answer: () => void = () => undefined;
    const claim = deliveries.claim.bind(deliveries);
    jest.spyOn(deliveries, 'claim').mockImplementation(async (asked) => {
      await new Promise<void>((resolve) => (answer = resolve));
      return claim(asked);
    });
    await bench.issue('A1');
    await bench.start(handler('mail', 'atm.issued', handle));
    const stopped = jest.fn();
    const stopping = bench.delivery.stop().then(stopped);
    await quiet();
    expect(stopped).not.toHaveBeenCalled();
    answer();
    await stopping;
    expect(handle).not.toHaveBeenCalled();
    const now = bench.clock.now();
    const subscriptions = [{ handler: 'mail', type: 'atm.issued' } as const];
    const again = await claim({ subscriptions, now, leaseUntil: now, limit: 1 });
    expect(again.deliveries).toMatchObject([{ attempt: 1 }]);
    expect(bench.clock.armed).toStrictEqual([]);
  });

  it('waits for a commit that is on its way, and gives back what that brings', async () => {
    const store = new MemoryStore();
    const bench = new Bench({ store });
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    let answer: () => void = () => undefined;
    const commitAndClaim = store.commitAndClaim.bind(store);
    jest.spyOn(store, 'commitAndClaim').mockImplementation(async (...asked) => {
      const committed = await commitAndClaim(...asked);
      await new Promise<void>((resolve) => (answer = resolve));
      return committed;
    });
    const issuing = bench.issue('A1');
    await quiet();
    expect(await bench.states()).toStrictEqual(['A1 atm.issued mail running']);
    const stopped = jest.fn();
    const stopping = bench.delivery.stop().then(stopped);
    await quiet();
    expect(stopped).not.toHaveBeenCalled();
    answer();
    await Promise.all([issuing, stopping]);
    expect(handle).not.toHaveBeenCalled();
    expect(await bench.states()).toStrictEqual(['A1 atm.issued mail pending']);
    const now = bench.clock.now();
    const subscriptions = [{ handler: 'mail', type: 'atm.issued' } as const];
    const { deliveries } = await bench.ledger.deliveries.claim({ subscriptions, now, leaseUntil: now, limit: 1 });
    expect(deliveries).toMatchObject([{ attempt: 1 }]);
  });

  it('leaves nothing behind when it comes while the handlers are being made known', async () => {
    const bench = new Bench();
    const { deliveries } = bench.ledger;
    const subscribe = deliveries.subscribe.bind(deliveries);
    let answer: () => void = () => undefined;
    jest.spyOn(deliveries, 'subscribe').mockImplementationOnce(async (...args) => {
      await new Promise<void>((resolve) => (answer = resolve));
      return subscribe(...args);
    });
    bench.delivery.register(handler('mail', 'atm.issued', jest.fn()));
    const starting = bench.delivery.start();
    const stopping = bench.delivery.stop();
    answer();
    await Promise.all([starting, stopping]);
    await quiet();
    expect(bench.clock.armed).toStrictEqual([]);
  });

  it('may be asked for twice, and waits both times', async () => {
    const bench = new Bench();
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    await bench.issue('A1');
    const stopping = Promise.all([bench.delivery.stop(), bench.delivery.stop()]);
    await slow.end();
    await expect(stopping).resolves.toHaveLength(2);
  });

  it('is harmless when nothing was started', async () => {
    await expect(new Bench().delivery.stop()).resolves.toBeUndefined();
  });
});
