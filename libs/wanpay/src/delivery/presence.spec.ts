import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Bench, handler, SharedStore } from './bench.fixture.js';

const MINUTE_MS = 60_000;
const NONE = /^No handler of atm\.paid is known/;

describe('presence', () => {
  let warned: jest.SpiedFunction<Logger['warn']>;
  let told: jest.SpiedFunction<Logger['log']>;
  beforeEach(() => {
    warned = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    told = jest.spyOn(Logger.prototype, 'log').mockReturnValue();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  function warnings(): readonly unknown[] {
    return warned.mock.calls.map(([message]): unknown => message);
  }

  it('tells at start which handlers were found, and makes them known', async () => {
    const bench = new Bench();
    await bench.start(handler('ship', 'atm.paid', jest.fn()), handler('mail', 'atm.issued', jest.fn()));
    expect(told.mock.calls.flat()).toContain('Handlers found: mail (atm.issued), ship (atm.paid)');
    expect(warnings()).toStrictEqual([]);
    expect(await bench.ledger.deliveries.handlers(bench.clock.now())).toMatchObject([
      { id: 'ship', types: ['atm.paid'], isRunning: true },
      { id: 'mail', types: ['atm.issued'], isRunning: true },
    ]);
  });

  it('warns at start when no process has a handler of atm.paid', async () => {
    const bench = new Bench();
    await bench.start();
    expect(told.mock.calls.flat()).toContain('No handlers were found.');
    expect(warnings()).toStrictEqual([expect.stringMatching(NONE)]);
  });

  it('does not when another process has one', async () => {
    const store = new SharedStore();
    await new Bench({ store }).start(handler('ship', 'atm.paid', jest.fn()));
    await new Bench({ store }).start();
    expect(warnings()).toStrictEqual([]);
  });

  it('says every minute that the handlers are here, until it stops', async () => {
    const bench = new Bench();
    await bench.start(handler('ship', 'atm.paid', jest.fn()));
    await bench.clock.pass(60 * MINUTE_MS);
    const running = async (): Promise<unknown> =>
      (await bench.ledger.deliveries.handlers(bench.clock.now()))[0]?.isRunning;
    expect(await running()).toBe(true);
    await bench.delivery.stop();
    await bench.clock.pass(4 * MINUTE_MS);
    expect(await running()).toBe(false);
  });

  it('reminds, now and then, of a handler that no process has any more and that deliveries wait for', async () => {
    const store = new SharedStore();
    const old = new Bench({ store });
    await old.start(handler('ship', 'atm.paid', jest.fn()));
    await old.delivery.stop();
    const { clock } = old;
    await clock.pass(5 * MINUTE_MS);
    const next = new Bench({ store, clock });
    await next.start(handler('book', 'atm.paid', jest.fn()));
    await next.issue('A1');
    await next.pay('A1');
    expect(warnings()).toStrictEqual([]);
    await clock.pass(9 * MINUTE_MS);
    expect(warnings()).toStrictEqual([
      "No process has the handler ship. Deliveries that wait for it: 1. Deploy it, or drop them for good with wanpay.retireHandler('ship').",
    ]);
    await clock.pass(5 * MINUTE_MS);
    expect(warnings()).toHaveLength(2);
  });

  it('tries again when the ledger failed at start', async () => {
    const bench = new Bench();
    await bench.issue('A1');
    jest.spyOn(bench.ledger.deliveries, 'subscribe').mockRejectedValueOnce(new Error('connection lost'));
    const mail = jest.fn();
    await bench.start(handler('mail', 'atm.issued', mail), handler('ship', 'atm.paid', jest.fn()));
    expect(warnings()).toStrictEqual([expect.stringContaining('connection lost')]);
    expect(mail).not.toHaveBeenCalled();
    await bench.clock.pass(5000);
    expect(mail).toHaveBeenCalledTimes(1);
  });

  it('does not bring back a handler that was retired', async () => {
    const bench = new Bench();
    await bench.start(handler('ship', 'atm.paid', jest.fn()));
    await bench.ledger.deliveries.retire('ship', bench.clock.now(), { force: true });
    await bench.clock.pass(5 * MINUTE_MS);
    expect(await bench.ledger.deliveries.handlers(bench.clock.now())).toStrictEqual([]);
  });
});
