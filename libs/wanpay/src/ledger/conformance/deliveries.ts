import assert from 'node:assert/strict';
import type { Delivery } from '../deliveries.js';
import { Ledger } from '../ledger.js';
import {
  type Cases,
  claim,
  claimOne,
  deliverAll,
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

/** As in W3C's Trace Context. */
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** What becomes of deliveries. */
export const DELIVERIES: Cases = {
  'tells a handler of the payment as it was when the event happened': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A');
    await openPending(ledger, 'A1');
    const pending = await ledger.find(opening('A1'));
    const settled = await ledger.settle(report('A1', PAID, later(1)));
    const delivered = await deliverAll(ledger, 'A', later(2));
    const [issued, paid] = delivered.map(({ event }) => event);
    assert(issued?.type === 'atm.issued');
    assert.deepEqual(issued.payment, pending);
    assert.deepEqual([paid], settled.events);
  },

  'tries a failed delivery again when it is due, and counts the attempts': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A');
    await openPending(ledger, 'A1');
    assert.equal(await ledger.deliveries.retry(await claimOne(ledger, 'A', START), 'no luck', later(10)), true);
    assert.deepEqual(await ledger.deliveries.nextDue(START), later(10));
    assert.deepEqual(await claim(ledger, 'A', later(9)), []);
    const [listed] = (await ledger.deliveries.list({}, later(9))).deliveries;
    assert.deepEqual([listed?.state, listed?.attempts, listed?.failure], ['pending', 1, 'no luck']);
    const again = await claimOne(ledger, 'A', later(10));
    assert.equal(again.attempt, 2);
    assert.equal(await ledger.deliveries.succeed(again, later(11)), true);
    const [done] = (await ledger.deliveries.list({}, later(11))).deliveries;
    assert.deepEqual(
      [done?.state, done?.attempts, done?.failure, done?.finishedAt],
      ['delivered', 2, undefined, later(11)],
    );
  },

  'buries a delivery, lets the next one pass, and delivers it once more on request': async (subject) => {
    const { ledger } = subject;
    const { deliveries } = ledger;
    await subscribe(subject, 'A');
    await openPending(ledger, 'A1');
    await ledger.settle(report('A1', PAID, START));
    const first = await claimOne(ledger, 'A', START);
    assert.equal(await deliveries.bury(first, 'no \0 “luck”', later(1)), true);
    const [letter, ...others] = (await deliveries.list({ state: 'dead' }, later(1))).deliveries;
    assert(letter && others.length === 0);
    const { id, failure, ...rest } = letter;
    assert.match(failure ?? '', /^no .+ “luck”$/);
    assert.deepEqual(rest, { event: first.event, handler: 'A', state: 'dead', attempts: 1, finishedAt: later(1) });
    assert.deepEqual(names(await claim(ledger, 'A', later(1))), ['A1 atm.paid']);
    assert.equal(await deliveries.replay('dlv_none', later(2)), false);
    assert.equal(await deliveries.replay(id, later(2)), true);
    assert.deepEqual((await deliveries.list({ state: 'dead' }, later(2))).deliveries, []);
    const replayed = await claimOne(ledger, 'A', later(2));
    assert.deepEqual([replayed.event, replayed.attempt], [first.event, 1]);
    assert.equal(await deliveries.replay(id, later(2)), false);
    assert.equal(await deliveries.succeed(first, later(3)), false);
    assert.equal(await deliveries.succeed(replayed, later(3)), true);
    assert.equal(await deliveries.replay(id, later(4)), true);
    assert.deepEqual(names(await claim(ledger, 'A', later(4))), ['A1 atm.issued']);
  },

  'delivers to a handler in order per payment, whatever becomes of another handler or payment': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A', 'B');
    await openPending(ledger, 'A1');
    await ledger.settle(report('A1', PAID, START));
    await openPending(ledger, 'A2');
    const failing = await claimOne(ledger, 'A', START);
    await ledger.deliveries.retry(failing, 'no luck', later(100));
    assert.equal((await deliverAll(ledger, 'B', later(1))).length, 3);
    const others = ['A1', 'A2'].filter((orderNo) => orderNo !== failing.key.orderNo);
    const passed = await deliverAll(ledger, 'A', later(1));
    assert.deepEqual([...new Set(passed.map(({ key }) => key.orderNo))], others);
    const rest = await deliverAll(ledger, 'A', later(100));
    assert.equal(passed.length + rest.length, 3);
    const paid = [...passed, ...rest].filter(({ key }) => key.orderNo === 'A1').map(({ event }) => event.type);
    assert.deepEqual(paid, ['atm.issued', 'atm.paid']);
  },

  'keeps a handler’s order across its types': async ({ ledger, store }) => {
    await store.subscribe({ add: to('A', ['atm.issued', 'atm.paid']), now: START });
    await openPending(ledger, 'A1');
    await ledger.settle(report('A1', PAID, START));
    const paid = { subscriptions: to('A', ['atm.paid']), now: later(1), leaseUntil: later(60), limit: 10 };
    assert.deepEqual((await ledger.deliveries.claim(paid)).deliveries, []);
    assert.deepEqual(names(await deliverAll(ledger, 'A', later(1))), ['A1 atm.issued', 'A1 atm.paid']);
  },

  'lists deliveries newest first, in pages that neither repeat nor skip': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A', 'B');
    for (let i = 0; i < 10; i += 1) await ledger.settle(report(`A${i}`, PAID, later(i)));
    const seen: Delivery[] = [];
    let after: string | undefined;
    do {
      const page = await ledger.deliveries.list({ limit: 7, ...(after === undefined ? {} : { after }) }, later(99));
      seen.push(...page.deliveries);
      after = page.next;
      if (seen.length === 7) await ledger.settle(report('NEW', PAID, later(10)));
    } while (after !== undefined);
    assert.equal(new Set(seen.map(({ id }) => id)).size, 20);
    assert.equal(seen.length, 20);
    const times = seen.map(({ event }) => event.occurredAt.getTime());
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    );
    await assert.rejects(ledger.deliveries.list({ after: 'nonsense' }, START), { code: 'invalid_cursor' });
    await assert.rejects(ledger.deliveries.list({ limit: 0 }, START), { code: 'invalid_field' });
  },

  'lists deliveries by state, handler, type and time': async (subject) => {
    const { ledger, store } = subject;
    const { deliveries } = ledger;
    await subscribe(subject, 'A', 'B');
    for (const orderNo of ['A1', 'A2', 'A3', 'A4']) await ledger.settle(report(orderNo, PAID, later(1)));
    await openPending(ledger, 'B1');
    for (const delivery of await claim(ledger, 'A', later(2))) {
      if (delivery.key.orderNo === 'A1') await deliveries.bury(delivery, 'no luck', later(2));
      if (delivery.key.orderNo === 'A2') await deliveries.succeed(delivery, later(2));
      if (delivery.key.orderNo === 'A3') await deliveries.retry(delivery, 'no luck', later(9));
    }
    const orders = async (filter: Parameters<typeof deliveries.list>[0], now = later(3)): Promise<string[]> =>
      (await deliveries.list(filter, now)).deliveries.map(({ event }) => event.orderNo).sort();
    assert.deepEqual(await orders({ handler: 'A', state: 'dead' }), ['A1']);
    assert.deepEqual(await orders({ handler: 'A', state: 'delivered' }), ['A2']);
    assert.deepEqual(await orders({ handler: 'A', state: 'pending' }), ['A3']);
    assert.deepEqual(await orders({ handler: 'A', state: 'running' }), ['A4', 'B1']);
    assert.deepEqual(await orders({ state: 'running', type: 'atm.issued' }), ['B1']);
    assert.deepEqual(await orders({ handler: 'B' }), ['A1', 'A2', 'A3', 'A4', 'B1']);
    assert.deepEqual(await orders({ type: 'atm.issued' }), ['B1', 'B1']);
    assert.deepEqual(await orders({ handler: 'A', state: 'running' }, later(9999)), []);
    assert.deepEqual(await orders({ handler: 'A', state: 'pending' }, later(9999)), ['A3', 'A4', 'B1']);
    const early = await store.listDeliveries({ from: START, to: later(1), limit: 10, now: START });
    assert.deepEqual(
      early.map(({ orderNo }) => orderNo),
      ['B1', 'B1'],
    );
  },

  'delivers once more what a filter finds': async (subject) => {
    const { ledger } = subject;
    const { deliveries } = ledger;
    await subscribe(subject, 'A', 'B');
    for (let i = 0; i < 6; i += 1) await ledger.settle(report(`A${i}`, PAID, later(i)));
    for (const [i, delivery] of (await claim(ledger, 'A', later(9))).entries()) {
      if (i < 4) await deliveries.bury(delivery, 'no luck', later(9));
    }
    await deliverAll(ledger, 'B', later(9));
    assert.equal(await deliveries.replayAll({ handler: 'B' }, later(10)), 0);
    assert.equal(await deliveries.replayAll({ type: 'atm.paid' }, later(10)), 0);
    assert.equal(await deliveries.replayAll({}, later(10)), 4);
    assert.equal(await deliveries.replayAll({}, later(10)), 0);
    assert.equal((await claim(ledger, 'A', later(10))).length, 4);
    const filter = { state: 'delivered', handler: 'B', from: later(1), to: later(3) } as const;
    assert.equal(await deliveries.replayAll(filter, later(11)), 2);
    assert.deepEqual(names(await claim(ledger, 'B', later(11))), ['A1 atm.unknown_order', 'A2 atm.unknown_order']);
  },

  'keeps the trace context of an event beside it, for another process and for a replay': async (subject) => {
    const { ledger, another } = subject;
    await subscribe(subject, 'A');
    ledger.traceBy(() => TRACE);
    await ledger.settle(report('A1', PAID, START));
    ledger.traceBy(undefined);
    await ledger.settle(report('A2', PAID, later(1)));
    const second = await another?.();
    const other = second ? new Ledger(second) : ledger;
    try {
      const [traced, untraced] = await claim(other, 'A', later(2));
      assert(traced && untraced);
      assert.deepEqual([traced.trace, untraced.trace], [TRACE, undefined]);
      assert(!JSON.stringify(traced.event).includes(TRACE));
      await other.deliveries.bury(traced, 'no luck', later(2));
      assert.equal(await other.deliveries.replayAll({}, later(3)), 1);
      assert.equal((await claimOne(other, 'A', later(3))).trace, TRACE);
    } finally {
      await second?.stop();
    }
  },

  'calls back with the events that were recorded, once they can be claimed': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A');
    const claims: Promise<readonly string[]>[] = [];
    ledger.onEvents((events) => {
      if (events.length > 0) claims.push(claim(ledger, 'A', later(1)).then(names));
    });
    await openPending(ledger, 'A1');
    assert.deepEqual(await Promise.all(claims), [['A1 atm.issued']]);
  },
};
