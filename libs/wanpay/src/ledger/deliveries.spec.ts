import { describe, expect, it } from '@jest/globals';
import type { ClaimedDelivery, Deliveries } from './deliveries.js';
import { ATM_EVENT_TYPES, type AtmEvent } from './events.js';
import { Ledger } from './ledger.js';
import type { DeliveryChange, DeliveryQuery, SubscriptionChange } from './store.js';
import { MemoryStore } from './stores/memory/memory-store.js';

const START = new Date('2026-03-01T04:00:00Z');
const DAY_MS = 86_400_000;
const SUBSCRIPTIONS = ATM_EVENT_TYPES.map((type) => ({ handler: 'Shipping', type }));

function later(seconds: number): Date {
  return new Date(START.getTime() + seconds * 1000);
}

/** A memory store that remembers what was asked of it. */
class ObservedStore extends MemoryStore {
  readonly changes: (readonly DeliveryChange[])[] = [];
  readonly lists: DeliveryQuery[] = [];
  readonly subscriptions: SubscriptionChange[] = [];

  override changeDeliveries(changes: readonly DeliveryChange[]): Promise<readonly boolean[]> {
    this.changes.push(changes);
    return super.changeDeliveries(changes);
  }

  override listDeliveries(query: DeliveryQuery): ReturnType<MemoryStore['listDeliveries']> {
    this.lists.push(query);
    return super.listDeliveries(query);
  }

  override subscribe(change: SubscriptionChange): ReturnType<MemoryStore['subscribe']> {
    this.subscriptions.push(change);
    return super.subscribe(change);
  }
}

/** A store over which another process replays everything just before this one does. */
class ForestalledStore extends ObservedStore {
  override async changeDeliveries(changes: readonly DeliveryChange[]): Promise<readonly boolean[]> {
    const applied = await super.changeDeliveries(changes.filter(({ attempts }) => attempts !== 0));
    return changes.map((change) => change.attempts !== 0 && (applied[0] ?? false));
  }
}

/** A store with so many events that one handler is to get. */
async function storeWith(
  count: number,
  store = new ObservedStore(),
): Promise<{ store: ObservedStore; deliveries: Deliveries }> {
  const ledger = new Ledger(store);
  await ledger.deliveries.subscribe(SUBSCRIPTIONS, START, START);
  const outcome = { status: 'paid', code: '0000' } as const;
  const about = { merchantNo: '21008024', livemode: false, source: 'notification', outcome, now: START } as const;
  await Promise.all(Array.from({ length: count }, (_, i) => ledger.settle({ ...about, orderNo: `A${i}` })));
  return { store, deliveries: ledger.deliveries };
}

function orderOf(event: AtmEvent): string {
  return 'payment' in event ? event.payment.orderNo : event.orderNo;
}

function claimAll(deliveries: Deliveries, now: Date): ReturnType<Deliveries['claim']> {
  return deliveries.claim({ subscriptions: SUBSCRIPTIONS, now, leaseUntil: later(3600), limit: 10_000 });
}

describe('Deliveries', () => {
  it('writes together what is done while a batch is being written', async () => {
    const { store, deliveries } = await storeWith(5);
    const claimed = (await claimAll(deliveries, START)).deliveries;
    const [first, second, third, ...others] = claimed;
    expect(first && second && third).toBeDefined();
    if (!first || !second || !third) return;
    const done = [
      deliveries.succeed(first, later(1)),
      deliveries.retry(second, 'no luck', later(9)),
      deliveries.bury(third, 'no luck', later(1)),
      ...others.map((delivery) => deliveries.release(delivery, later(1))),
    ];
    expect(await Promise.all(done)).toEqual([true, true, true, true, true]);
    expect(store.changes.map(({ length }) => length)).toEqual([1, 4]);
  });

  it('writes one after the other what is done to one delivery at once', async () => {
    const { store, deliveries } = await storeWith(2);
    const [first, second] = (await claimAll(deliveries, START)).deliveries;
    expect(first && second).toBeDefined();
    if (!first || !second) return;
    const done = [
      deliveries.succeed(second, later(1)),
      deliveries.renew(first, later(60)),
      deliveries.succeed(first, later(1)),
      deliveries.succeed(first, later(1)),
    ];
    expect(await Promise.all(done)).toEqual([true, true, true, false]);
    expect(store.changes.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
  });

  it('replays any number, a bounded batch at a time', async () => {
    const { store, deliveries } = await storeWith(1200);
    const claimed = (await claimAll(deliveries, START)).deliveries;
    await Promise.all(claimed.map((delivery) => deliveries.bury(delivery, 'no luck', later(1))));
    store.changes.length = 0;
    expect(await deliveries.replayAll({}, later(2))).toBe(1200);
    expect(store.changes.map(({ length }) => length)).toEqual([500, 500, 200]);
    for (const { limit } of store.lists) expect(limit).toBe(500);
    expect((await claimAll(deliveries, later(2))).deliveries).toHaveLength(1200);
  });

  it('lists page after page, newest first, to an end', async () => {
    const { deliveries } = await storeWith(4);
    const first = await deliveries.list({ limit: 2 }, START);
    const second = await deliveries.list({ limit: 2, after: first.next ?? '' }, START);
    expect([first, second].map((page) => page.deliveries.length)).toEqual([2, 2]);
    const orders = [...first.deliveries, ...second.deliveries].map(({ event }) => orderOf(event));
    expect(new Set(orders).size).toBe(4);
    expect(second).not.toHaveProperty('next');
    expect(await deliveries.list({ limit: 4 }, START)).not.toHaveProperty('next');
  });

  it('says of a delivery when it is due or ended, and why an attempt failed, as far as that is so', async () => {
    const { deliveries } = await storeWith(1);
    const listed = async (second: number): Promise<object> => {
      const [delivery] = (await deliveries.list({}, later(second))).deliveries;
      const { id: _id, event: _event, handler: _handler, ...rest } = delivery ?? {};
      return rest;
    };
    const claim = async (second: number): Promise<ClaimedDelivery> => {
      const [claimed] = (await claimAll(deliveries, later(second))).deliveries;
      if (!claimed) throw new Error('Nothing is due.');
      return claimed;
    };
    expect(await listed(0)).toStrictEqual({ state: 'pending', attempts: 0, dueAt: START });
    const first = await claim(0);
    expect(first).not.toHaveProperty('failure');
    expect(await listed(0)).toStrictEqual({ state: 'running', attempts: 1 });
    await deliveries.retry(first, 'no luck', later(9));
    expect(await listed(0)).toStrictEqual({ state: 'pending', attempts: 1, dueAt: later(9), failure: 'no luck' });
    const second = await claim(9);
    expect(second).toMatchObject({ attempt: 2, failure: 'no luck' });
    await deliveries.renew(second, later(3600), 1);
    expect(await listed(9)).toStrictEqual({ state: 'running', attempts: 1, failure: 'no luck' });
    await deliveries.release(second, later(9));
    expect(await listed(9)).toMatchObject({ state: 'pending', attempts: 1, failure: 'no luck' });
    await deliveries.bury(await claim(10), 'given up', later(11));
    const dead = { state: 'dead', attempts: 2, failure: 'given up', finishedAt: later(11) };
    expect(await listed(12)).toStrictEqual(dead);
    expect(await deliveries.replayAll({}, later(13))).toBe(1);
    expect(await listed(13)).not.toHaveProperty('finishedAt');
    await claim(13);
    expect(await listed(13)).not.toHaveProperty('finishedAt');
  });

  it('runs no transactional handler over a store without transactions', async () => {
    const { store, deliveries } = await storeWith(1);
    const [claimed] = (await claimAll(deliveries, START)).deliveries;
    if (!claimed) throw new Error('Nothing is due.');
    let runs = 0;
    const work = { signal: new AbortController().signal, run: () => (runs += 1) };
    await expect(deliveries.transact(claimed, START, work)).rejects.toMatchObject({ code: 'no_transactions' });
    expect([runs, store.changes.length]).toEqual([0, 0]);
  });

  it('counts what it replayed, and ends, also where others got ahead of it', async () => {
    const { store, deliveries } = await storeWith(3, new ForestalledStore());
    const claimed = (await claimAll(deliveries, START)).deliveries;
    await Promise.all(claimed.map((delivery) => deliveries.bury(delivery, 'no luck', later(1))));
    store.lists.length = 0;
    expect(await deliveries.replayAll({}, later(2))).toBe(0);
    expect(store.lists).toHaveLength(2);
  });

  it('replays what is dead when it is not told otherwise', async () => {
    const { deliveries } = await storeWith(2);
    const [first] = (await claimAll(deliveries, START)).deliveries;
    if (first) await deliveries.succeed(first, later(1));
    expect(await deliveries.replayAll({}, later(2))).toBe(0);
    expect(await deliveries.replayAll({ state: 'delivered' }, later(2))).toBe(1);
  });

  it('replays nothing under a text that is no delivery’s id', async () => {
    const { store, deliveries } = await storeWith(1);
    expect(await deliveries.replay('evt_1', START)).toBe(false);
    expect(store.changes).toEqual([]);
  });

  it('gives past events a day at a time, without a gap', async () => {
    const { store, deliveries } = await storeWith(0);
    const [from, to] = [START, new Date(START.getTime() + 2.5 * DAY_MS)];
    store.subscriptions.length = 0;
    await deliveries.backfill({ handler: 'Shipping', type: 'atm.paid' }, from, to, later(1));
    const periods = store.subscriptions.map(({ backfill }) => [backfill?.from, backfill?.to]);
    const days = [0, 1, 2].map((day) => new Date(START.getTime() + day * DAY_MS));
    expect(periods).toEqual([
      [days[0], days[1]],
      [days[1], days[2]],
      [days[2], to],
    ]);
  });

  it.each([
    [179, true],
    [180, false],
  ])('takes a handler for running %d seconds after a process said that it has it: %s', async (seconds, isRunning) => {
    const { deliveries } = await storeWith(0);
    expect(await deliveries.handlers(later(seconds))).toMatchObject([{ id: 'Shipping', isRunning }]);
  });

  it('lists a delivery whose claim has lapsed as pending', async () => {
    const { deliveries } = await storeWith(1);
    await claimAll(deliveries, START);
    expect((await deliveries.list({}, later(3599))).deliveries).toMatchObject([{ state: 'running' }]);
    expect((await deliveries.list({}, later(3600))).deliveries).toMatchObject([{ state: 'pending', attempts: 1 }]);
  });

  it.each(['', ' ', '-1', '1.5', 'nonsense', '99999999999999999999'])(
    'refuses %j as the place of a page',
    async (after) => {
      const { deliveries } = await storeWith(0);
      await expect(deliveries.list({ after }, START)).rejects.toMatchObject({ code: 'invalid_cursor' });
    },
  );
});
