import assert from 'node:assert/strict';
import { HandlerInUseError } from '../errors.js';
import { Ledger } from '../ledger.js';
import {
  type Cases,
  claim,
  claimFor,
  claimOne,
  deliverAll,
  FAILED,
  later,
  names,
  opening,
  openPending,
  PAID,
  report,
  START,
  subscribe,
  to,
} from './fixture.js';

/** For handlers that a process had just now. */
const FORCE = { force: true };

/** Who gets which events. */
export const SUBSCRIPTIONS: Cases = {
  'gives every handler of an event a delivery of its own': async (subject) => {
    const { ledger, store } = subject;
    await store.subscribe({ add: [...to('A', ['atm.issued']), ...to('B', ['atm.issued', 'atm.paid'])], now: START });
    await openPending(ledger, 'A1');
    await ledger.settle(report('A1', PAID, later(1)));
    assert.deepEqual(names(await deliverAll(ledger, 'A', later(2))), ['A1 atm.issued']);
    assert.deepEqual(names(await deliverAll(ledger, 'B', later(2))), ['A1 atm.issued', 'A1 atm.paid']);
    assert.deepEqual(await claim(ledger, 'A', later(3)), []);
  },

  'hands a process deliveries to its own subscriptions only': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A', 'B');
    await openPending(ledger, 'A1');
    assert.deepEqual(await claimFor(ledger, [], later(1), 60), { deliveries: [] });
    assert.deepEqual(await claimFor(ledger, to('C'), later(1), 60), { deliveries: [] });
    assert.deepEqual(await claimFor(ledger, to('A', ['atm.paid']), later(1), 60), { deliveries: [] });
    const { deliveries } = await claimFor(ledger, [...to('A', ['atm.paid']), ...to('B')], later(1), 60);
    assert.deepEqual(
      deliveries.map(({ handler }) => handler),
      ['B'],
    );
    assert.deepEqual(names(await claim(ledger, 'A', later(1))), ['A1 atm.issued']);
  },

  'knows which handlers there are, and how their deliveries stand': async (subject) => {
    const { ledger } = subject;
    const { deliveries } = ledger;
    assert.deepEqual(await deliveries.handlers(START), []);
    await deliveries.subscribe(to('A', ['atm.issued', 'atm.paid']), START, START);
    await deliveries.subscribe(to('B', ['atm.issued']), START, START);
    for (const orderNo of ['A1', 'A2', 'A3']) await openPending(ledger, orderNo);
    const [first, second] = await claim(ledger, 'A', later(1));
    assert(first && second);
    await deliveries.bury(first, 'no luck', later(1));
    await deliveries.succeed(second, later(1));
    await deliveries.refresh([...to('A', ['atm.issued']), ...to('C')], later(600), later(600));
    const handlers = [...(await deliveries.handlers(later(600)))].sort((a, b) => (a.id < b.id ? -1 : 1));
    assert.deepEqual(
      handlers.map(({ types, ...rest }) => ({ ...rest, types: [...types].sort() })),
      [
        { id: 'A', lastSeenAt: later(600), isRunning: true, pending: 1, dead: 1, types: ['atm.issued', 'atm.paid'] },
        { id: 'B', lastSeenAt: START, isRunning: false, pending: 3, dead: 0, types: ['atm.issued'] },
      ],
    );
  },

  'keeps what nobody has subscribed to, for the first who do, and gives it to nobody twice': async ({ ledger }) => {
    const { deliveries } = ledger;
    await openPending(ledger, 'A1');
    await ledger.settle(report('A1', PAID, later(1)));
    await deliveries.subscribe([...to('A', ['atm.paid']), ...to('B', ['atm.paid'])], later(2), START);
    await deliveries.subscribe([...to('A', ['atm.paid']), ...to('C', ['atm.paid'])], later(3), START);
    await deliveries.refresh(to('A', ['atm.paid']), later(3), START);
    assert.deepEqual(names(await deliverAll(ledger, 'A', later(4))), ['A1 atm.paid']);
    assert.deepEqual(names(await deliverAll(ledger, 'B', later(4))), ['A1 atm.paid']);
    assert.deepEqual(await claim(ledger, 'C', later(4)), []);
    await deliveries.subscribe(to('C', ['atm.issued']), later(5), START);
    assert.deepEqual(names(await deliverAll(ledger, 'C', later(5))), ['A1 atm.issued']);
  },

  'keeps events for as long as it is told': async ({ ledger }) => {
    await ledger.settle(report('A1', PAID, later(10)));
    await ledger.settle(report('A2', PAID, later(20)));
    await ledger.deliveries.subscribe(to('A'), later(30), later(11));
    assert.deepEqual(names(await deliverAll(ledger, 'A', later(30))), ['A2 atm.unknown_order']);
  },

  'gives a handler that comes later the events from then on': async (subject) => {
    const { ledger, store } = subject;
    await subscribe(subject, 'A');
    await openPending(ledger, 'A1');
    await store.subscribe({ add: to('B'), adoptSince: START, now: later(1) });
    await ledger.settle(report('A1', PAID, later(2)));
    assert.deepEqual(names(await deliverAll(ledger, 'B', later(3))), ['A1 atm.paid']);
  },

  'respects in every process what another has subscribed to': async (subject) => {
    const { ledger, another } = subject;
    if (!another) return;
    const second = await another();
    try {
      await subscribe(subject, 'A');
      await openPending(ledger, 'A1');
      const other = new Ledger(second);
      await other.deliveries.subscribe(to('B'), later(1), START);
      await ledger.settle(report('A1', PAID, later(2)));
      assert.deepEqual(names(await deliverAll(other, 'B', later(3))), ['A1 atm.paid']);
      await ledger.deliveries.retire('B', later(4), FORCE);
      await other.settle(report('A2', PAID, later(5)));
      assert.deepEqual(await claim(other, 'B', later(6)), []);
      assert.deepEqual(names(await claim(other, 'A', later(6))), ['A1 atm.issued', 'A2 atm.unknown_order']);
    } finally {
      await second.stop();
    }
  },

  'forgets a handler that is retired, with its deliveries, and no other': async (subject) => {
    const { ledger } = subject;
    const { deliveries } = ledger;
    await subscribe(subject, 'A', 'B');
    await openPending(ledger, 'A1');
    await ledger.settle(report('A1', PAID, later(1)));
    const held = await claimOne(ledger, 'A', later(1));
    assert.equal(await deliveries.retire('C', later(2)), undefined);
    await assert.rejects(deliveries.retire('A', later(2)), HandlerInUseError);
    assert.equal((await deliveries.retire('A', later(2), FORCE))?.id, 'A');
    assert.equal(await deliveries.retire('A', later(2)), undefined);
    assert.equal(await deliveries.succeed(held, later(2)), false);
    assert.deepEqual(await claim(ledger, 'A', later(3)), []);
    assert.deepEqual((await deliveries.list({ handler: 'A' }, later(3))).deliveries, []);
    assert.deepEqual(
      (await deliveries.handlers(later(3))).map(({ id }) => id),
      ['B'],
    );
    await deliveries.subscribe(to('A'), later(4), START);
    assert.deepEqual(await claim(ledger, 'A', later(4)), []);
    assert.deepEqual(names(await deliverAll(ledger, 'B', later(4))), ['A1 atm.issued', 'A1 atm.paid']);
    assert.equal(await ledger.purge(later(9), 10), 1);
  },

  'gives a handler the past events of a period once': async (subject) => {
    const { ledger } = subject;
    const { deliveries } = ledger;
    const subscription = { handler: 'B', type: 'atm.unknown_order' } as const;
    await subscribe(subject, 'A');
    for (let i = 1; i <= 4; i += 1) await ledger.settle(report(`A${i}`, PAID, later(i)));
    await deliveries.subscribe([subscription], later(5), START);
    await ledger.settle(report('A5', PAID, later(5)));
    assert.equal(await deliveries.backfill(subscription, later(2), later(4), later(6)), 2);
    assert.equal(await deliveries.backfill(subscription, later(2), later(9), later(6)), 1);
    assert.equal(await deliveries.backfill(subscription, later(2), later(9), later(6)), 0);
    assert.equal(await deliveries.backfill({ ...subscription, handler: 'NONE' }, START, later(9), later(6)), 0);
    const delivered = names(await deliverAll(ledger, 'B', later(6)));
    assert.deepEqual(
      delivered,
      ['A2', 'A3', 'A4', 'A5'].map((orderNo) => `${orderNo} atm.unknown_order`),
    );
  },

  'gives past events in their order, and before those that wait': async (subject) => {
    const { ledger, store } = subject;
    await subscribe(subject, 'A');
    await openPending(ledger, 'A1');
    await ledger.settle(report('A1', FAILED, later(1)));
    await store.subscribe({ add: to('B'), now: later(2) });
    await ledger.settle(report('A1', PAID, later(3)));
    for (const type of ['atm.failed', 'atm.issued'] as const) {
      await ledger.deliveries.backfill({ handler: 'B', type }, START, later(9), later(4));
    }
    const delivered = await deliverAll(ledger, 'B', later(5));
    assert.deepEqual(
      delivered.map(({ event }) => event.type),
      ['atm.issued', 'atm.failed', 'atm.paid'],
    );
    assert.equal((await store.history(opening('A1'))).deliveries.length, 6);
  },
};
