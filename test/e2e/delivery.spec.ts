import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Injectable } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import {
  type AtmEvent,
  type AtmHandlerContext,
  type AtmPaid,
  HandlerRegistrationError,
  OnAtmEvent,
} from 'nestjs-wanpay';
import { MemoryStore } from 'nestjs-wanpay/ledger';
import { type WanPayEmulator } from 'wanpay-emulator';
import { ADAPTERS, type Host, startHost } from './host.js';
import { startPlatform } from './platform.js';
import { quiet, until } from './until.js';

/** Another handler of the same event, beside the recording one. */
@Injectable()
class Ledgerman {
  readonly booked: string[] = [];

  @OnAtmEvent('atm.paid')
  book({ id }: AtmPaid): void {
    this.booked.push(id);
  }
}

@Controller()
class Till {
  readonly rung: string[] = [];

  @OnAtmEvent('atm.paid')
  ring({ orderNo }: AtmPaid): Promise<void> {
    this.rung.push(orderNo);
    return Promise.resolve();
  }
}

@Injectable()
class Listener {
  readonly heard: AtmEvent[] = [];

  @OnEvent('atm.issued')
  @OnEvent('atm.paid')
  hear(event: AtmEvent): void {
    this.heard.push(event);
  }
}

@Injectable()
class Twin {
  @OnAtmEvent('atm.paid', { id: 'Ledgerman.book' })
  book(): void {
    // Never called: it can't be registered.
  }
}

const delivery = { maxAttempts: 3, baseDelayMs: 1000, maxDelayMs: 60_000 };

describe.each(ADAPTERS)('delivery, on %s', (adapter) => {
  let emulator: WanPayEmulator;
  let host: Host;
  // The longest pause that the jitter allows: a shorter one could not tell that the ceiling grows.
  let longest = false;
  beforeAll(() => {
    const { random } = Math;
    jest.spyOn(Math, 'random').mockImplementation(() => (longest ? 0.999 : random()));
  });
  afterAll(() => {
    jest.restoreAllMocks();
  });
  beforeEach(async () => {
    // Nest draws its tokens from Math.random: while hosts are made, it is to be random.
    longest = false;
    emulator = await startPlatform();
    host = await startHost(
      adapter,
      emulator,
      { delivery },
      { imports: [EventEmitterModule.forRoot()], providers: [Ledgerman, Listener], controllers: [Till] },
    );
    longest = true;
  });

  function failPaid(times: number): void {
    let left = times;
    host.handler.react = ({ type }) => {
      if (type === 'atm.paid' && left-- > 0) throw new Error('the printer is on fire');
    };
  }

  async function payOrder(orderNo = 'A1'): Promise<void> {
    await host.wanpay.createPayment({ orderNo, amount: 50 });
    await emulator.pay(orderNo);
    await quiet();
  }

  it('comes again with growing pauses to a handler that fails twice, and once only to the others', async () => {
    failPaid(2);
    await payOrder();
    expect(emulator.notifications()).toMatchObject([{ acknowledged: true }]);
    expect(host.handler.of('atm.paid')).toHaveLength(1);
    await emulator.advance(998);
    await quiet();
    expect(host.handler.of('atm.paid')).toHaveLength(1);
    await emulator.advance(2);
    await until(() => host.handler.of('atm.paid').length === 2, 'the second attempt was made');
    await emulator.advance(1990);
    await quiet();
    expect(host.handler.of('atm.paid')).toHaveLength(2);
    await emulator.advance(10);
    await until(() => host.handler.of('atm.paid').length === 3, 'the third attempt was made');
    await emulator.advance({ days: 1 });
    await quiet();
    const [first, ...again] = host.handler.of('atm.paid');
    expect(again).toEqual([first, first]);
    expect(host.app.get(Ledgerman).booked).toEqual([first?.id]);
    expect(host.app.get(Till).rung).toEqual(['A1']);
    expect(await host.wanpay.listDeliveries({ state: 'dead' })).toEqual({ deliveries: [] });
  });

  it('takes a rejected promise for a failure too', async () => {
    host.handler.react = ({ type }) =>
      type === 'atm.paid' && host.handler.of('atm.paid').length === 1 ? Promise.reject(new Error('later')) : undefined;
    await payOrder();
    await emulator.advance({ seconds: 1 });
    await until(() => host.handler.of('atm.paid').length === 2, 'the second attempt was made');
    expect(host.log.text).toMatch(
      /RecordingHandler\.onPaid failed to handle atm\.paid of order A1 .* attempt 1: later\. It is tried again in /,
    );
  });

  it('gives up after the last attempt, lists the dead letter and replays it to the handler that failed', async () => {
    failPaid(3);
    await payOrder();
    await emulator.advance({ hours: 1 });
    await quiet();
    expect(host.handler.of('atm.paid')).toHaveLength(3);
    const { deliveries: dead } = await host.wanpay.listDeliveries({ state: 'dead' });
    expect(dead).toMatchObject([
      {
        event: { type: 'atm.paid', orderNo: 'A1', payment: { state: 'paid' } },
        handler: 'RecordingHandler.onPaid',
        attempts: 3,
        failure: 'the printer is on fire',
      },
    ]);
    expect(host.log.text).toContain('dead letter');

    const id = dead[0]?.id ?? '';
    expect(await host.wanpay.replayDelivery(id)).toBe(true);
    await until(() => host.handler.of('atm.paid').length === 4, 'the event is replayed');
    await quiet();
    expect(await host.wanpay.listDeliveries({ state: 'dead' })).toEqual({ deliveries: [] });
    expect(await host.wanpay.replayDelivery('dlv_unheard-of')).toBe(false);
    expect(host.app.get(Ledgerman).booked).toEqual([dead[0]?.event.id]);
    await emulator.advance({ days: 1 });
    expect(host.handler.of('atm.paid')).toHaveLength(4);
  });

  it('does not let one payment’s failing handler hold up another payment', async () => {
    host.handler.react = ({ orderNo }) => {
      if (orderNo === 'A1') throw new Error('not this one');
    };
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    await payOrder('A2');
    await until(() => host.handler.of('atm.paid').length === 1, 'A2 is handled');
    expect(host.handler.events.filter(({ orderNo }) => orderNo === 'A1')).toMatchObject([{ type: 'atm.issued' }]);
  });

  it('lets a handler that never ends hold up neither an acknowledgement nor another payment, and calls it no second time', async () => {
    let calls = 0;
    host.handler.react = ({ type, orderNo }) => {
      if (type !== 'atm.paid' || orderNo !== 'A1') return undefined;
      calls += 1;
      return new Promise<void>(() => undefined);
    };
    await payOrder('A1');
    await payOrder('A2');
    expect(emulator.notifications().map(({ acknowledged }) => acknowledged)).toEqual([true, true]);
    expect(host.handler.of('atm.paid').map(({ orderNo }) => orderNo)).toContain('A2');
    await emulator.advance({ hours: 1 });
    await quiet();
    expect(calls).toBe(1);
    expect(host.log.text).toMatch(/RecordingHandler\.onPaid has been handling atm\.paid of order A1 .* for 1 min\./);
    expect(await host.wanpay.listDeliveries({ type: 'atm.paid', handler: 'RecordingHandler.onPaid' })).toMatchObject({
      deliveries: [
        { event: { orderNo: 'A2' }, state: 'delivered' },
        { event: { orderNo: 'A1' }, attempts: 1 },
      ],
    });
  });

  it('brings an event to events$ and to @OnEvent once, when it is recorded', async () => {
    const heard: AtmEvent[] = [];
    const subscription = host.wanpay.events$.subscribe((event) => heard.push(event));
    failPaid(1);
    await payOrder();
    expect(heard.map(({ type }) => type)).toEqual(['atm.issued', 'atm.paid']);
    await emulator.advance({ seconds: 1 });
    await until(() => host.handler.of('atm.paid').length === 2, 'the second attempt was made');
    expect(heard).toHaveLength(2);
    expect(heard[1]).toEqual(host.handler.of('atm.paid')[0]);
    expect(host.app.get(Listener).heard).toEqual(heard);
    subscription.unsubscribe();
  });

  it('is not harmed by listeners that throw or reject', async () => {
    host.wanpay.events$.subscribe(() => {
      throw new Error('a listener that throws');
    });
    const reject = async (): Promise<void> => {
      await Promise.reject(new Error('a listener that rejects'));
    };
    host.app.get(EventEmitter2).on('atm.paid', (): unknown => reject());
    await payOrder();
    await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
    await until(() => host.log.text.includes('a listener that rejects'), 'the rejection is logged');
    expect(host.log.text).toContain('a listener that throws');
  });

  it('calls handlers in no request’s async context', async () => {
    const request = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    host.handler.react = () => {
      seen.push(request.getStore());
    };
    await request.run('a request', () => host.wanpay.createPayment({ orderNo: 'A1', amount: 50 }));
    await until(() => seen.length === 1, 'atm.issued is handled');
    expect(seen).toEqual([undefined]);
  });

  it('gives a handler its attempt and a signal that is aborted when its time is over', async () => {
    const contexts: AtmHandlerContext[] = [];
    await host.wanpay.addHandler({
      id: 'added',
      type: 'atm.paid',
      handle: (_event, context) => {
        contexts.push({ ...context, transaction: undefined });
        return new Promise<void>((_resolve, reject) => {
          context.signal.addEventListener('abort', () => {
            reject(new Error('told to stop'));
          });
        });
      },
    });
    await payOrder();
    await until(() => contexts.length === 1, 'the added handler is called');
    expect(contexts[0]).toMatchObject({ attempt: 1, signal: { aborted: false } });
    await emulator.advance({ seconds: 60 });
    await until(() => contexts[0]?.signal.aborted === true, 'its signal is aborted');
    await emulator.advance({ seconds: 2 });
    await until(() => contexts.length === 2, 'it is called again');
    expect(contexts[1]).toMatchObject({ attempt: 2 });
  });

  it('waits, when the host closes, for the handler that runs, and starts no other', async () => {
    let finish: () => void = () => undefined;
    let finished = false;
    let closed = false;
    host.handler.react = ({ type }) =>
      type === 'atm.issued'
        ? new Promise<void>((resolve) => {
            finish = resolve;
          }).then(() => (finished = true))
        : undefined;
    await payOrder();
    const closing = host.close().then(() => (closed = true));
    await quiet();
    expect({ finished, closed }).toEqual({ finished: false, closed: false });
    finish();
    await closing;
    expect(finished).toBe(true);
    await quiet();
    expect(host.handler.types).toEqual(['atm.issued', 'atm.paid']);
    expect(emulator.clock.nextTimerAt?.getTime()).toBeGreaterThan(emulator.clock.now().getTime() + 86_400_000);
  });

  it('takes up, after a restart, what is pending in the ledger', async () => {
    longest = false;
    const ledger = new MemoryStore();
    const first = await startHost(adapter, emulator, { ledger, delivery }, { providers: [Ledgerman] });
    first.handler.react = ({ type }) => {
      if (type === 'atm.paid') throw new Error('the machine goes down');
    };
    await first.wanpay.createPayment({ orderNo: 'R1', amount: 50 });
    await emulator.pay('R1');
    await until(() => first.handler.of('atm.paid').length === 1, 'the first attempt was made');
    await first.close();

    const second = await startHost(adapter, emulator, { ledger, delivery }, { providers: [Ledgerman] });
    await emulator.advance({ seconds: 2 });
    await until(() => second.handler.of('atm.paid').length === 1, 'the second attempt was made');
    expect(second.handler.types).toEqual(['atm.paid']);
    expect(second.app.get(Ledgerman).booked).toEqual([]);
    expect(first.handler.of('atm.paid')).toHaveLength(1);
    expect(await second.wanpay.createPayment({ orderNo: 'R1', amount: 50 })).toMatchObject({ state: 'paid' });
  });

  it('completes events$ when the host closes', async () => {
    let completed = false;
    host.wanpay.events$.subscribe({ complete: () => (completed = true) });
    await host.close();
    expect(completed).toBe(true);
  });

  it('refuses to start with two handlers of one name', async () => {
    longest = false;
    const start = startHost(adapter, emulator, {}, { providers: [Ledgerman, Twin] });
    await expect(start).rejects.toThrow(HandlerRegistrationError);
    await expect(start).rejects.toThrow('Ledgerman.book');
  });
});
