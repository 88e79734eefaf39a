import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type Cases,
  claim,
  claimFor,
  claimOne,
  later,
  names,
  openPending,
  PAID,
  report,
  START,
  subscribe,
  to,
} from './fixture.js';

/** Claims on deliveries, and transactions. */
export const CLAIMS: Cases = {
  'hands a delivery to one claimant, and no more than were asked for': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A');
    await openPending(ledger, 'A1');
    await ledger.settle(report('A1', PAID, START));
    await openPending(ledger, 'A2');
    assert.deepEqual(await claimFor(ledger, to('A'), START, 60, 0), { deliveries: [], nextDueAt: START });
    const claims = await Promise.all(Array.from({ length: 10 }, () => claimFor(ledger, to('A'), START, 60, 1)));
    for (const { deliveries } of claims) assert(deliveries.length <= 1);
    const claimed = claims.flatMap(({ deliveries }) => [...deliveries]);
    assert.deepEqual(names(claimed), ['A1 atm.issued', 'A2 atm.issued']);
    const first = claimed.find(({ key }) => key.orderNo === 'A1');
    assert(first);
    assert.equal(await ledger.deliveries.succeed(first, START), true);
    assert.deepEqual(names(await claim(ledger, 'A', START)), ['A1 atm.paid']);
  },

  'hands a delivery to someone else when a claim lapses, and then ignores the first': async (subject) => {
    const { ledger } = subject;
    const { deliveries } = ledger;
    await subscribe(subject, 'A');
    await openPending(ledger, 'A1');
    const [first] = (await claimFor(ledger, to('A'), START, 60)).deliveries;
    assert(first);
    assert.equal(first.attempt, 1);
    assert.deepEqual(await claimFor(ledger, to('A'), later(59), 60), { deliveries: [], nextDueAt: later(60) });
    assert.deepEqual(await deliveries.nextDue(later(59)), later(60));
    const [second] = (await claimFor(ledger, to('A'), later(60), 60)).deliveries;
    assert(second);
    assert.equal(second.attempt, 2);
    assert.equal(await deliveries.succeed(first, later(61)), false);
    assert.equal(await deliveries.release(first, later(61)), false);
    assert.equal(await deliveries.renew(first, later(999)), false);
    assert.equal(await deliveries.retry(first, 'no luck', later(61)), false);
    assert.equal(await deliveries.bury(first, 'no luck', later(61)), false);
    assert.deepEqual(await claim(ledger, 'A', later(62)), []);
    assert.equal(await deliveries.succeed(second, later(63)), true);
    assert.equal(await deliveries.succeed(second, later(64)), false);
    assert.equal(await deliveries.nextDue(later(64)), undefined);
  },

  'counts a success that comes after the claim has lapsed, while nobody else has claimed': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A');
    await openPending(ledger, 'A1');
    const [late] = (await claimFor(ledger, to('A'), START, 60)).deliveries;
    assert(late);
    assert.equal(await ledger.deliveries.succeed(late, later(61)), true);
    assert.deepEqual(await claim(ledger, 'A', later(62)), []);
  },

  'keeps a claim that is renewed': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A');
    await openPending(ledger, 'A1');
    const [held] = (await claimFor(ledger, to('A'), START, 60)).deliveries;
    assert(held);
    assert.equal(await ledger.deliveries.renew(held, later(120)), true);
    assert.deepEqual(await claimFor(ledger, to('A'), later(119), 60), { deliveries: [], nextDueAt: later(120) });
    const [listed] = (await ledger.deliveries.list({ state: 'running' }, later(119))).deliveries;
    assert.equal(listed?.attempts, 1);
    assert.equal(await ledger.deliveries.succeed(held, later(119)), true);
  },

  'takes a released delivery back as if it had not been claimed': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A');
    await openPending(ledger, 'A1');
    await ledger.deliveries.retry(await claimOne(ledger, 'A', START), 'no luck', later(1));
    const released = await claimOne(ledger, 'A', later(1));
    assert.equal(await ledger.deliveries.release(released, later(2)), true);
    const [listed] = (await ledger.deliveries.list({}, later(2))).deliveries;
    assert.deepEqual([listed?.state, listed?.attempts, listed?.failure], ['pending', 1, 'no luck']);
    const again = await claimOne(ledger, 'A', later(2));
    assert.equal(again.attempt, 2);
    assert.equal(await ledger.deliveries.succeed(released, later(3)), false);
  },

  'claims the longest due first': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A', 'B');
    for (const i of [3, 1, 4, 2, 5]) await ledger.settle(report(`A${i}`, PAID, later(i)));
    const { deliveries } = await claimFor(ledger, [...to('A'), ...to('B')], later(4), 60, 4);
    assert.deepEqual(
      deliveries.map(({ key }) => key.orderNo),
      ['A1', 'A1', 'A2', 'A2'],
    );
    assert.deepEqual(names(await claim(ledger, 'A', later(4))), ['A3 atm.unknown_order', 'A4 atm.unknown_order']);
    assert.deepEqual((await claimFor(ledger, to('A'), later(4), 60)).nextDueAt, later(5));
  },

  'runs a handler in the transaction that marks its delivery, where it has transactions': async (subject) => {
    const { ledger, store } = subject;
    const { deliveries } = ledger;
    const { signal } = new AbortController();
    await subscribe(subject, 'A');
    await openPending(ledger, 'A1');
    const delivery = await claimOne(ledger, 'A', START);
    if (store.transactions === 'none') {
      const work = { run: () => undefined, signal };
      await assert.rejects(deliveries.transact(delivery, START, work), { code: 'no_transactions' });
      return;
    }
    const throwing = (): never => {
      throw new Error('no luck');
    };
    await assert.rejects(deliveries.transact(delivery, START, { run: throwing, signal }), /no luck/);
    assert.deepEqual((await deliveries.list({ state: 'delivered' }, START)).deliveries, []);
    const isAsync = store.transactions === 'async';
    if (isAsync) {
      const run = (): Promise<never> => Promise.reject(new Error('no luck yet'));
      await assert.rejects(deliveries.transact(delivery, START, { run, signal }), /no luck yet/);
    }
    let client: unknown;
    const run = (given: unknown): unknown => {
      client = given;
      return isAsync ? nextTurn() : undefined;
    };
    assert.equal(await deliveries.transact(delivery, later(1), { run, signal }), true);
    assert(client);
    const [done] = (await deliveries.list({}, later(1))).deliveries;
    assert.deepEqual([done?.state, done?.finishedAt], ['delivered', later(1)]);
    assert.equal(await deliveries.transact(delivery, later(2), { run, signal }), false);
  },

  'gives up a transaction that is aborted, and can go on': async (subject) => {
    const { ledger, store } = subject;
    if (store.transactions !== 'async') return;
    await subscribe(subject, 'A');
    await openPending(ledger, 'A1');
    const delivery = await claimOne(ledger, 'A', START);
    const controller = new AbortController();
    const run = (): Promise<never> => {
      controller.abort(new Error('took too long'));
      return new Promise(() => undefined);
    };
    await assert.rejects(ledger.deliveries.transact(delivery, START, { run, signal: controller.signal }));
    assert.equal(await ledger.deliveries.retry(delivery, 'took too long', later(5)), true);
    assert.equal((await claimOne(ledger, 'A', later(5))).attempt, 2);
  },
};
