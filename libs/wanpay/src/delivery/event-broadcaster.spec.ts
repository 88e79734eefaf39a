import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { type AtmEvent, eventBase } from '../ledger/events.js';
import { EventBroadcaster } from './event-broadcaster.js';

const EVENT: AtmEvent = {
  ...eventBase('atm.unknown_order', { merchantNo: '1265', orderNo: 'A1', livemode: false }, new Date(0)),
  outcome: { status: 'paid', code: '0000' },
};

function fail(): never {
  throw new Error('broken');
}

/** A listener may be async, whatever the emitter takes it for. */
const reject: () => unknown = () => Promise.reject(new Error('broken'));

describe('EventBroadcaster', () => {
  const rejected = jest.fn();
  let broadcaster: EventBroadcaster;
  let emitter: EventEmitter2;
  let logged: jest.SpiedFunction<Logger['error']>;
  beforeEach(() => {
    logged = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    broadcaster = new EventBroadcaster();
    emitter = new EventEmitter2();
    broadcaster.forwardTo(emitter);
    process.on('unhandledRejection', rejected);
  });
  afterEach(() => {
    process.off('unhandledRejection', rejected);
    expect(rejected).not.toHaveBeenCalled();
    jest.restoreAllMocks();
  });

  async function publish(): Promise<readonly unknown[]> {
    broadcaster.publish(EVENT);
    await new Promise((resolve) => setImmediate(resolve));
    return logged.mock.calls.map(([message]): unknown => message);
  }

  it('broadcasts to events$ and to the emitter’s listeners', async () => {
    const [stream, named, any] = [jest.fn(), jest.fn(), jest.fn()];
    broadcaster.events$.subscribe(stream);
    emitter.on('atm.unknown_order', named);
    emitter.on('atm.paid', fail);
    emitter.onAny(any);
    expect(await publish()).toStrictEqual([]);
    expect(stream.mock.calls).toStrictEqual([[EVENT]]);
    expect(named.mock.calls).toStrictEqual([[EVENT]]);
    expect(any.mock.calls).toStrictEqual([['atm.unknown_order', EVENT]]);
  });

  it.each<[string, (heard: () => void) => void, string]>([
    ['of events$ that throws', () => broadcaster.events$.subscribe(fail), 'A listener of events$ failed: broken'],
    ['that throws', () => emitter.on(EVENT.type, fail), 'A listener of atm.unknown_order failed: broken'],
    ['that rejects', () => emitter.on(EVENT.type, reject), 'A listener of atm.unknown_order failed: broken'],
    ['of any event that throws', () => emitter.onAny(fail), 'A listener of any event failed: broken'],
  ])('logs a listener %s, and calls the others', async (_, listen, message) => {
    listen(jest.fn());
    const heard = jest.fn();
    emitter.on(EVENT.type, heard);
    broadcaster.events$.subscribe(heard);
    expect(await publish()).toStrictEqual([message]);
    expect(heard).toHaveBeenCalledTimes(2);
  });

  it('calls every listener where one of them hears once only', async () => {
    const [once, after] = [jest.fn(), jest.fn()];
    emitter.once(EVENT.type, once);
    emitter.on(EVENT.type, after);
    await publish();
    await publish();
    expect(once).toHaveBeenCalledTimes(1);
    expect(after).toHaveBeenCalledTimes(2);
  });

  it('reaches the listeners of a wildcard', async () => {
    const wild = new EventEmitter2({ wildcard: true });
    broadcaster.forwardTo(wild);
    const heard = jest.fn();
    wild.on('atm.*', heard);
    await publish();
    expect(heard.mock.calls).toStrictEqual([[EVENT]]);
  });

  it('completes events$ when it is closed', () => {
    const complete = jest.fn();
    broadcaster.events$.subscribe({ complete });
    broadcaster.close();
    expect(complete).toHaveBeenCalledTimes(1);
  });
});
