import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import type { AtmEvent, AtmEventType } from '../ledger/events.js';
import { MemoryLedger } from '../ledger/memory/memory-ledger.js';
import type { Payment } from '../ledger/payment.js';
import type { Cancel, Clock, VirtualAccount } from '../protocol/index.js';
import { Delivery, type DeliverySettings } from './delivery.js';
import type { EventHandler } from './handlers.js';
import { News } from './news.js';

const START = Date.parse('2022-07-22T03:00:00Z');
const DAY_MS = 86_400_000;
/** Longer than any claim of a delivery with these settings. */
const CLAIM_MS = 120_000;
const SETTINGS: DeliverySettings = {
  maxAttempts: 3,
  baseDelayMs: 1000,
  maxDelayMs: 60_000,
  concurrency: 8,
  handlerTimeoutMs: 30_000,
};
const ACCOUNT: VirtualAccount = {
  number: '46710722851832',
  bankCode: '013',
  bankName: '國泰世華商業銀行',
  branchCode: '2022',
  branchName: '大昌分行',
  holder: '旺沛大數位股份有限公司',
  expiresAt: new Date('2022-07-24T15:59:59Z'),
};

/** Time that stands still until it is told to pass. */
class ManualClock implements Clock {
  private ms = START;
  private timers: { readonly at: number; readonly task: () => void }[] = [];

  now(): Date {
    return new Date(this.ms);
  }

  after(delay: number, task: () => void): Cancel {
    const timer = { at: this.ms + delay, task };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass, and everything happen that falls due meanwhile. */
  async pass(ms: number): Promise<void> {
    const end = this.ms + ms;
    for (;;) {
      const [next] = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.ms = Math.max(this.ms, next.at);
      next.task();
      await quiet();
    }
    this.ms = end;
  }

  get armed(): number {
    return this.timers.length;
  }
}

/** Lets everything happen that waits for nothing but its turn. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A handler that notes its calls and ends each when it is told to. */
class HeldHandler implements EventHandler {
  readonly type: AtmEventType;
  readonly transaction = false;
  readonly calls: string[] = [];
  private readonly held: { readonly orderNo: string; readonly end: (error?: Error) => void }[] = [];

  constructor(
    readonly id: string,
    type: AtmEventType = 'atm.issued',
  ) {
    this.type = type;
  }

  handle(event: AtmEvent): Promise<void> {
    this.calls.push(event.orderNo);
    return new Promise((resolve, reject) => {
      this.held.push({
        orderNo: event.orderNo,
        end: (error) => {
          if (error) reject(error);
          else resolve();
        },
      });
    });
  }

  get running(): number {
    return this.held.length;
  }

  /** Ends the oldest call, or the oldest about an order. */
  async end(orderNo?: string, error?: Error): Promise<void> {
    const i = orderNo === undefined ? 0 : this.held.findIndex((call) => call.orderNo === orderNo);
    const [call] = this.held.splice(i, 1);
    if (!call) throw new Error('No such call is running.');
    call.end(error);
    await quiet();
  }
}

function handler(id: string, type: AtmEventType, handle: (event: AtmEvent) => unknown): EventHandler {
  return { id, type, transaction: false, handle };
}

function byType(handlers: readonly EventHandler[]): Map<AtmEventType, EventHandler[]> {
  const map = new Map<AtmEventType, EventHandler[]>();
  for (const each of handlers) map.set(each.type, [...(map.get(each.type) ?? []), each]);
  return map;
}

/** Makes a ledger wait with its next answer to `nextDue` until it is told to give it. */
function holdNextDue(ledger: MemoryLedger): () => void {
  let answer: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (answer = resolve));
  const nextDue = ledger.nextDue.bind(ledger);
  jest.spyOn(ledger, 'nextDue').mockImplementationOnce(async () => {
    await told;
    return nextDue();
  });
  return () => {
    answer();
  };
}

/** A ledger with some payments, and a delivery with what it needs. */
class Bench {
  readonly clock = new ManualClock();
  readonly news = new News();
  readonly published: string[] = [];
  readonly delivery: Delivery;

  constructor(
    readonly ledger = new MemoryLedger(),
    settings: Partial<DeliverySettings> = {},
    random: () => number = () => 0.5,
  ) {
    this.delivery = new Delivery(ledger, this.news, this.clock, { ...SETTINGS, ...settings }, random);
    this.news.events$.subscribe(({ type, orderNo }) => this.published.push(`${type} ${orderNo}`));
  }

  async start(...handlers: EventHandler[]): Promise<void> {
    this.delivery.start(byType(handlers));
    await quiet();
  }

  /** Opens a payment and has its account issued, so that `atm.issued` is owed. */
  async issue(orderNo: string): Promise<void> {
    const now = this.clock.now();
    const payment: Payment = {
      merchantNo: '1265',
      orderNo,
      state: 'opening',
      amount: 1280,
      livemode: false,
      createdAt: now,
      updatedAt: now,
    };
    await this.ledger.open(payment);
    await this.ledger.issue(payment, ACCOUNT, now);
    await quiet();
  }

  /** Settles a payment as paid, so that `atm.paid` is owed. */
  async pay(orderNo: string): Promise<void> {
    await this.ledger.settle({
      merchantNo: '1265',
      orderNo,
      livemode: false,
      outcome: { status: 'paid', code: '0000', reportedAmount: '1280' },
      source: 'notification',
      now: this.clock.now(),
    });
    await quiet();
  }
}

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('an event that is owed', () => {
  it('goes to every handler of its type, once, and then out as news', async () => {
    const bench = new Bench();
    const [mail, ship, count] = [jest.fn(), jest.fn(), jest.fn()];
    await bench.start(
      handler('mail', 'atm.issued', mail),
      handler('ship', 'atm.paid', ship),
      handler('count', 'atm.issued', count),
    );
    await bench.issue('A1');
    await bench.clock.pass(CLAIM_MS);
    expect(mail.mock.calls).toMatchObject([[{ type: 'atm.issued', orderNo: 'A1', payment: { account: ACCOUNT } }]]);
    expect(count).toHaveBeenCalledTimes(1);
    expect(ship).not.toHaveBeenCalled();
    expect(bench.published).toStrictEqual(['atm.issued A1']);
    expect(await bench.ledger.nextDue()).toBeUndefined();
  });

  it('is delivered at the start when it was owed before', async () => {
    const bench = new Bench();
    await bench.issue('A1');
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it('is not overlooked when it comes while the next one is being looked up', async () => {
    const bench = new Bench();
    const answer = holdNextDue(bench.ledger);
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    await bench.issue('A1');
    expect(handle).not.toHaveBeenCalled();
    answer();
    await quiet();
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it('is waited for with one timer, however many there are', async () => {
    const bench = new Bench();
    await bench.start(handler('bad', 'atm.issued', () => Promise.reject(new Error('broken'))));
    for (const orderNo of ['A', 'B', 'C']) await bench.issue(orderNo);
    expect(bench.clock.armed).toBe(1);
  });

  it('is done, and news, when nobody handles it', async () => {
    const bench = new Bench();
    await bench.start();
    await bench.issue('A1');
    expect(bench.published).toStrictEqual(['atm.issued A1']);
    expect(await bench.ledger.nextDue()).toBeUndefined();
  });

  it('is taken over from a process that died, once its lease is over', async () => {
    const bench = new Bench();
    await bench.issue('A1');
    const now = bench.clock.now();
    expect(await bench.ledger.claim(now, new Date(now.getTime() + 30_000), 10)).toHaveLength(1);
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    await bench.clock.pass(29_999);
    expect(handle).not.toHaveBeenCalled();
    await bench.clock.pass(1);
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it('counts as failed for a handler that takes too long, and what that one does later changes nothing', async () => {
    const bench = new Bench();
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    await bench.issue('A1');
    await bench.clock.pass(SETTINGS.handlerTimeoutMs - 1);
    expect(slow.calls).toStrictEqual(['A1']);
    await bench.clock.pass(SETTINGS.baseDelayMs);
    expect(slow.calls).toStrictEqual(['A1', 'A1']);
    await slow.end();
    expect(bench.published).toStrictEqual([]);
    await slow.end();
    expect(bench.published).toStrictEqual(['atm.issued A1']);
  });

  it('is given up when the process ended at each of its attempts', async () => {
    const bench = new Bench();
    await bench.issue('A1');
    for (let attempt = 1; attempt <= SETTINGS.maxAttempts; attempt++) {
      const now = bench.clock.now();
      await bench.ledger.claim(now, new Date(now.getTime() + 1000), 1);
      await bench.clock.pass(1000);
    }
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    expect(handle).not.toHaveBeenCalled();
    expect(await bench.ledger.deadLetters()).toMatchObject([{ failure: { handlers: ['mail'] } }]);
  });

  it('is delivered again when what became of it could not be recorded', async () => {
    const bench = new Bench();
    jest.spyOn(bench.ledger, 'recordAttempt').mockRejectedValueOnce(new Error('disk full'));
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    await bench.issue('A1');
    expect(bench.published).toStrictEqual([]);
    await bench.clock.pass(CLAIM_MS);
    expect(handle).toHaveBeenCalledTimes(2);
    expect(bench.published).toStrictEqual(['atm.issued A1']);
  });
});

describe('events that become owed in one turn of the event loop', () => {
  it('are looked for together', async () => {
    const bench = new Bench();
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    const claim = jest.spyOn(bench.ledger, 'claim');
    await Promise.all(['A1', 'A2', 'A3', 'A4'].map((orderNo) => bench.issue(orderNo)));
    expect(handle).toHaveBeenCalledTimes(4);
    expect(await claim.mock.results[0]?.value).toHaveLength(4);
  });
});

describe('a handler that has done its part when it returns', () => {
  it('needs no timer', async () => {
    const bench = new Bench();
    const after = jest.spyOn(bench.clock, 'after');
    await bench.start(handler('mail', 'atm.issued', () => 'done'));
    await bench.issue('A1');
    expect(bench.published).toStrictEqual(['atm.issued A1']);
    expect(after).not.toHaveBeenCalled();
  });

  it('does not keep the others from being called, nor from having their time', async () => {
    const bench = new Bench();
    const slow = new HeldHandler('slow');
    const quick = jest.fn();
    const bad = handler('bad', 'atm.issued', () => {
      throw new Error('broken');
    });
    await bench.start(bad, slow, handler('quick', 'atm.issued', quick));
    await bench.issue('A1');
    expect(quick).toHaveBeenCalledTimes(1);
    await slow.end();
    await bench.clock.pass(CLAIM_MS);
    expect(await bench.ledger.deadLetters()).toMatchObject([
      { handled: ['slow', 'quick'], failure: { handlers: ['bad'], message: 'broken' } },
    ]);
  });
});

describe('the events of one payment', () => {
  it('come in their order, each when the one before is done', async () => {
    const bench = new Bench();
    const issued = new HeldHandler('issued', 'atm.issued');
    const paid = jest.fn();
    await bench.start(issued, handler('paid', 'atm.paid', paid));
    await bench.issue('A1');
    await bench.pay('A1');
    expect(paid).not.toHaveBeenCalled();
    await issued.end();
    expect(paid).toHaveBeenCalledTimes(1);
    expect(bench.published).toStrictEqual(['atm.issued A1', 'atm.paid A1']);
  });

  it('wait while the one before is being tried again, and other payments do not', async () => {
    const bench = new Bench();
    const issued = jest.fn((event: AtmEvent) => {
      if (event.orderNo === 'A1' && issued.mock.calls.length < 3) throw new Error('mail server down');
    });
    await bench.start(handler('issued', 'atm.issued', issued));
    await bench.issue('A1');
    await bench.pay('A1');
    await bench.issue('B2');
    await bench.pay('B2');
    expect(bench.published).toStrictEqual(['atm.issued B2', 'atm.paid B2']);
    await bench.clock.pass(500);
    expect(bench.published).toStrictEqual(['atm.issued B2', 'atm.paid B2', 'atm.issued A1', 'atm.paid A1']);
  });

  it('go on when the one before was given up', async () => {
    const bench = new Bench(new MemoryLedger(), { maxAttempts: 1 });
    await bench.start(handler('issued', 'atm.issued', () => Promise.reject(new Error('broken'))));
    await bench.issue('A1');
    await bench.pay('A1');
    expect(bench.published).toStrictEqual(['atm.paid A1']);
  });
});

describe('several payments', () => {
  it('are worked on at once, but no more than the bound', async () => {
    const bench = new Bench(new MemoryLedger(), { concurrency: 3 });
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    for (const orderNo of ['A', 'B', 'C', 'D', 'E']) await bench.issue(orderNo);
    expect(slow.calls).toStrictEqual(['A', 'B', 'C']);
    await slow.end('B');
    expect(slow.calls).toStrictEqual(['A', 'B', 'C', 'D']);
    expect(slow.running).toBe(3);
    await slow.end('A');
    await slow.end('C');
    expect(slow.calls).toStrictEqual(['A', 'B', 'C', 'D', 'E']);
  });

  it('are within the bound also when many were owed before the start', async () => {
    const bench = new Bench(new MemoryLedger(), { concurrency: 2 });
    for (const orderNo of ['A', 'B', 'C', 'D', 'E']) await bench.issue(orderNo);
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    for (let done = 0; done < 5; done++) {
      expect(slow.running).toBe(Math.min(2, 5 - done));
      await slow.end();
    }
    expect(bench.published).toHaveLength(5);
  });

  it('do not wait for one whose handler is slow', async () => {
    const bench = new Bench();
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    await bench.issue('SLOW');
    await bench.issue('QUICK');
    await slow.end('QUICK');
    expect(bench.published).toStrictEqual(['atm.issued QUICK']);
    expect(slow.running).toBe(1);
  });
});

describe('a handler that fails', () => {
  it('is called again alone, after a pause', async () => {
    const bench = new Bench();
    const good = jest.fn();
    const bad = jest.fn(() => Promise.resolve()).mockRejectedValueOnce(new Error('mail server down'));
    await bench.start(handler('good', 'atm.issued', good), handler('bad', 'atm.issued', bad));
    await bench.issue('A1');
    expect([good.mock.calls.length, bad.mock.calls.length]).toStrictEqual([1, 1]);
    expect(bench.published).toStrictEqual([]);
    await bench.clock.pass(499);
    expect(bad).toHaveBeenCalledTimes(1);
    await bench.clock.pass(1);
    expect([good.mock.calls.length, bad.mock.calls.length]).toStrictEqual([1, 2]);
    expect(bench.published).toStrictEqual(['atm.issued A1']);
  });

  it.each<[string, () => unknown]>([
    [
      'throws at once',
      () => {
        throw new Error('broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
    ['rejects with what is no error', jest.fn<() => Promise<void>>().mockRejectedValue('broken')],
  ])('and %s does not keep the others from their part', async (_, fail) => {
    const bench = new Bench(new MemoryLedger(), { maxAttempts: 1 });
    const other = jest.fn();
    await bench.start(handler('bad', 'atm.issued', fail), handler('other', 'atm.issued', other));
    await bench.issue('A1');
    expect(other).toHaveBeenCalledTimes(1);
    expect(await bench.ledger.deadLetters()).toMatchObject([
      { handled: ['other'], failure: { handlers: ['bad'], message: 'broken' } },
    ]);
  });

  it('pauses longer each time, and is given up after the last attempt', async () => {
    const bench = new Bench(new MemoryLedger(), { maxAttempts: 4 });
    const calledAt: number[] = [];
    await bench.start(
      handler('bad', 'atm.issued', () => {
        calledAt.push(bench.clock.now().getTime() - START);
        throw new Error('broken');
      }),
    );
    await bench.issue('A1');
    await bench.clock.pass(3_600_000);
    expect(calledAt).toStrictEqual([0, 500, 1500, 3500]);
    expect(await bench.ledger.deadLetters()).toMatchObject([
      {
        event: { type: 'atm.issued', orderNo: 'A1' },
        attempts: 4,
        handled: [],
        failure: { handlers: ['bad'], message: 'broken' },
        diedAt: new Date(START + 3500),
      },
    ]);
    expect(bench.published).toStrictEqual([]);
    expect(await bench.ledger.nextDue()).toBeUndefined();
    expect(bench.delivery.counts).toEqual({ delivered: 0, retried: 3, dead: 1 });
  });

  it('is named among all that failed, and its message is cut short', async () => {
    const bench = new Bench(new MemoryLedger(), { maxAttempts: 1 });
    await bench.start(
      handler('one', 'atm.issued', () => Promise.reject(new Error('first'))),
      handler('two', 'atm.issued', () => Promise.reject(new Error('x'.repeat(10_000)))),
    );
    await bench.issue('A1');
    const [letter] = await bench.ledger.deadLetters();
    expect(letter?.failure).toStrictEqual({ handlers: ['one', 'two'], message: 'x'.repeat(500) });
  });
});

describe('replay', () => {
  it('delivers a dead letter to those who have not done their part, from the first attempt', async () => {
    const bench = new Bench(new MemoryLedger(), { maxAttempts: 2 });
    const good = jest.fn();
    let broken = true;
    const bad = jest.fn(() => (broken ? Promise.reject(new Error('broken')) : undefined));
    await bench.start(handler('good', 'atm.issued', good), handler('bad', 'atm.issued', bad));
    await bench.issue('A1');
    await bench.clock.pass(60_000);
    const [letter] = await bench.ledger.deadLetters();
    expect(await bench.delivery.replay(letter?.event.id ?? '')).toBe(true);
    await quiet();
    expect(bad).toHaveBeenCalledTimes(3);
    broken = false;
    await bench.clock.pass(60_000);
    expect(bad).toHaveBeenCalledTimes(4);
    expect(good).toHaveBeenCalledTimes(1);
    expect(await bench.ledger.deadLetters()).toStrictEqual([]);
    expect(bench.published).toStrictEqual(['atm.issued A1']);
  });

  it('says so when there is no such dead letter', async () => {
    expect(await new Bench().delivery.replay('evt_unheard_of')).toBe(false);
  });
});

describe('stop', () => {
  it('waits for the handlers that are running, and for what became of them', async () => {
    const bench = new Bench();
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    await bench.issue('A1');
    const stopped = jest.fn();
    const stopping = bench.delivery.stop().then(stopped);
    await quiet();
    expect(stopped).not.toHaveBeenCalled();
    await slow.end();
    await stopping;
    expect(await bench.ledger.nextDue()).toBeUndefined();
  });

  it('claims nothing more, whatever is owed, falls due or wakes it', async () => {
    const bench = new Bench();
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    await bench.issue('A1');
    const stopping = bench.delivery.stop();
    const claim = jest.spyOn(bench.ledger, 'claim');
    await bench.issue('B2');
    await slow.end('A1', new Error('broken'));
    await stopping;
    await bench.clock.pass(3_600_000);
    expect(claim).not.toHaveBeenCalled();
    expect(slow.calls).toStrictEqual(['A1']);
    expect(bench.clock.armed).toBe(0);
  });

  it('waits for a claim that is on its way, and gives back what it brings', async () => {
    const bench = new Bench();
    const handle = jest.fn();
    let answer: () => void = () => undefined;
    const claim = bench.ledger.claim.bind(bench.ledger);
    jest.spyOn(bench.ledger, 'claim').mockImplementation(async (...args) => {
      await new Promise<void>((resolve) => (answer = resolve));
      return claim(...args);
    });
    await bench.issue('A1');
    await bench.start(handler('mail', 'atm.issued', handle));
    let calledBeforeStopped = -1;
    const stopping = bench.delivery.stop().then(() => (calledBeforeStopped = handle.mock.calls.length));
    await quiet();
    answer();
    await stopping;
    await quiet();
    const [again] = await claim(bench.clock.now(), bench.clock.now(), 1);
    expect(again?.attempt).toBe(1);
    expect(handle).toHaveBeenCalledTimes(calledBeforeStopped);
  });

  it('leaves no timer behind when it comes while the next one is being looked up', async () => {
    const bench = new Bench();
    const now = bench.clock.now();
    await bench.issue('A1');
    // Somebody else holds the event, so that there is a time to wait for.
    await bench.ledger.claim(now, new Date(now.getTime() + 10_000), 1);
    const answer = holdNextDue(bench.ledger);
    await bench.start();
    const stopping = bench.delivery.stop();
    answer();
    await stopping;
    await quiet();
    expect(bench.clock.armed).toBe(0);
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

describe('a ledger that fails once', () => {
  it('is asked again at the next wake', async () => {
    const bench = new Bench();
    jest.spyOn(bench.ledger, 'claim').mockRejectedValueOnce(new Error('connection lost'));
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    await bench.issue('A1');
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it.each(['claim', 'nextDue'] as const)('at %s, is asked again also when nothing wakes us', async (method) => {
    const bench = new Bench();
    const handle = jest.fn();
    const now = bench.clock.now();
    await bench.issue('A1');
    // Somebody else holds the event, so that only a timer can bring it here.
    await bench.ledger.claim(now, new Date(now.getTime() + 10_000), 1);
    jest.spyOn(bench.ledger, method).mockRejectedValueOnce(new Error('connection lost'));
    await bench.start(handler('mail', 'atm.issued', handle));
    await bench.clock.pass(60_000);
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it('is not asked again and again without a pause', async () => {
    const bench = new Bench();
    const claim = jest.spyOn(bench.ledger, 'claim').mockRejectedValue(new Error('connection lost'));
    await bench.start();
    await bench.clock.pass(10 * SETTINGS.baseDelayMs);
    expect(claim.mock.calls.length).toBeLessThanOrEqual(11);
    await bench.delivery.stop();
    expect(bench.clock.armed).toBe(0);
  });
});

describe('whatever fails and however much is owed', () => {
  it('every handler does its part once for each event, in order per payment, within the bound', async () => {
    const story = fc.record({
      concurrency: fc.integer({ min: 1, max: 4 }),
      orders: fc.integer({ min: 1, max: 5 }),
      failures: fc.infiniteStream(fc.boolean()),
      randoms: fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
    });
    await fc.assert(
      fc.asyncProperty(story, async ({ concurrency, orders, failures, randoms }) => {
        const random = (): number => {
          const [next = 0] = randoms.take(1);
          return next;
        };
        const bench = new Bench(new MemoryLedger(), { concurrency, maxAttempts: 50, handlerTimeoutMs: DAY_MS }, random);
        const done: string[] = [];
        let running = 0;
        const doing = (id: string, type: AtmEventType): EventHandler =>
          handler(id, type, async (event) => {
            running++;
            // Two handlers of an event run side by side; the bound counts events.
            expect(running).toBeLessThanOrEqual(concurrency * 2);
            await quiet();
            running--;
            const [fails = false] = failures.take(1);
            if (fails) throw new Error('broken');
            done.push(`${event.orderNo} ${type} ${id}`);
          });
        await bench.start(doing('a', 'atm.issued'), doing('b', 'atm.issued'), doing('a', 'atm.paid'));
        const names = Array.from({ length: orders }, (_, i) => `N${i}`);
        for (const name of names) {
          await bench.issue(name);
          await bench.pay(name);
        }
        for (let turns = 0; (await bench.ledger.nextDue()) && turns < 1000; turns++) {
          await bench.clock.pass(10_000);
          await quiet();
        }
        for (const name of names) {
          const own = done.filter((line) => line.startsWith(`${name} `));
          expect([...own].sort()).toStrictEqual([`${name} atm.issued a`, `${name} atm.issued b`, `${name} atm.paid a`]);
          expect(own.at(-1)).toBe(`${name} atm.paid a`);
        }
        expect(await bench.ledger.deadLetters()).toStrictEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});
