import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { StoreUnavailableError } from '../ledger/errors.js';
import type { AtmEvent, AtmEventType } from '../ledger/events.js';
import { MemoryStore } from '../ledger/stores/memory/memory-store.js';
import { ACCOUNT, Bench, CLAIM_MS, handler, HeldHandler, quiet, SETTINGS, SharedStore } from './bench.fixture.js';
import type { EventHandler } from './handlers.js';

const DAY_MS = 86_400_000;

beforeAll(() => {
  Logger.overrideLogger(false);
});

/** Makes a ledger wait with its next answer to a claim until it is told to give it. */
function holdClaim({ ledger: { deliveries } }: Bench): () => void {
  let answer: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (answer = resolve));
  const claim = deliveries.claim.bind(deliveries);
  jest.spyOn(deliveries, 'claim').mockImplementationOnce(async (asked) => {
    const claimed = await claim(asked);
    await told;
    return claimed;
  });
  return () => {
    answer();
  };
}

/** One place, in which A runs; B and C wait for it, B for longer. */
async function busyBench(): Promise<{ readonly bench: Bench; readonly slow: HeldHandler }> {
  const bench = new Bench({ concurrency: 1 });
  const slow = new HeldHandler('slow');
  await bench.start(slow);
  for (const orderNo of ['A', 'B', 'C']) {
    await bench.issue(orderNo);
    await bench.clock.pass(1);
  }
  return { bench, slow };
}

/** Notes how many deliveries each claim brings. */
function countClaimed({ ledger: { deliveries } }: Bench): readonly number[] {
  const counts: number[] = [];
  const claim = deliveries.claim.bind(deliveries);
  jest.spyOn(deliveries, 'claim').mockImplementation(async (asked) => {
    const claimed = await claim(asked);
    counts.push(claimed.deliveries.length);
    return claimed;
  });
  return counts;
}

/** Claims for another process, which has the handler `mail` too. */
function claimElsewhere({ ledger, clock }: Bench, ms: number): ReturnType<Bench['ledger']['deliveries']['claim']> {
  const now = clock.now();
  const leaseUntil = new Date(now.getTime() + ms);
  const subscriptions = [{ handler: 'mail', type: 'atm.issued' } as const];
  return ledger.deliveries.claim({ subscriptions, now, leaseUntil, limit: 10 });
}

/** Makes `mail` known before the process under test starts. */
async function subscribeMail({ ledger, clock }: Bench): Promise<void> {
  await ledger.deliveries.subscribe([{ handler: 'mail', type: 'atm.issued' }], clock.now(), clock.now());
}

describe('an event', () => {
  it('goes to every handler of its type, once', async () => {
    const bench = new Bench();
    const [mail, ship, count] = [jest.fn(), jest.fn(), jest.fn()];
    await bench.start(
      handler('mail', 'atm.issued', mail),
      handler('ship', 'atm.paid', ship),
      handler('count', 'atm.issued', count),
    );
    await bench.issue('A1');
    await bench.clock.pass(CLAIM_MS);
    const event = { type: 'atm.issued', orderNo: 'A1', payment: { account: ACCOUNT } };
    expect(mail.mock.calls).toMatchObject([[event, { attempt: 1, transaction: undefined }]]);
    expect(count).toHaveBeenCalledTimes(1);
    expect(ship).not.toHaveBeenCalled();
    expect(await bench.states()).toStrictEqual(['A1 atm.issued mail delivered', 'A1 atm.issued count delivered']);
  });

  it('is delivered at the start when it was recorded before', async () => {
    const bench = new Bench();
    await subscribeMail(bench);
    await bench.issue('A1');
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it('is not overlooked when it comes while a claim is on its way', async () => {
    const bench = new Bench();
    const answer = holdClaim(bench);
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    bench.ledger.offerDeliveries(undefined);
    await bench.issue('A1');
    expect(handle).not.toHaveBeenCalled();
    answer();
    await quiet();
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it('is waited for with one timer, however many there are', async () => {
    const bench = new Bench();
    await bench.start(handler('bad', 'atm.issued', () => Promise.reject(new Error('broken'))));
    const before = bench.clock.armed.length;
    for (const orderNo of ['A', 'B', 'C']) await bench.issue(orderNo);
    expect(bench.clock.armed).toHaveLength(before + 1);
  });

  it('is broadcast when it is recorded, before its handlers are done, and also when it becomes a dead letter', async () => {
    const bench = new Bench({ maxAttempts: 1 });
    const published: string[] = [];
    bench.broadcaster.events$.subscribe(({ type, orderNo }) => published.push(`${type} ${orderNo}`));
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    await bench.issue('A1');
    expect(published).toStrictEqual(['atm.issued A1']);
    await slow.end('A1', new Error('broken'));
    await bench.pay('A1');
    expect(published).toStrictEqual(['atm.issued A1', 'atm.paid A1']);
  });

  it('is taken over from a process that died, once its claim lapses', async () => {
    const bench = new Bench();
    await subscribeMail(bench);
    await bench.issue('A1');
    expect((await claimElsewhere(bench, 30_000)).deliveries).toHaveLength(1);
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    await bench.clock.pass(29_999);
    expect(handle).not.toHaveBeenCalled();
    await bench.clock.pass(1);
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it('is given up when the process ended at each of its attempts', async () => {
    const bench = new Bench();
    await subscribeMail(bench);
    await bench.issue('A1');
    for (let attempt = 1; attempt <= SETTINGS.maxAttempts; attempt++) {
      await claimElsewhere(bench, 1000);
      await bench.clock.pass(1000);
    }
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    expect(handle).not.toHaveBeenCalled();
    const { deliveries } = await bench.ledger.deliveries.list({ state: 'dead' }, bench.clock.now());
    expect(deliveries).toMatchObject([{ handler: 'mail', failure: 'The process ended at each attempt.' }]);
  });

  it('is delivered again when what became of it could not be recorded', async () => {
    const bench = new Bench();
    jest.spyOn(bench.ledger.deliveries, 'succeed').mockRejectedValueOnce(new Error('disk full'));
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    await bench.issue('A1');
    expect(await bench.states()).toStrictEqual(['A1 atm.issued mail running']);
    await bench.clock.pass(CLAIM_MS);
    expect(handle).toHaveBeenCalledTimes(2);
    expect(await bench.states()).toStrictEqual(['A1 atm.issued mail delivered']);
  });

  it('that is recorded with others in one turn of the event loop is looked for together with them', async () => {
    const bench = new Bench();
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    bench.ledger.offerDeliveries(undefined);
    const claims = countClaimed(bench);
    await Promise.all(['A1', 'A2', 'A3', 'A4'].map((orderNo) => bench.issue(orderNo)));
    expect(handle).toHaveBeenCalledTimes(4);
    expect(claims[0]).toBe(4);
  });

  it('is claimed with the commit that records it, and nobody asks for it', async () => {
    const bench = new Bench();
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    const claims = countClaimed(bench);
    for (const orderNo of ['A1', 'A2']) await bench.issue(orderNo);
    expect(handle.mock.calls).toMatchObject([
      [{ orderNo: 'A1' }, { attempt: 1 }],
      [{ orderNo: 'A2' }, { attempt: 1 }],
    ]);
    expect(claims).toStrictEqual([]);
    expect(await bench.states()).toStrictEqual(['A1 atm.issued mail delivered', 'A2 atm.issued mail delivered']);
  });

  it('finds its place free again when an earlier commit failed', async () => {
    const store = new MemoryStore();
    const bench = new Bench({ store, concurrency: 1 });
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    jest.spyOn(store, 'commitAndClaim').mockRejectedValueOnce(new StoreUnavailableError('database down'));
    await expect(bench.issue('A1')).rejects.toThrow('database down');
    const claims = countClaimed(bench);
    await bench.issue('A2');
    expect(handle).toHaveBeenCalledTimes(1);
    expect(claims).toStrictEqual([]);
  });

  it('waits behind those that have waited for longer', async () => {
    const { bench, slow } = await busyBench();
    const ending = slow.end('A');
    await bench.issue('D');
    await ending;
    for (const orderNo of ['B', 'C', 'D']) await slow.end(orderNo);
    expect(slow.calls).toStrictEqual(['A', 'B', 'C', 'D']);
  });

  it('waits behind those that have waited for longer, also while they are being claimed', async () => {
    const { bench, slow } = await busyBench();
    const answer = holdClaim(bench);
    await slow.end('A');
    await bench.issue('D');
    answer();
    await quiet();
    for (const orderNo of ['B', 'C', 'D']) await slow.end(orderNo);
    expect(slow.calls).toStrictEqual(['A', 'B', 'C', 'D']);
  });
});

describe('an event that nobody has subscribed to', () => {
  it('is kept, and reaches the first handler of its type', async () => {
    const first = new Bench({ store: new SharedStore() });
    await first.start();
    await first.issue('A1');
    expect(await first.states()).toStrictEqual([]);
    const handle = jest.fn();
    await first.delivery.addHandler({ id: 'mail', type: 'atm.issued', handle });
    await quiet();
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it('is given up after keepUnsubscribedDays', async () => {
    const bench = new Bench({ keepUnsubscribedDays: 2 });
    await bench.issue('OLD');
    await bench.clock.pass(DAY_MS + 1);
    await bench.issue('NEW');
    await bench.clock.pass(DAY_MS);
    const mail = jest.fn((event: AtmEvent) => event.orderNo);
    await bench.start(handler('mail', 'atm.issued', mail));
    expect(mail.mock.results).toMatchObject([{ value: 'NEW' }]);
  });
});

describe('several processes over one ledger', () => {
  it('each handle what they have handlers for, and a process without any takes nothing', async () => {
    const store = new SharedStore();
    const shop = new Bench({ store });
    const { clock } = shop;
    const script = new Bench({ store, clock });
    const books = new Bench({ store, clock });
    const shipped = new Set<string>();
    let isFirst = true;
    const ship = jest.fn(({ orderNo }: AtmEvent) => {
      if (isFirst) {
        isFirst = false;
        throw new Error('the printer is on fire');
      }
      shipped.add(orderNo);
    });
    const book = jest.fn();
    await shop.start(handler('Shipping.ship', 'atm.paid', ship));
    await script.start();
    await books.start(handler('Books.book', 'atm.paid', book));
    const orderNos = Array.from({ length: 40 }, (_, i) => `N${i}`);
    for (const [i, orderNo] of orderNos.entries()) {
      const process = [shop, script, books][i % 3] ?? shop;
      await process.issue(orderNo);
      await process.pay(orderNo);
    }
    await clock.pass(60_000);
    expect((await script.states()).filter((state) => !state.endsWith('delivered'))).toStrictEqual([]);
    expect([...shipped].sort()).toStrictEqual([...orderNos].sort());
    expect(ship).toHaveBeenCalledTimes(41);
    expect(book).toHaveBeenCalledTimes(40);
    expect((await script.states()).filter((state) => !state.endsWith('delivered'))).toStrictEqual([]);
  });

  it('keep for a handler that no process has just now what it will get when it is deployed again', async () => {
    const store = new SharedStore();
    const old = new Bench({ store });
    await old.start(handler('Shipping.ship', 'atm.paid', jest.fn()), handler('Books.book', 'atm.paid', jest.fn()));
    await old.delivery.stop();
    const rollout = new Bench({ store, clock: old.clock });
    await rollout.start(handler('Books.book', 'atm.paid', jest.fn()));
    await rollout.issue('A1');
    await rollout.pay('A1');
    expect(await rollout.states()).toStrictEqual([
      'A1 atm.paid Shipping.ship pending',
      'A1 atm.paid Books.book delivered',
    ]);
    const ship = jest.fn();
    const next = new Bench({ store, clock: old.clock });
    await next.start(handler('Shipping.ship', 'atm.paid', ship));
    expect(ship).toHaveBeenCalledTimes(1);
  });
});

describe('the events of one payment', () => {
  it('come to a handler in their order, each when the one before is done', async () => {
    const bench = new Bench();
    const issued = new HeldHandler('ship', 'atm.issued');
    const paid = jest.fn();
    await bench.start(issued, handler('ship', 'atm.paid', paid));
    await bench.issue('A1');
    await bench.pay('A1');
    expect(paid).not.toHaveBeenCalled();
    await issued.end();
    expect(paid).toHaveBeenCalledTimes(1);
  });

  it('wait while the one before is tried again; other payments and other handlers do not', async () => {
    const bench = new Bench();
    const done: string[] = [];
    let failures = 2;
    const note = ({ type, orderNo }: AtmEvent): void => {
      if (orderNo === 'A1' && type === 'atm.issued' && failures-- > 0) throw new Error('mail server down');
      done.push(`${type} ${orderNo}`);
    };
    const other = jest.fn();
    await bench.start(
      handler('note', 'atm.issued', note),
      handler('note', 'atm.paid', note),
      handler('other', 'atm.paid', other),
    );
    for (const orderNo of ['A1', 'B2']) {
      await bench.issue(orderNo);
      await bench.pay(orderNo);
    }
    expect(done).toStrictEqual(['atm.issued B2', 'atm.paid B2']);
    expect(other).toHaveBeenCalledTimes(2);
    await bench.clock.pass(1500);
    expect(done).toStrictEqual(['atm.issued B2', 'atm.paid B2', 'atm.issued A1', 'atm.paid A1']);
  });

  it('go on when the one before was given up', async () => {
    const bench = new Bench({ maxAttempts: 1 });
    const paid = jest.fn();
    await bench.start(
      handler('ship', 'atm.issued', () => Promise.reject(new Error('broken'))),
      handler('ship', 'atm.paid', paid),
    );
    await bench.issue('A1');
    await bench.pay('A1');
    expect(paid).toHaveBeenCalledTimes(1);
  });
});

describe('several payments', () => {
  it('are worked on at once, but no more than the bound', async () => {
    const bench = new Bench({ concurrency: 3 });
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

  it('are within the bound also when many were recorded before the start', async () => {
    const bench = new Bench({ concurrency: 2 });
    for (const orderNo of ['A', 'B', 'C', 'D', 'E']) await bench.issue(orderNo);
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    for (let done = 0; done < 5; done++) {
      expect(slow.running).toBe(Math.min(2, 5 - done));
      await slow.end();
    }
    expect(await bench.states()).toHaveLength(5);
  });

  it('that end together make room for as many at once', async () => {
    const bench = new Bench({ concurrency: 4 });
    for (let i = 0; i < 8; i++) await bench.issue(`A${i}`);
    const claims = countClaimed(bench);
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    expect(handle).toHaveBeenCalledTimes(8);
    // The ledger writes the first of the four alone, and the others together; the last claim finds nothing.
    expect(claims).toStrictEqual([4, 1, 3, 0]);
  });

  it('do not wait for one whose handler is slow', async () => {
    const bench = new Bench();
    const slow = new HeldHandler('slow');
    await bench.start(slow);
    await bench.issue('SLOW');
    await bench.issue('QUICK');
    await slow.end('QUICK');
    expect(await bench.states()).toStrictEqual(['SLOW atm.issued slow running', 'QUICK atm.issued slow delivered']);
  });
});

describe('the async context of a request', () => {
  it('is neither a handler’s nor a listener’s, at the first attempt or a later one', async () => {
    const request = new AsyncLocalStorage<string>();
    const bench = new Bench({ handlerTimeoutMs: 1000 });
    const seen: unknown[] = [];
    bench.broadcaster.events$.subscribe(() => seen.push(['listener', request.getStore()]));
    await bench.start(
      handler('mail', 'atm.issued', async (_, { attempt, signal }) => {
        seen.push(['handler', request.getStore()]);
        if (attempt > 1) return;
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            seen.push(['signal', request.getStore()]);
            reject(new Error('too slow'));
          });
        });
      }),
    );
    await request.run('a request', () => bench.issue('A1'));
    await request.run('another request', () => bench.clock.pass(10_000));
    expect(seen).toStrictEqual([
      ['listener', undefined],
      ['handler', undefined],
      ['signal', 'another request'],
      ['handler', undefined],
    ]);
  });

  it('is not a handler’s that a replay in a request wakes', async () => {
    const request = new AsyncLocalStorage<string>();
    const bench = new Bench();
    const seen = jest.fn(() => request.getStore());
    await bench.start(handler('mail', 'atm.issued', seen));
    await bench.issue('A1');
    await request.run('a request', async () => {
      expect(await bench.ledger.deliveries.replayAll({ state: 'delivered' }, bench.clock.now())).toBe(1);
      bench.delivery.wake();
      await quiet();
    });
    expect(seen.mock.results).toMatchObject([{ value: undefined }, { value: undefined }]);
  });
});

describe('a handler that is added after the start', () => {
  it('gets events from then on', async () => {
    const bench = new Bench();
    await bench.start(handler('first', 'atm.issued', jest.fn()));
    await bench.issue('BEFORE');
    const added = jest.fn((event: AtmEvent) => event.orderNo);
    await bench.delivery.addHandler({ id: 'lazy', type: 'atm.issued', handle: added });
    await bench.issue('AFTER');
    expect(added.mock.results).toMatchObject([{ value: 'AFTER' }]);
  });

  it('can be added again when the ledger failed', async () => {
    const bench = new Bench();
    await bench.start();
    jest.spyOn(bench.ledger.deliveries, 'subscribe').mockRejectedValueOnce(new Error('connection lost'));
    const handle = jest.fn();
    const added = { id: 'lazy', type: 'atm.issued', handle } as const;
    await expect(bench.delivery.addHandler(added)).rejects.toThrow('connection lost');
    await bench.delivery.addHandler(added);
    await bench.issue('A1');
    expect(handle).toHaveBeenCalledTimes(1);
  });
});

describe('a process with delivery.enabled: false', () => {
  it('delivers nothing, broadcasts all the same, and keeps events for the process that delivers', async () => {
    const store = new SharedStore();
    const front = new Bench({ store, enabled: false });
    const published = jest.fn();
    front.broadcaster.events$.subscribe(published);
    const never = jest.fn();
    await front.start(handler('mail', 'atm.issued', never));
    await front.issue('A1');
    await front.clock.pass(CLAIM_MS);
    expect(never).not.toHaveBeenCalled();
    expect(published).toHaveBeenCalledTimes(1);
    const worker = new Bench({ store, clock: front.clock });
    const handle = jest.fn();
    await worker.start(handler('mail', 'atm.issued', handle));
    expect(handle).toHaveBeenCalledTimes(1);
  });
});

describe('a ledger that fails once', () => {
  it('is asked again at the next wake', async () => {
    const bench = new Bench();
    jest.spyOn(bench.ledger.deliveries, 'claim').mockRejectedValueOnce(new Error('connection lost'));
    const handle = jest.fn();
    await bench.start(handler('mail', 'atm.issued', handle));
    await bench.issue('A1');
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it('is asked again also when nothing wakes the process', async () => {
    const bench = new Bench();
    const handle = jest.fn();
    await bench.issue('A1');
    jest.spyOn(bench.ledger.deliveries, 'claim').mockRejectedValueOnce(new Error('connection lost'));
    await bench.start(handler('mail', 'atm.issued', handle));
    expect(handle).not.toHaveBeenCalled();
    await bench.clock.pass(SETTINGS.baseDelayMs);
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it('is not asked again and again without a pause', async () => {
    const bench = new Bench();
    const claim = jest.spyOn(bench.ledger.deliveries, 'claim').mockRejectedValue(new Error('connection lost'));
    await bench.start(handler('mail', 'atm.issued', jest.fn()));
    await bench.clock.pass(10 * SETTINGS.baseDelayMs);
    expect(claim.mock.calls.length).toBeGreaterThan(5);
    expect(claim.mock.calls.length).toBeLessThanOrEqual(12);
    await bench.delivery.stop();
    expect(bench.clock.armed).toStrictEqual([]);
  });
});

describe('a hint to other processes', () => {
  it('names the events; where nobody accepts it, this process looks', async () => {
    const bench = new Bench();
    const handle = jest.fn();
    const hints: (readonly string[])[] = [];
    bench.delivery.register(handler('mail', 'atm.issued', handle));
    await bench.delivery.start((eventIds) => {
      hints.push(eventIds);
      return hints.length === 1 ? Promise.reject(new Error('no queue')) : new Promise(() => undefined);
    });
    await bench.issue('A1');
    expect(hints).toStrictEqual([[expect.stringMatching(/^evt_/)]]);
    expect(handle).toHaveBeenCalledTimes(1);
    await bench.issue('A2');
    expect(handle).toHaveBeenCalledTimes(1);
    await bench.clock.pass(2000);
    expect(handle).toHaveBeenCalledTimes(2);
  });
});

describe('whatever fails and however much is pending', () => {
  it('every handler does its part once for each event, in order per payment, within the bound', async () => {
    const story = fc.record({
      concurrency: fc.integer({ min: 1, max: 4 }),
      claimsAtCommit: fc.boolean(),
      orders: fc.integer({ min: 1, max: 5 }),
      failures: fc.infiniteStream(fc.boolean()),
      randoms: fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
    });
    await fc.assert(
      fc.asyncProperty(story, async ({ concurrency, claimsAtCommit, orders, failures, randoms }) => {
        const random = (): number => {
          const [next = 0] = randoms.take(1);
          return next;
        };
        const bench = new Bench({ concurrency, maxAttempts: 50, handlerTimeoutMs: DAY_MS, random });
        const done: string[] = [];
        let running = 0;
        const doing = (id: string, type: AtmEventType): EventHandler =>
          handler(id, type, async (event) => {
            running++;
            expect(running).toBeLessThanOrEqual(concurrency);
            await new Promise((resolve) => setImmediate(resolve));
            running--;
            const [fails = false] = failures.take(1);
            if (fails) throw new Error('broken');
            done.push(`${event.orderNo} ${type} ${id}`);
          });
        await bench.start(doing('a', 'atm.issued'), doing('b', 'atm.issued'), doing('a', 'atm.paid'));
        if (!claimsAtCommit) bench.ledger.offerDeliveries(undefined);
        const names = Array.from({ length: orders }, (_, i) => `N${i}`);
        for (const name of names) {
          await bench.issue(name);
          await bench.pay(name);
        }
        for (let turns = 0; turns < 1000 && (await bench.ledger.deliveries.nextDue(bench.clock.now())); turns++) {
          await bench.clock.pass(10_000);
          await quiet();
        }
        for (const name of names) {
          const own = done.filter((line) => line.startsWith(`${name} `));
          expect([...own].sort()).toStrictEqual([`${name} atm.issued a`, `${name} atm.issued b`, `${name} atm.paid a`]);
          expect(own.indexOf(`${name} atm.issued a`)).toBeLessThan(own.indexOf(`${name} atm.paid a`));
        }
        expect((await bench.states()).every((state) => state.endsWith('delivered'))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
