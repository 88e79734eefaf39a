import assert from 'node:assert/strict';
import type { OrderChange, StoredOutcome } from '../store.js';
import type { StoredEvent } from '../stored-event.js';
import { type Cases, claim, later, opening, PAID, START, subscribe, UNPAID } from './fixture.js';

/** Changes of orders, and what they expect. */
export const VERSIONS: Cases = {
  'counts the changes of an order from 1': async ({ store }) => {
    assert.deepEqual(await store.commit([opened('A1')]), [true]);
    assert.deepEqual(await store.commit([paid('A1', 1)]), [true]);
    const [missing, record] = await store.load([opening('NONE'), opening('A1')]);
    assert.equal(missing, undefined);
    assert.deepEqual([record?.version, record?.eventCount, record?.payment?.state], [2, 1, 'paid']);
  },

  'begins to count where the change says that records an order': async ({ store }) => {
    assert.deepEqual(await store.commit([{ ...opened('A1'), firstVersion: 1_000_000_007 }]), [true]);
    assert.deepEqual(await store.commit([paid('A1', 1)]), [false]);
    assert.deepEqual(await store.commit([paid('A1', 1_000_000_007)]), [true]);
    assert.equal((await store.load([opening('A1')]))[0]?.version, 1_000_000_008);
  },

  'applies a change only to the version that it expects, and the others of its batch all the same': async (subject) => {
    const { store, ledger } = subject;
    await subscribe(subject, 'A');
    await store.commit([opened('A1'), opened('A2'), opened('A3')]);
    await store.commit([{ ...opened('A2'), expectedVersion: 1 }]);
    const stale: OrderChange = { ...paid('A2', 1), check: { set: { at: later(5), failures: 0 } } };
    const applied = await store.commit([paid('A1', 1), stale, paid('A3', 1)]);
    assert.deepEqual(applied, [true, false, true]);
    assert.deepEqual(await store.commit([opened('A1'), paid('NONE', 1), opened('A4')]), [false, false, true]);
    const history = await store.history(opening('A2'));
    assert.deepEqual(history, { payment: opening('A2'), outcomes: [], events: [], deliveries: [] });
    assert.equal(await ledger.nextCheckDue(later(9)), undefined);
    assert.deepEqual((await claim(ledger, 'A', later(9))).map(({ event }) => event.orderNo).sort(), ['A1', 'A3']);
    assert.deepEqual(await store.load([opening('NONE')]), [undefined]);
  },

  'lets one of several changes of the same version win': async ({ store }) => {
    const openings = await Promise.all(Array.from({ length: 10 }, () => store.commit([opened('A1')])));
    assert.equal(openings.flat().filter(Boolean).length, 1);
    const changes = await Promise.all(Array.from({ length: 10 }, () => store.commit([paid('A1', 1)])));
    assert.equal(changes.flat().filter(Boolean).length, 1);
    const [record] = await store.load([opening('A1')]);
    assert.deepEqual([record?.version, record?.eventCount], [2, 1]);
  },

  'adds to an order whatever its version is, and creates none by it': async ({ store, ledger }) => {
    await store.commit([opened('A1')]);
    const note = { outcomes: [outcome('1', 1)], check: { by: later(7) } };
    const changes = ['A1', 'NONE'].map((orderNo) => ({ merchantNo: opening(orderNo).merchantNo, orderNo, ...note }));
    assert.deepEqual(await store.commit(changes), [true, false]);
    const [record, none] = await store.load([opening('A1'), opening('NONE')]);
    assert.equal(record?.version, 1);
    assert.equal(none, undefined);
    assert.deepEqual((await store.history(opening('A1'))).outcomes, note.outcomes);
    assert.deepEqual(await ledger.nextCheckDue(START), later(7));
  },

  'counts an outcome whose digest is there': async ({ store }) => {
    const first: StoredOutcome = { ...outcome('1', 1), change: { from: 'opening', to: 'opening' } };
    await store.commit([{ ...opened('A1'), outcomes: [first, outcome('2', 2)] }]);
    await store.commit([{ ...paid('A1', 1), outcomes: [outcome('2', 3), { ...outcome('1', 4), count: 4 }] }]);
    const { outcomes } = await store.history(opening('A1'));
    assert.deepEqual(outcomes, [
      { ...first, count: 5, lastSeenAt: later(4) },
      { ...outcome('2', 2), count: 2, lastSeenAt: later(3) },
    ]);
  },

  'removes an order with everything that belongs to it': async (subject) => {
    const { store, ledger } = subject;
    await subscribe(subject, 'A');
    await store.commit([opened('A1')]);
    await store.commit([{ ...paid('A1', 1), check: { by: later(1) }, outcomes: [outcome('1', 1)] }]);
    const { merchantNo, orderNo } = opening('A1');
    assert.deepEqual(await store.commit([{ merchantNo, orderNo, expectedVersion: 1, remove: true }]), [false]);
    assert.deepEqual(await store.commit([{ merchantNo, orderNo, expectedVersion: 2, remove: true }]), [true]);
    assert.deepEqual(await store.load([opening('A1')]), [undefined]);
    assert.deepEqual(await store.history(opening('A1')), { outcomes: [], events: [], deliveries: [] });
    assert.deepEqual(await claim(ledger, 'A', later(9)), []);
    assert.equal(await ledger.nextCheckDue(later(9)), undefined);
    assert.deepEqual(
      (await ledger.deliveries.handlers(later(9))).map(({ pending }) => pending),
      [0],
    );
    assert.deepEqual(await store.commit([opened('A1')]), [true]);
    assert.equal((await store.load([opening('A1')]))[0]?.version, 1);
  },

  'tells orders of different merchants apart': async ({ store }) => {
    const other = { ...opening('A1'), merchantNo: '1265', amount: 99 };
    await store.commit([opened('A1')]);
    assert.deepEqual(await store.commit([{ ...opened('A1'), merchantNo: '1265', payment: other }]), [true]);
    const records = await store.load([other, opening('A1')]);
    assert.deepEqual(
      records.map((record) => record?.payment),
      [other, opening('A1')],
    );
  },
};

function opened(orderNo: string): OrderChange {
  const { merchantNo } = opening(orderNo);
  return { merchantNo, orderNo, expectedVersion: 0, payment: opening(orderNo) };
}

function paid(orderNo: string, expectedVersion: number): OrderChange {
  const { merchantNo } = opening(orderNo);
  const payment = { ...opening(orderNo), state: 'paid' as const, paidAt: later(1), updatedAt: later(1) };
  return { merchantNo, orderNo, expectedVersion, payment, events: [paidEvent(orderNo)] };
}

function paidEvent(orderNo: string): StoredEvent {
  const details = { state: 'paid' as const, paidAt: later(1) };
  return { id: `evt_${orderNo}`, seq: 0, type: 'atm.paid', occurredAt: later(1), livemode: false, details };
}

function outcome(digit: string, seconds: number): StoredOutcome {
  const times = { firstSeenAt: later(seconds), lastSeenAt: later(seconds), count: 1 };
  return { digest: digit.repeat(16), source: 'query', outcome: digit === '1' ? UNPAID : PAID, ...times };
}
