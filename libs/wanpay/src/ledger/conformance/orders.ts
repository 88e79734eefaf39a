import assert from 'node:assert/strict';
import { Ledger } from '../ledger.js';
import type { Payment } from '../payment.js';
import {
  ACCOUNT,
  asking,
  type Cases,
  claimOne,
  deliverAll,
  FAILED,
  later,
  line,
  MERCHANT,
  names,
  opening,
  openPending,
  PAID,
  REFUSED,
  report,
  START,
  subscribe,
  TRANSFER,
  UNPAID,
} from './fixture.js';

/** Payments and what is said about them, through the kernel. */
export const ORDERS: Cases = {
  'records a payment once, also when it is recorded many times at once': async ({ ledger }) => {
    const opened = await Promise.all(Array.from({ length: 20 }, () => ledger.open(opening('A1'))));
    assert.equal(opened.filter((result) => result.opened).length, 1);
    for (const { payment } of opened) assert.deepEqual(payment, opening('A1'));
    const again = await ledger.open({ ...opening('A1'), amount: 99 });
    assert.deepEqual(again, { payment: opening('A1'), opened: false });
  },

  'gives back every field of a payment as it was': async ({ ledger, store }) => {
    const full: Payment = {
      ...opening('A1'),
      amount: 9_999_999_999,
      validDays: 30,
      description: "測試 “quotes” \\ ' ; -- 🧧",
      returnUrl: 'https://shop.example/return?a=1&b=2',
      notificationUrl: 'https://shop.example/wanpay/notifications',
    };
    await ledger.open(full);
    assert.deepEqual(await ledger.find(full), full);
    const issued = await ledger.issue(full, ACCOUNT, later(1));
    assert.deepEqual(issued, { ...full, account: ACCOUNT, state: 'pending', updatedAt: later(1) });
    await ledger.settle(report('A1', { ...PAID, reportedAmount: '7' }, later(2)));
    const { payment } = await ledger.settle(report('A1', { ...PAID, reportedAmount: '999999999900' }, later(3)));
    assert.deepEqual(await ledger.find(full), payment);
    assert.deepEqual(payment, {
      ...full,
      account: ACCOUNT,
      state: 'paid',
      otherTransfers: [{ ...TRANSFER, reportedAmount: '7' }],
      payer: PAID.payer,
      paidAt: PAID.transactedAt,
      amountUnit: 'cents',
      updatedAt: later(3),
    });
    const [record] = await store.load([full]);
    assert(record);
    const { version, ...rest } = record;
    assert(version >= 4);
    assert.deepEqual(rest, { merchantNo: MERCHANT, orderNo: 'A1', eventCount: 3, payment });
  },

  'withdraws a payment that is opening, and nothing that is more': async ({ ledger }) => {
    await ledger.open(opening('A1'));
    await ledger.withdraw(opening('A1'), REFUSED, later(1));
    assert.equal(await ledger.find(opening('A1')), undefined);
    await openPending(ledger, 'A1');
    await ledger.withdraw(opening('A1'), REFUSED, later(1));
    assert.equal((await ledger.find(opening('A1')))?.state, 'pending');
    await ledger.withdraw(opening('NONE'), REFUSED, later(1));
  },

  'stores an account with its event, and none of an order without a payment': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A');
    assert.equal(await ledger.issue(opening('A1'), ACCOUNT, START), undefined);
    await openPending(ledger, 'A1');
    const { event } = await claimOne(ledger, 'A', later(1));
    assert.equal(event.type, 'atm.issued');
    assert.deepEqual(event.payment, await ledger.find(opening('A1')));
  },

  'settles a payment once, however often and however much at once it is reported': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A');
    await openPending(ledger, 'A1');
    const settled = await Promise.all(
      Array.from({ length: 30 }, (_, i) => ledger.settle(report('A1', PAID, later(i)))),
    );
    assert.equal(settled.flatMap(({ events }) => events).filter(({ type }) => type === 'atm.paid').length, 1);
    await ledger.settle(report('A1', FAILED, later(60)));
    assert.equal((await ledger.find(opening('A1')))?.state, 'paid');
    const delivered = await deliverAll(ledger, 'A', later(60));
    assert.deepEqual(
      delivered.map(({ event }) => event.type),
      ['atm.issued', 'atm.paid'],
    );
  },

  'settles many payments at once': async ({ ledger }) => {
    const orders = Array.from({ length: 200 }, (_, i) => `A${i}`);
    await Promise.all(orders.map((orderNo) => openPending(ledger, orderNo)));
    const settled = await Promise.all(
      orders.map((orderNo, i) => ledger.settle(report(orderNo, i % 2 ? PAID : FAILED, later(1)))),
    );
    settled.forEach(({ payment, events }, i) => {
      assert.equal(payment?.orderNo, orders[i]);
      assert.deepEqual(
        events.map(({ type }) => type),
        [i % 2 ? 'atm.paid' : 'atm.failed'],
      );
    });
    for (const [i, orderNo] of orders.entries()) {
      assert.equal((await ledger.find(opening(orderNo)))?.state, i % 2 ? 'paid' : 'failed');
    }
  },

  'holds money that is reported before the account, until the account comes': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A');
    await ledger.open(asking('A1'), later(900));
    const { events, unconfirmed } = await ledger.settle(report('A1', PAID, later(1)));
    assert.deepEqual([events, unconfirmed], [[], true]);
    assert.equal((await ledger.find(opening('A1')))?.state, 'opening');
    assert.deepEqual(await ledger.nextCheckDue(later(1)), later(60));
    const issued = await ledger.issue(opening('A1'), ACCOUNT, later(2));
    assert.deepEqual([issued?.account, issued?.state], [ACCOUNT, 'paid']);
    assert.deepEqual(await ledger.find(opening('A1')), issued);
    assert.equal(await ledger.nextCheckDue(later(2)), undefined);
    assert.deepEqual(names(await deliverAll(ledger, 'A', later(2))), ['A1 atm.paid']);
  },

  'pays no payment whose account never came, and lets a person accept the money': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A');
    await ledger.open(asking('A1'));
    await ledger.settle(report('A1', PAID, later(1)));
    await ledger.fail(opening('A1'), REFUSED, later(2));
    const failed = await ledger.find(opening('A1'));
    assert.deepEqual([failed?.state, failed?.failure, failed?.otherTransfers], ['failed', REFUSED, [TRANSFER]]);
    await ledger.settle(report('A1', PAID, later(3)));
    await ledger.settle(report('A1', { ...PAID, transactedAt: later(4) }, later(4), 'query'));
    assert.deepEqual(names(await deliverAll(ledger, 'A', later(4))), [
      'A1 atm.failed',
      'A1 atm.unclaimed_payment',
      'A1 atm.unclaimed_payment',
    ]);
    const accepted = await ledger.accept(opening('A1'), 'the payer sent a receipt', later(5));
    assert.equal(accepted?.state, 'paid');
    assert.deepEqual(accepted.acceptance, { reason: 'the payer sent a receipt', acceptedAt: later(5) });
    assert.deepEqual(await ledger.find(opening('A1')), accepted);
    assert.deepEqual(names(await deliverAll(ledger, 'A', later(5))), ['A1 atm.paid']);
    const lines = (await ledger.timeline(opening('A1'))).map(line);
    assert(lines.includes('person paid failed-paid'), lines.join('\n'));
    assert.equal(await ledger.accept(opening('A1'), 'again', later(6)), undefined);
  },

  'keeps a payment that can’t be withdrawn, since its order has events or money': async ({ ledger }) => {
    await ledger.open(asking('A1'));
    await ledger.settle(report('A1', PAID, later(1)));
    await ledger.withdraw(opening('A1'), REFUSED, later(2));
    const payment = await ledger.find(opening('A1'));
    assert.deepEqual([payment?.state, payment?.failure, payment?.otherTransfers], ['opening', REFUSED, [TRANSFER]]);
    await ledger.settle(report('A2', PAID, later(3)));
    await ledger.open(asking('A2'));
    await ledger.withdraw(opening('A2'), REFUSED, later(4));
    assert.equal((await ledger.find(opening('A2')))?.state, 'opening');
  },

  'tells each transfer into a paid payment once, whatever else a later message tells of it': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A');
    await openPending(ledger, 'A1');
    const { payer: _payer, transactedAt: _at, ...bare } = PAID;
    await ledger.settle(report('A1', bare, later(1), 'query'));
    assert.equal((await ledger.find(opening('A1')))?.paidAtEstimated, true);
    await ledger.settle(report('A1', PAID, later(2)));
    const completed = await ledger.find(opening('A1'));
    assert.deepEqual([completed?.payer, completed?.paidAt], [PAID.payer, PAID.transactedAt]);
    assert.equal(completed?.paidAtEstimated, undefined);
    await ledger.settle(report('A1', { ...PAID, transactedAt: later(3) }, later(3)));
    await ledger.settle(report('A1', { ...PAID, transactedAt: later(3) }, later(4)));
    await ledger.settle(report('A1', { ...PAID, reportedAmount: '7' }, later(5)));
    assert.deepEqual(names(await deliverAll(ledger, 'A', later(5))), [
      'A1 atm.duplicate_payment',
      'A1 atm.duplicate_payment',
      'A1 atm.issued',
      'A1 atm.paid',
    ]);
  },

  'records the events of an order that it does not have, once per fact': async (subject) => {
    const { ledger } = subject;
    const orderNo = 'x\'; drop table payments; -- 訂單\t"\\';
    await subscribe(subject, 'A');
    const settled = await ledger.settle(report(orderNo, PAID, later(1)));
    assert.equal(settled.payment, undefined);
    await ledger.settle(report(orderNo, PAID, later(2)));
    await ledger.settle(report(orderNo, FAILED, later(3)));
    const types = settled.events.map((event) => [event.type, event.orderNo, event.merchantNo]);
    assert.deepEqual(types, [['atm.unknown_order', orderNo, MERCHANT]]);
    const delivered = await deliverAll(ledger, 'A', later(60));
    assert.deepEqual(
      delivered.map(({ event }) => event.type === 'atm.unknown_order' && event.outcome),
      [PAID, FAILED],
    );
  },

  'makes an unknown order a payment when it is opened': async ({ ledger, store }) => {
    await ledger.settle(report('A1', PAID, later(1)));
    assert.equal(await ledger.find(opening('A1')), undefined);
    const [before] = await store.load([opening('A1')]);
    assert.deepEqual([before?.unknown?.firstSeenAt, before?.unknown?.updatedAt], [later(1), later(1)]);
    assert.deepEqual(await ledger.open(opening('A1')), { payment: opening('A1'), opened: true });
    const [record] = await store.load([opening('A1')]);
    assert.deepEqual(record?.payment, opening('A1'));
    assert.equal(record.unknown, undefined);
    assert.deepEqual((await ledger.timeline(opening('A1'))).map(line), ['notification paid -', 'atm.unknown_order']);
  },

  'lets what it cannot write fail alone': async ({ ledger }) => {
    await openPending(ledger, 'A1');
    await openPending(ledger, 'A2');
    const [bad, dated, good] = await Promise.allSettled([
      ledger.open({ ...opening('B1'), description: 'a\0b' }),
      ledger.settle(report('A2', { ...PAID, transactedAt: new Date('-002026-01-01T00:00:00Z') }, later(1))),
      ledger.settle(report('A1', PAID, later(1))),
      ledger.settle(report('a\0b', PAID, later(1))),
    ]);
    assert.equal(good.status, 'fulfilled');
    assert.equal((await ledger.find(opening('A1')))?.state, 'paid');
    assert.deepEqual(await ledger.find(opening('B1')), bad.status === 'fulfilled' ? bad.value.payment : undefined);
    assert.equal((await ledger.find(opening('A2')))?.state, dated.status === 'fulfilled' ? 'paid' : 'pending');
  },

  'counts an outcome that is said again': async ({ ledger, store }) => {
    await openPending(ledger, 'A1');
    for (let i = 1; i <= 5; i += 1) await ledger.settle(report('A1', UNPAID, later(i), 'query'));
    await Promise.all(Array.from({ length: 5 }, (_, i) => ledger.settle(report('A1', UNPAID, later(6 + i), 'query'))));
    await ledger.settle(report('A1', UNPAID, later(20)));
    const { outcomes } = await store.history(opening('A1'));
    assert.deepEqual(
      outcomes.map(({ source, count, firstSeenAt, lastSeenAt }) => ({ source, count, firstSeenAt, lastSeenAt })),
      [
        { source: 'query', count: 10, firstSeenAt: later(1), lastSeenAt: later(10) },
        { source: 'notification', count: 1, firstSeenAt: later(20), lastSeenAt: later(20) },
      ],
    );
  },

  'tells which outcome changed the payment, also when the same was said before': async ({ ledger }) => {
    const afterwards = new Date('2026-03-05T04:00:00Z');
    await openPending(ledger, 'A1');
    await ledger.settle(report('A1', UNPAID, later(1), 'query'));
    await ledger.settle(report('A1', UNPAID, afterwards, 'query'));
    await ledger.settle(report('A1', UNPAID, afterwards, 'query'));
    const timeline = await ledger.timeline(opening('A1'));
    assert.deepEqual(
      timeline.filter(({ kind }) => kind === 'outcome').map((entry) => line(entry)),
      ['query unpaid pending-pending', 'query unpaid pending-expired'],
    );
  },

  'tells an order’s history, oldest first': async (subject) => {
    const { ledger } = subject;
    await subscribe(subject, 'A', 'B');
    await openPending(ledger, 'A1');
    await ledger.settle(report('A1', UNPAID, later(1), 'query'));
    await ledger.settle(report('A1', PAID, later(2)));
    await ledger.deliveries.succeed(await claimOne(ledger, 'A', later(3)), later(3));
    await claimOne(ledger, 'B', later(3));
    const timeline = await ledger.timeline(opening('A1'));
    assert.deepEqual(timeline.map(line), [
      'atm.issued, A delivered, B running',
      'query unpaid pending-pending',
      'notification paid pending-paid',
      'atm.paid, A pending, B pending',
    ]);
    const paid = timeline.find((entry) => entry.kind === 'outcome' && entry.outcome.status === 'paid');
    assert.deepEqual(paid?.kind === 'outcome' && paid.outcome, PAID);
    assert.deepEqual(await ledger.timeline(opening('NONE')), []);
  },

  'shares its data with another process, where it is shared': async (subject) => {
    const { store, ledger, another } = subject;
    assert.equal(another !== undefined, store.isShared);
    if (!another) return;
    const second = await another();
    try {
      const other = new Ledger(second);
      await subscribe(subject, 'A');
      await openPending(ledger, 'A1');
      await deliverAll(ledger, 'A', START);
      const ledgers = Array.from({ length: 20 }, (_, i) => (i % 2 ? ledger : other));
      const settled = await Promise.all(ledgers.map((each) => each.settle(report('A1', PAID, later(1)))));
      assert.equal(settled.flatMap(({ events }) => events).length, 1);
      const claims = await Promise.all(ledgers.map((each) => claimOne(each, 'A', later(1)).catch(() => undefined)));
      assert.equal(claims.filter(Boolean).length, 1);
      assert.deepEqual(await other.find(opening('A1')), await ledger.find(opening('A1')));
    } finally {
      await second.stop();
    }
  },
};
