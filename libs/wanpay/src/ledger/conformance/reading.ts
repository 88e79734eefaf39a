import assert from 'node:assert/strict';
import { InvalidCursorError } from '../errors.js';
import type { Ledger } from '../ledger.js';
import type { KeptRecordQuery } from '../store.js';
import type { PaymentFilter } from '../timeline.js';
import {
  ACCOUNT,
  type Cases,
  claim,
  claimOne,
  deliverAll,
  FAILED,
  later,
  line,
  MERCHANT,
  opening,
  openPending,
  PAID,
  report,
  START,
  subscribe,
  TRANSFER,
} from './fixture.js';

/** Lists, counts and purges. */
export const READING: Cases = {
  'lists payments newest first, in pages that neither repeat nor skip': async ({ ledger }) => {
    for (let i = 0; i < 25; i += 1) await ledger.open({ ...opening(`A${i}`), createdAt: later(Math.floor(i / 3)) });
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await ledger.list({ limit: 7, ...(after === undefined ? {} : { after }) });
      seen.push(...page.payments.map(({ orderNo }) => orderNo));
      after = page.next;
      if (seen.length === 7) await ledger.open({ ...opening('NEW'), createdAt: later(99) });
    } while (after !== undefined);
    assert.equal(seen.length, 25);
    assert.equal(new Set(seen).size, 25);
    const times = await Promise.all(
      seen.map(async (orderNo) => (await ledger.find(opening(orderNo)))?.createdAt.getTime() ?? 0),
    );
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    );
    await assert.rejects(ledger.list({ after: 'nonsense' }), InvalidCursorError);
    await assert.rejects(ledger.list({ limit: 0 }), { code: 'invalid_field' });
  },

  'lists payments by merchant, state and time': async ({ ledger }) => {
    await ledger.open({ ...opening('A1'), createdAt: later(1) });
    await ledger.open({ ...opening('A2'), createdAt: later(2) });
    await ledger.open({ ...opening('A3'), createdAt: later(3), merchantNo: 'OTHER' });
    await openPending(ledger, 'A4');
    await ledger.settle(report('UNKNOWN', PAID, later(4)));
    const orders = async (filter: Parameters<Ledger['list']>[0]): Promise<string[]> =>
      (await ledger.list(filter)).payments.map(({ orderNo }) => orderNo);
    assert.deepEqual(await orders({}), ['A3', 'A2', 'A1', 'A4']);
    assert.deepEqual(await orders({ merchantNo: 'OTHER' }), ['A3']);
    assert.deepEqual(await orders({ states: ['pending', 'paid'] }), ['A4']);
    assert.deepEqual(await orders({ createdFrom: later(2) }), ['A3', 'A2']);
    assert.deepEqual(await orders({ createdBefore: later(2) }), ['A1', 'A4']);
    assert.deepEqual(await orders({ states: [] }), []);
  },

  'counts what became of the payments of a period': async ({ ledger }) => {
    const period = { from: START, to: later(100) };
    const nothing = { opening: 0, pending: 0, paid: 0, failed: 0, closed: 0, expired: 0 };
    assert.deepEqual(await ledger.summarize(period), {
      states: nothing,
      settledBy: { notification: 0, query: 0, person: 0 },
      needsReview: 0,
      unknownOrders: 0,
    });
    for (const orderNo of ['A1', 'A2', 'A3', 'A4', 'A5']) await openPending(ledger, orderNo);
    await ledger.open(opening('A6'));
    await ledger.open({ ...opening('B1'), merchantNo: '1265' });
    await ledger.open({ ...opening('L1'), createdAt: later(100) });
    await ledger.settle(report('A1', PAID, later(1)));
    await ledger.settle(report('A1', PAID, later(2), 'query'));
    await ledger.settle(report('A2', FAILED, later(3)));
    await ledger.settle(report('A2', PAID, later(4), 'query'));
    await ledger.settle(report('A3', FAILED, later(5)));
    await ledger.settle(report('A4', { ...PAID, reportedAmount: '7' }, later(6)));
    await ledger.settle(report('NONE', PAID, later(7)));
    await ledger.settle(report('NONE', FAILED, later(8)));
    await ledger.settle(report('LATER', PAID, later(100)));
    assert.deepEqual(await ledger.summarize({ ...period, merchantNo: MERCHANT }), {
      states: { ...nothing, opening: 1, pending: 2, paid: 2, failed: 1 },
      settledBy: { notification: 2, query: 1, person: 0 },
      needsReview: 1,
      unknownOrders: 1,
    });
    const all = await ledger.summarize(period);
    assert.equal(all.states.opening, 2);
    assert.equal((await ledger.summarize({ ...period, merchantNo: '1265' })).unknownOrders, 0);
  },

  'purges what has ended and is delivered, in bounded batches': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A');
    for (const orderNo of ['A1', 'A2', 'A3', 'A4']) {
      await openPending(ledger, orderNo);
      if (orderNo !== 'A4') await ledger.settle(report(orderNo, PAID, later(1)));
    }
    assert.equal(await ledger.purge(later(9), 10), 0);
    await deliverAll(ledger, 'A', later(2));
    assert.equal(await ledger.purge(later(1), 10), 0);
    assert.equal(await ledger.purge(later(9), 2), 2);
    assert.equal(await ledger.purge(later(9), 2), 1);
    assert.deepEqual(
      (await ledger.list({})).payments.map(({ orderNo }) => orderNo),
      ['A4'],
    );
    assert.deepEqual(await ledger.timeline(opening('A1')), []);
    assert.deepEqual(await ledger.open(opening('A1')), { payment: opening('A1'), opened: true });
  },

  'purges no order of which a delivery is pending, runs or is dead': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A', 'B');
    for (const orderNo of ['A1', 'A2', 'A3']) await ledger.settle(report(orderNo, PAID, later(1)));
    await deliverAll(ledger, 'B', later(2));
    assert.equal(await ledger.purge(later(9), 10), 0);
    const claimed = await claim(ledger, 'A', later(2));
    assert.equal(await ledger.purge(later(9), 10), 0);
    for (const delivery of claimed) {
      if (delivery.key.orderNo === 'A1') await ledger.deliveries.bury(delivery, 'no luck', later(3));
      if (delivery.key.orderNo === 'A2') await ledger.deliveries.retry(delivery, 'no luck', later(999));
      if (delivery.key.orderNo === 'A3') await ledger.deliveries.succeed(delivery, later(3));
    }
    assert.equal(await ledger.purge(later(9), 10), 1);
    assert.equal((await ledger.timeline(opening('A1'))).length, 2);
    assert.equal((await ledger.timeline(opening('A2'))).length, 2);
    assert.deepEqual(await ledger.timeline(opening('A3')), []);
    await ledger.deliveries.succeed(await claimOne(ledger, 'A', later(999)), later(999));
    assert.equal(await ledger.purge(later(9), 10), 1);
  },

  'purges an order whose events nobody subscribed to': async (subject) => {
    const { ledger } = subject;
    await ledger.settle(report('A1', PAID, later(1)));
    assert.equal(await ledger.purge(later(9), 10), 1);
    await ledger.deliveries.subscribe([{ handler: 'A', type: 'atm.unknown_order' }], later(10), START);
    assert.deepEqual(await claim(ledger, 'A', later(10)), []);
  },

  'finds payments by their amount, their account, and the last five digits of the payer': async ({ ledger }) => {
    await openPending(ledger, 'A1');
    await ledger.settle(report('A1', PAID, later(1)));
    await openPending(ledger, 'A2');
    await ledger.open({ ...opening('A3'), amount: 5 });
    const find = async (filter: PaymentFilter): Promise<readonly string[]> => {
      return (await ledger.list(filter)).payments.map(({ orderNo }) => orderNo);
    };
    assert.deepEqual(await find({ amount: 1280 }), ['A2', 'A1']);
    assert.deepEqual(await find({ amount: 5 }), ['A3']);
    assert.deepEqual(await find({ accountNo: ACCOUNT.number }), ['A2', 'A1']);
    assert.deepEqual(await find({ accountNo: '1' }), []);
    assert.deepEqual(await find({ payerNo: '89012' }), ['A1']);
    assert.deepEqual(await find({ payerNo: '89012', amount: 5 }), []);
    assert.deepEqual(await find({ amount: 1280, states: ['pending'], merchantNo: MERCHANT }), ['A2']);
    assert.deepEqual(await find({ amount: 1280, createdBefore: START }), []);
    const { next } = await ledger.list({ amount: 1280, limit: 1 });
    assert.deepEqual(await find({ amount: 1280, after: next }), ['A1']);
  },

  'lists what a person has to look at, until one has, and again when more money comes': async ({ ledger }) => {
    const mismatched = { ...PAID, reportedAmount: '5' };
    const again = { ...mismatched, transactedAt: later(9) };
    const forReview = async (): Promise<readonly string[]> => {
      const { payments } = await ledger.list({ needsReview: true });
      const { orders } = await ledger.listUnknownOrders({ needsReview: true });
      return [...payments, ...orders].map(({ orderNo }) => orderNo);
    };
    for (const orderNo of ['A1', 'A2']) await openPending(ledger, orderNo);
    for (const orderNo of ['A1', 'U1']) await ledger.settle(report(orderNo, mismatched, later(1)));
    await ledger.settle(report('U2', FAILED, later(2)));
    assert.deepEqual(await forReview(), ['A1', 'U1']);
    for (const orderNo of ['A1', 'U1']) {
      assert.equal(await ledger.recordAction(opening(orderNo), { action: 'note', text: 'asked' }, later(3)), true);
    }
    assert.deepEqual(await forReview(), ['A1', 'U1']);
    for (const orderNo of ['A1', 'U1']) {
      await ledger.recordAction(opening(orderNo), { action: 'reviewed', text: 'refunded', by: 'Mei' }, later(4));
    }
    assert.deepEqual(await forReview(), []);
    for (const orderNo of ['A1', 'U1']) await ledger.settle(report(orderNo, again, later(5)));
    assert.deepEqual(await forReview(), ['A1', 'U1']);
    assert.equal(await ledger.recordAction(opening('NONE'), { action: 'note' }, later(6)), false);
    const history = (await ledger.timeline(opening('U1'))).filter(({ kind }) => kind === 'action').map(line);
    assert.deepEqual(history, ['note asked by nobody', 'reviewed refunded by Mei']);
  },

  'lists unknown orders, a page at a time': async ({ ledger }) => {
    await openPending(ledger, 'A1');
    for (const [seconds, orderNo] of ['U1', 'U2', 'U3'].entries()) {
      await ledger.settle(report(orderNo, PAID, later(seconds)));
    }
    const first = await ledger.listUnknownOrders({ limit: 2, merchantNo: MERCHANT });
    const second = await ledger.listUnknownOrders({ limit: 2, after: first.next });
    assert.deepEqual(
      [...first.orders, ...second.orders].map(({ orderNo, transfers }) => [orderNo, transfers]),
      ['U3', 'U2', 'U1'].map((orderNo) => [orderNo, [TRANSFER]]),
    );
    assert.equal(second.next, undefined);
  },

  'keeps records, newest first, replaces them, and forgets old ones of their kind': async ({ ledger }) => {
    const record = { kind: 'report', id: 'a', at: later(1), document: '{"n":1}' };
    await ledger.keepRecord(record, later(1));
    await ledger.keepRecord({ ...record, kind: 'other' }, later(1));
    await ledger.keepRecord({ ...record, id: 'b', at: later(2) }, later(2));
    await ledger.keepRecord({ ...record, document: '{"n":2}' }, later(3));
    const list = async (query: Omit<KeptRecordQuery, 'kind' | 'limit'> = {}): Promise<readonly string[]> => {
      return (await ledger.listRecords({ kind: 'report', limit: 9, ...query })).map(
        ({ id, at, document }) => `${id} ${at.getTime() - START.getTime()} ${document}`,
      );
    };
    assert.deepEqual(await list(), ['b 2000 {"n":1}', 'a 1000 {"n":2}']);
    assert.deepEqual(await list({ before: later(2) }), ['a 1000 {"n":2}']);
    assert.deepEqual(await list({ at: later(2) }), ['b 2000 {"n":1}']);
    await ledger.keepRecord({ ...record, id: 'c', at: later(400 * 86_400) }, later(400 * 86_400));
    assert.deepEqual((await ledger.listRecords({ kind: 'other', limit: 9 })).length, 1);
    assert.deepEqual((await list()).length, 1);
  },
};
