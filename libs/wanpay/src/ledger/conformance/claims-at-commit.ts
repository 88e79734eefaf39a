import assert from 'node:assert/strict';
import type { ClaimedDelivery } from '../deliveries.js';
import type { Ledger } from '../ledger.js';
import type { OrderChange, Subscription } from '../store.js';
import {
  type Cases,
  claim,
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

/** Deliveries that are claimed with the commit that adds them, where a store can do that. */
export const CLAIMS_AT_COMMIT: Cases = {
  'claims deliveries with the commit that adds them, as a claim right after it would': async (subject) => {
    const { ledger, store } = subject;
    if (!store.commitAndClaim) return;
    await subscribe(subject, 'A', 'B');
    const claimed = takeAtOnce(ledger, to('A'));
    await openPending(ledger, 'A1');
    await ledger.settle(report('A2', PAID, START));
    assert.deepEqual(names(claimed), ['A1 atm.issued', 'A2 atm.unknown_order']);
    assert.deepEqual(await claim(ledger, 'A', later(59)), []);
    assert.deepEqual(names(await claim(ledger, 'B', START)), ['A1 atm.issued', 'A2 atm.unknown_order']);
    const states = (await ledger.deliveries.list({ handler: 'A' }, START)).deliveries.map(({ state }) => state);
    assert.deepEqual(states, ['running', 'running']);
    const again = await claim(ledger, 'A', later(60));
    const renumbered = claimed.map((delivery) => ({ ...delivery, attempt: 2, claim: 2 }));
    assert.deepEqual(sorted(again), sorted(renumbered));
    for (const delivery of claimed) assert.equal(await ledger.deliveries.succeed(delivery, later(61)), false);
  },

  'takes what was claimed with a commit as done, and as given back': async (subject) => {
    const { ledger, store } = subject;
    if (!store.commitAndClaim) return;
    await subscribe(subject, 'A');
    const claimed = takeAtOnce(ledger, to('A'));
    await openPending(ledger, 'A1');
    await openPending(ledger, 'A2');
    const [done, released] = claimed;
    assert(done && released);
    assert.equal(await ledger.deliveries.succeed(done, START), true);
    assert.equal(await ledger.deliveries.release(released, START), true);
    const [again, ...none] = await claim(ledger, 'A', START);
    assert.deepEqual([again?.event.orderNo, again?.attempt, none], ['A2', 1, []]);
  },

  'claims with a commit only what is next of its order and handler': async (subject) => {
    const { ledger, store } = subject;
    if (!store.commitAndClaim) return;
    await subscribe(subject, 'A', 'B');
    await openPending(ledger, 'A1');
    const claimed = takeAtOnce(ledger, [...to('A', ['atm.failed']), ...to('B')]);
    const [issued] = await claim(ledger, 'B', START);
    assert(issued);
    await ledger.deliveries.succeed(issued, START);
    await ledger.settle(report('A1', FAILED, START));
    // A has yet to get atm.issued, which this process does not handle for it.
    assert.deepEqual(handlersOf(claimed), ['A1 atm.failed B']);
    await ledger.settle(report('A1', PAID, START));
    assert.deepEqual(handlersOf(claimed), ['A1 atm.failed B']);
    assert.deepEqual(names(await claim(ledger, 'B', START)), []);
    assert.deepEqual(names(await claim(ledger, 'A', START)), ['A1 atm.issued']);
  },

  'claims with a commit no more than were asked for, and for no handler that is not subscribed': async (subject) => {
    const { ledger, store } = subject;
    if (!store.commitAndClaim) return;
    await subscribe(subject, 'A');
    const orderNos = ['A1', 'A2', 'A3', 'A4', 'A5'];
    const claimed = takeAtOnce(ledger, [...to('A'), ...to('UNKNOWN')], 2);
    const changes = orderNos.map((orderNo): OrderChange => {
      const payment = opening(orderNo);
      const event = { id: `evt_${orderNo}`, seq: 0, type: 'atm.failed', occurredAt: START, livemode: false } as const;
      const { merchantNo } = payment;
      return { merchantNo, orderNo, expectedVersion: 0, payment, events: [{ ...event, details: {} }] };
    });
    const asked = { subscriptions: to('A'), now: START, leaseUntil: later(60), limit: 2 };
    const first = await store.commitAndClaim(changes.slice(0, 4), asked);
    assert.deepEqual(first.applied, [true, true, true, true]);
    assert(first.claimed.length <= 2);
    const second = await store.commitAndClaim(changes.slice(3), asked);
    assert.deepEqual(second.applied, [false, true]);
    assert.deepEqual(second.claimed, [{ merchantNo: opening('A5').merchantNo, orderNo: 'A5', seq: 0, handler: 'A' }]);
    await openPending(ledger, 'A6');
    assert.deepEqual(handlersOf(claimed), ['A6 atm.issued A']);
    const left = await claim(ledger, 'A', START);
    const all = [
      ...names(left),
      ...[...first.claimed, ...second.claimed].map(({ orderNo }) => `${orderNo} atm.failed`),
    ];
    assert.deepEqual(
      all.sort(),
      orderNos.map((orderNo) => `${orderNo} atm.failed`),
    );
  },
};

/** Has this process take deliveries to these subscriptions with the commit that adds them; what it took is added to the list. */
function takeAtOnce(ledger: Ledger, subscriptions: readonly Subscription[], limit = 100): readonly ClaimedDelivery[] {
  const claimed: ClaimedDelivery[] = [];
  ledger.onEvents((_, taken) => claimed.push(...taken));
  const end = (): void => undefined;
  ledger.offerDeliveries(() => ({ subscriptions, now: START, leaseUntil: later(60), limit, end }));
  return claimed;
}

function handlersOf(claimed: readonly ClaimedDelivery[]): readonly string[] {
  return claimed.map(({ event, handler }) => `${event.orderNo} ${event.type} ${handler}`);
}

function sorted(claimed: readonly ClaimedDelivery[]): readonly ClaimedDelivery[] {
  return [...claimed].sort((a, b) => (a.key.orderNo < b.key.orderNo ? -1 : 1));
}
