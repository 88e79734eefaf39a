import assert from 'node:assert/strict';
import type { Outcome, VirtualAccount } from '../protocol/index.js';
import { InvalidCursorError } from './errors.js';
import type { Ledger, OwedEvent, Report, TimelineEntry } from './ledger.js';
import type { Payment } from './payment.js';

/** A ledger under test. */
export interface LedgerUnderTest {
  /** Empty and started. */
  readonly ledger: Ledger;
  /** Starts another ledger over the same data, where the adapter allows it; the case stops it. */
  readonly another?: () => Promise<Ledger>;
  /** Called after each case. */
  close(): Promise<void>;
}

/** One thing that every ledger must do. */
export interface ConformanceCase {
  readonly name: string;
  /** Rejects with an assertion error when the ledger does not do it. */
  run(): Promise<void>;
}

/**
 * What every ledger must do, as cases for any test runner:
 *
 * ```ts
 * for (const { name, run } of ledgerConformance(openMyLedger)) it(name, run);
 * ```
 *
 * @param open called once per case
 */
export function ledgerConformance(open: () => Promise<LedgerUnderTest>): readonly ConformanceCase[] {
  return Object.entries(CASES).map(([name, check]) => ({
    name,
    run: async () => {
      const underTest = await open();
      try {
        await check(underTest);
      } finally {
        await underTest.close();
      }
    },
  }));
}

const MERCHANT = '21008024';
const START = new Date('2026-03-01T04:00:00.000Z');
const ACCOUNT: VirtualAccount = {
  number: '46710722851832',
  bankCode: '013',
  bankName: '國泰世華商業銀行',
  branchCode: '2022',
  branchName: '大昌分行',
  holder: '旺沛大數位股份有限公司',
  expiresAt: new Date('2026-03-04T15:59:59.000Z'),
};
const PAID: Outcome = {
  status: 'paid',
  code: '0000',
  reportedAmount: '1280.00',
  payer: { bankCode: '822', account: '***********89012' },
  transactedAt: new Date('2026-03-02T01:02:03.000Z'),
};
const FAILED: Outcome = { status: 'failed', code: '5805' };

const CASES: Readonly<Record<string, (underTest: LedgerUnderTest) => Promise<void>>> = {
  'records an intent once, also when it is recorded many times at once': async ({ ledger }) => {
    const opened = await Promise.all(Array.from({ length: 20 }, () => ledger.open(intent('A1'))));
    assert.equal(opened.filter((result) => result.opened).length, 1);
    for (const { payment } of opened) assert.deepEqual(payment, intent('A1'));
    const again = await ledger.open({ ...intent('A1'), amount: 99 });
    assert.deepEqual(again, { payment: intent('A1'), opened: false });
  },

  'gives back every field of a payment as it was': async ({ ledger }) => {
    const full: Payment = {
      ...intent('A1'),
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
      mismatchedAmounts: ['7'],
      payer: PAID.payer,
      paidAt: PAID.transactedAt,
      amountUnit: 'cents',
      updatedAt: later(3),
    });
  },

  'withdraws an intent, and nothing that is more': async ({ ledger }) => {
    await ledger.open(intent('A1'));
    await ledger.withdraw(intent('A1'));
    assert.equal(await ledger.find(intent('A1')), undefined);
    await openPending(ledger, 'A1');
    await ledger.withdraw(intent('A1'));
    assert.equal((await ledger.find(intent('A1')))?.state, 'pending');
    await ledger.withdraw(intent('NONE'));
  },

  'stores an account with the event owed, and knows no account of an unknown order': async ({ ledger }) => {
    assert.equal(await ledger.issue(intent('A1'), ACCOUNT, START), undefined);
    await openPending(ledger, 'A1');
    const [owed] = await claim(ledger, later(1));
    assert.equal(owed?.event.type, 'atm.issued');
    assert.deepEqual('payment' in owed.event && owed.event.payment, await ledger.find(intent('A1')));
  },

  'settles a payment once, however often and however much at once it is reported': async ({ ledger }) => {
    await openPending(ledger, 'A1');
    const settled = await Promise.all(
      Array.from({ length: 30 }, (_, i) => ledger.settle(report('A1', PAID, later(i)))),
    );
    assert.equal(settled.flatMap(({ events }) => events).filter(({ type }) => type === 'atm.paid').length, 1);
    await ledger.settle(report('A1', FAILED, later(60)));
    assert.equal((await ledger.find(intent('A1')))?.state, 'paid');
    assert.deepEqual(await eventTypes(ledger), ['atm.issued', 'atm.paid']);
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
  },

  'takes a notification that comes before the account': async ({ ledger }) => {
    await ledger.open(intent('A1'));
    await ledger.settle(report('A1', PAID, later(1)));
    const issued = await ledger.issue(intent('A1'), ACCOUNT, later(2));
    assert.equal(issued?.state, 'paid');
    assert.deepEqual(issued.account, ACCOUNT);
    assert.deepEqual(await eventTypes(ledger), ['atm.paid']);
  },

  'owes a person the news of an order it does not have, once per outcome': async ({ ledger }) => {
    const orderNo = 'x\'; drop table payments; -- 訂單\t"\\';
    const settled = await ledger.settle(report(orderNo, PAID, later(1)));
    assert.equal(settled.payment, undefined);
    await ledger.settle(report(orderNo, PAID, later(2)));
    await ledger.settle(report(orderNo, FAILED, later(3)));
    const types = settled.events.map((event) => [event.type, event.orderNo, event.merchantNo]);
    assert.deepEqual(types, [['atm.unmatched', orderNo, MERCHANT]]);
    assert.deepEqual(await eventTypes(ledger), ['atm.unmatched', 'atm.unmatched']);
  },

  'lets what it cannot write fail alone': async ({ ledger }) => {
    await openPending(ledger, 'A1');
    const [bad, good] = await Promise.allSettled([
      ledger.settle(report('bad\0number', PAID, later(1))),
      ledger.settle(report('A1', PAID, later(1))),
    ]);
    assert.equal(good.status, 'fulfilled');
    assert.ok(bad.status === 'rejected' || bad.value.events.length === 1);
  },

  'tells an order’s history, oldest first': async ({ ledger }) => {
    await openPending(ledger, 'A1');
    await ledger.settle(report('A1', { status: 'unpaid', code: '5801' }, later(1), 'query'));
    await ledger.settle(report('A1', PAID, later(2)));
    const [owed] = await claim(ledger, later(3));
    assert.ok(owed);
    await ledger.recordAttempt(owed, { handled: ['Shipping.ship'], now: later(3) });
    const timeline = await ledger.timeline(intent('A1'));
    assert.deepEqual(timeline.map(line), [
      'atm.issued delivered',
      'query unpaid pending-pending',
      'notification paid pending-paid',
      'atm.paid owed',
    ]);
    const paid = timeline.find((entry) => entry.kind === 'outcome' && entry.outcome.status === 'paid');
    assert.deepEqual(paid?.kind === 'outcome' && paid.outcome, PAID);
    assert.deepEqual(await ledger.timeline(intent('NONE')), []);
  },

  'lists payments newest first, in pages that neither repeat nor skip': async ({ ledger }) => {
    for (let i = 0; i < 25; i += 1) await ledger.open({ ...intent(`A${i}`), createdAt: later(Math.floor(i / 3)) });
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await ledger.list({ limit: 7, ...(after === undefined ? {} : { after }) });
      seen.push(...page.payments.map(({ orderNo }) => orderNo));
      after = page.next;
      if (seen.length === 7) await ledger.open({ ...intent('NEW'), createdAt: later(99) });
    } while (after !== undefined);
    assert.equal(seen.length, 25);
    assert.equal(new Set(seen).size, 25);
    const times = await Promise.all(
      seen.map(async (orderNo) => (await ledger.find(intent(orderNo)))?.createdAt.getTime() ?? 0),
    );
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    );
    await assert.rejects(ledger.list({ after: 'nonsense' }), InvalidCursorError);
    await assert.rejects(ledger.list({ limit: 0 }), { code: 'invalid_field' });
  },

  'lists payments by merchant, state and time': async ({ ledger }) => {
    await ledger.open({ ...intent('A1'), createdAt: later(1) });
    await ledger.open({ ...intent('A2'), createdAt: later(2) });
    await ledger.open({ ...intent('A3'), createdAt: later(3), merchantNo: 'OTHER' });
    await openPending(ledger, 'A4');
    const orders = async (filter: Parameters<Ledger['list']>[0]): Promise<string[]> =>
      (await ledger.list(filter)).payments.map(({ orderNo }) => orderNo);
    assert.deepEqual(await orders({ merchantNo: 'OTHER' }), ['A3']);
    assert.deepEqual(await orders({ states: ['pending', 'paid'] }), ['A4']);
    assert.deepEqual(await orders({ createdFrom: later(2) }), ['A3', 'A2']);
    assert.deepEqual(await orders({ createdBefore: later(2) }), ['A1', 'A4']);
    assert.deepEqual(await orders({ states: [] }), []);
  },

  'purges what has ended and is delivered, in bounded batches': async ({ ledger }) => {
    for (const orderNo of ['A1', 'A2', 'A3', 'A4']) {
      await openPending(ledger, orderNo);
      if (orderNo !== 'A4') await ledger.settle(report(orderNo, PAID, later(1)));
    }
    assert.equal(await ledger.purge(later(9), 10), 0);
    await deliverAll(ledger, later(2));
    assert.equal(await ledger.purge(later(1), 10), 0);
    assert.equal(await ledger.purge(later(9), 2), 2);
    assert.equal(await ledger.purge(later(9), 2), 1);
    assert.deepEqual(
      (await ledger.list({})).payments.map(({ orderNo }) => orderNo),
      ['A4'],
    );
    assert.deepEqual(await ledger.timeline(intent('A1')), []);
  },

  'hands an event to one claimant, in order per payment': async ({ ledger }) => {
    await openPending(ledger, 'A1');
    await ledger.settle(report('A1', PAID, START));
    await openPending(ledger, 'A2');
    const claims = await Promise.all(Array.from({ length: 10 }, () => ledger.claim(START, later(60), 1)));
    const claimed = claims.flat();
    assert.deepEqual(claimed.map(({ event }) => `${event.orderNo} ${event.type}`).sort(), [
      'A1 atm.issued',
      'A2 atm.issued',
    ]);
    const first = claimed.find(({ event }) => event.orderNo === 'A1');
    assert.ok(first);
    assert.ok(await ledger.recordAttempt(first, { handled: [], now: START }));
    assert.deepEqual(
      (await claim(ledger, START)).map(({ event }) => event.type),
      ['atm.paid'],
    );
  },

  'hands an event to someone else when a claim lapses, and then ignores the first': async ({ ledger }) => {
    await openPending(ledger, 'A1');
    const [first] = await ledger.claim(START, later(60), 10);
    assert.ok(first);
    assert.equal(first.attempt, 1);
    assert.deepEqual(await ledger.claim(later(59), later(120), 10), []);
    assert.deepEqual(await ledger.nextDue(), later(60));
    const [second] = await ledger.claim(later(60), later(120), 10);
    assert.ok(second);
    assert.equal(second.attempt, 2);
    assert.equal(await ledger.recordAttempt(first, { handled: ['A'], now: later(61) }), false);
    await ledger.release(first);
    assert.deepEqual(await ledger.claim(later(62), later(120), 10), []);
    assert.equal(await ledger.recordAttempt(second, { handled: ['A'], now: later(63) }), true);
    assert.equal(await ledger.recordAttempt(second, { handled: ['A'], now: later(64) }), false);
    assert.equal(await ledger.nextDue(), undefined);
  },

  'takes a released event back as if it had not been claimed': async ({ ledger }) => {
    await openPending(ledger, 'A1');
    const [owed] = await claim(ledger, START);
    assert.ok(owed);
    await ledger.release(owed);
    const [again] = await claim(ledger, START);
    assert.equal(again?.attempt, 1);
  },

  'keeps what has been done of an event that is tried again': async ({ ledger }) => {
    await openPending(ledger, 'A1');
    const failure = { handlers: ['B'], message: 'no luck' };
    const [first] = await claim(ledger, START);
    assert.ok(first);
    await ledger.recordAttempt(first, { handled: ['A'], failure, retryAt: later(10), now: START });
    assert.deepEqual(await ledger.nextDue(), later(10));
    assert.deepEqual(await claim(ledger, later(9)), []);
    const [second] = await claim(ledger, later(10));
    assert.deepEqual([second?.attempt, second?.handled], [2, ['A']]);
    assert.ok(second);
    await ledger.recordAttempt(second, { handled: ['C'], failure, retryAt: later(20), now: later(10) });
    const [third] = await claim(ledger, later(20));
    assert.deepEqual([...(third?.handled ?? [])].sort(), ['A', 'C']);
  },

  'buries an event, lets the next one pass, and owes it again on request': async ({ ledger }) => {
    await openPending(ledger, 'A1');
    await ledger.settle(report('A1', PAID, START));
    const failure = { handlers: ['B'], message: 'no luck' };
    const [first] = await claim(ledger, START);
    assert.ok(first);
    await ledger.recordAttempt(first, { handled: ['A'], failure, now: later(1) });
    const [letter, ...others] = await ledger.deadLetters();
    assert.deepEqual(letter, { event: first.event, attempts: 1, handled: ['A'], failure, diedAt: later(1) });
    assert.deepEqual(others, []);
    assert.deepEqual(
      (await claim(ledger, later(1))).map(({ event }) => event.type),
      ['atm.paid'],
    );
    assert.equal(await ledger.replay('evt_none', later(2)), false);
    assert.equal(await ledger.replay(first.event.id, later(2)), true);
    assert.equal(await ledger.replay(first.event.id, later(2)), false);
    assert.deepEqual(await ledger.deadLetters(), []);
    const [replayed] = await claim(ledger, later(2));
    assert.deepEqual([replayed?.event, replayed?.attempt, replayed?.handled], [first.event, 1, ['A']]);
    assert.equal(await ledger.recordAttempt(first, { handled: [], now: later(3) }), false);
  },

  'nudges when an event is owed, once it can be claimed': async ({ ledger }) => {
    let claimed: Promise<readonly OwedEvent[]> | undefined;
    ledger.onEventsOwed(() => {
      claimed ??= claim(ledger, later(1));
    });
    await openPending(ledger, 'A1');
    assert.equal((await claimed)?.length, 1);
  },

  'runs a handler in the transaction that marks its event, where it has transactions': async ({ ledger }) => {
    await openPending(ledger, 'A1');
    const [owed] = await claim(ledger, START);
    assert.ok(owed);
    if (ledger.transactions === 'none') {
      await assert.rejects(
        ledger.transact(owed, 'A', () => undefined),
        { code: 'no_transactions' },
      );
      return;
    }
    await assert.rejects(
      ledger.transact(owed, 'A', () => {
        throw new Error('no luck');
      }),
      /no luck/,
    );
    let client: unknown;
    await ledger.transact(owed, 'B', (given) => (client = given));
    assert.ok(client);
    await ledger.recordAttempt(owed, {
      handled: [],
      failure: { handlers: ['A'], message: 'no luck' },
      retryAt: later(1),
      now: START,
    });
    await assert.rejects(
      ledger.transact(owed, 'C', () => undefined),
      { code: 'claim_lost' },
    );
    const [again] = await claim(ledger, later(1));
    assert.deepEqual(again?.handled, ['B']);
  },

  'shares its data with another process, where it is shared': async ({ ledger, another }) => {
    assert.equal(another !== undefined, ledger.isShared);
    if (!another) return;
    const other = await another();
    try {
      await openPending(ledger, 'A1');
      const ledgers = Array.from({ length: 20 }, (_, i) => (i % 2 ? ledger : other));
      const settled = await Promise.all(ledgers.map((each) => each.settle(report('A1', PAID, later(1)))));
      assert.equal(settled.flatMap(({ events }) => events).length, 1);
      const claims = await Promise.all(ledgers.map((each) => each.claim(later(1), later(60), 10)));
      assert.equal(claims.flat().length, 1);
    } finally {
      await other.stop();
    }
  },

  'plans a check with the intent and with the account, and needs none once the payment is paid': async ({ ledger }) => {
    assert.equal(await ledger.nextCheckDue(), undefined);
    await ledger.open(intent('A1'), later(900));
    await ledger.open(intent('A1'), later(5));
    assert.deepEqual(await ledger.nextCheckDue(), later(900));
    await ledger.issue(intent('A1'), ACCOUNT, START);
    assert.deepEqual(await ledger.nextCheckDue(), later(900));
    await ledger.issue(intent('A1'), ACCOUNT, START, later(1000));
    assert.deepEqual(await ledger.nextCheckDue(), later(900));
    await ledger.issue(intent('A1'), ACCOUNT, START, later(800));
    assert.deepEqual(await ledger.nextCheckDue(), later(800));
    await ledger.settle(report('A1', FAILED, later(1)));
    assert.deepEqual(await ledger.nextCheckDue(), later(800));
    await ledger.settle(report('A1', PAID, later(2)));
    assert.equal(await ledger.nextCheckDue(), undefined);
    await ledger.issue(intent('A1'), ACCOUNT, later(3), later(1000));
    assert.equal(await ledger.nextCheckDue(), undefined);
    await ledger.open(intent('B1'), later(900));
    await ledger.withdraw(intent('B1'));
    assert.equal(await ledger.nextCheckDue(), undefined);
    await openPending(ledger, 'C1');
    assert.equal(await ledger.nextCheckDue(), undefined);
  },

  'claims the checks that are due, the longest due first, for one caller at a time': async ({ ledger }) => {
    await Promise.all(Array.from({ length: 10 }, (_, i) => ledger.open(intent(`A${i}`), later(100 - i))));
    assert.deepEqual(await claimChecks(ledger, later(90), 10), []);
    assert.deepEqual(await claimChecks(ledger, later(93), 2), ['A9', 'A8']);
    const rest = await Promise.all(Array.from({ length: 10 }, () => claimChecks(ledger, later(100), 3)));
    assert.deepEqual(rest.flat().sort(), ['A0', 'A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7']);
    assert.deepEqual(await ledger.nextCheckDue(), later(93 + LEASE_SECONDS));
    assert.deepEqual((await claimChecks(ledger, later(93 + LEASE_SECONDS), 10)).sort(), ['A8', 'A9']);
  },

  'claims with the payment as it is, and counts the checks that had no answer': async ({ ledger }) => {
    await ledger.open(intent('A1'), later(10));
    const issued = await ledger.issue(intent('A1'), ACCOUNT, later(1));
    const [check] = await ledger.claimChecks(later(10), later(20), 10);
    assert(check);
    assert.deepEqual(check, { payment: issued, failures: 0, leaseUntil: later(20) });
    assert.equal(await ledger.scheduleCheck(check, { at: later(30), failures: 4 }), true);
    assert.deepEqual(await ledger.claimChecks(later(29), later(60), 10), []);
    const [again] = await ledger.claimChecks(later(30), later(60), 10);
    assert(again);
    assert.equal(again.failures, 4);
    assert.equal(await ledger.scheduleCheck(again, { failures: 0 }), true);
    assert.equal(await ledger.nextCheckDue(), undefined);
  },

  'claims the checks of one merchant, where only one is asked for': async ({ ledger }) => {
    await ledger.open(intent('A1'), later(10));
    await ledger.open({ ...intent('A1'), merchantNo: '1265' }, later(20));
    assert.deepEqual(await ledger.nextCheckDue('1265'), later(20));
    const checks = await ledger.claimChecks(later(30), later(60), 10, '1265');
    assert.deepEqual(
      checks.map(({ payment }) => payment.merchantNo),
      ['1265'],
    );
    assert.deepEqual(await ledger.nextCheckDue(MERCHANT), later(10));
    assert.deepEqual(await ledger.nextCheckDue(), later(10));
  },

  'takes no schedule from a claim that lapsed, and none for what is paid': async ({ ledger }) => {
    await ledger.open(intent('A1'), later(10));
    const [lapsed] = await ledger.claimChecks(later(10), later(20), 10);
    const [held] = await ledger.claimChecks(later(20), later(40), 10);
    assert(lapsed && held);
    assert.equal(await ledger.scheduleCheck(lapsed, { at: later(99), failures: 1 }), false);
    assert.deepEqual(await ledger.nextCheckDue(), later(40));
    await ledger.settle(report('A1', PAID, later(21)));
    assert.equal(await ledger.scheduleCheck(held, { at: later(99), failures: 1 }), false);
    assert.equal(await ledger.nextCheckDue(), undefined);
  },

  'hastens a check that is asked for, also while another is under way': async ({ ledger }) => {
    await openPending(ledger, 'A1');
    assert.equal(await ledger.requestCheck(intent('A1'), later(50)), true);
    assert.equal(await ledger.requestCheck(intent('A1'), later(60)), true);
    assert.deepEqual(await ledger.nextCheckDue(), later(50));
    const [check] = await ledger.claimChecks(later(60), later(120), 10);
    assert(check);
    assert.equal(await ledger.requestCheck(intent('A1'), later(61)), true);
    assert.equal(await ledger.scheduleCheck(check, { at: later(900), failures: 0 }), false);
    assert.deepEqual(await ledger.nextCheckDue(), later(61));
    assert.equal(await ledger.requestCheck(intent('NONE'), later(61)), false);
    await ledger.settle(report('A1', PAID, later(62)));
    assert.equal(await ledger.requestCheck(intent('A1'), later(63)), false);
    assert.equal(await ledger.nextCheckDue(), undefined);
  },

  'believes nothing that is to be confirmed, and makes its check due': async ({ ledger }) => {
    const { reportedAmount: _amount, ...withoutAmount } = PAID;
    await ledger.open(intent('A1'), later(900));
    const settled = await ledger.settle(report('A1', withoutAmount, later(1)));
    assert.equal(settled.unconfirmed, true);
    assert.deepEqual(await ledger.nextCheckDue(), later(1));
    await ledger.open(intent('A2'));
    const doubted = await ledger.settle({ ...report('A2', PAID, later(2)), mustConfirm: true });
    assert.deepEqual(doubted, { payment: intent('A2'), events: [], unconfirmed: true });
    assert.deepEqual(await claimChecks(ledger, later(2), 10), ['A1', 'A2']);
    const asked = await ledger.settle(report('A2', withoutAmount, later(3), 'query'));
    assert.equal(asked.unconfirmed, true);
    assert.deepEqual(await ledger.nextCheckDue(), later(2 + LEASE_SECONDS));
    assert.deepEqual((await ledger.timeline(intent('A2'))).map(line), [
      'notification paid opening-opening',
      'query paid opening-opening',
    ]);
    const { payment } = await ledger.settle(report('A2', PAID, later(4), 'query'));
    assert.equal(payment?.state, 'paid');
  },

  'counts what became of the payments of a period': async ({ ledger }) => {
    const period = { from: START, to: later(100) };
    const nothing = { opening: 0, pending: 0, paid: 0, failed: 0, closed: 0, expired: 0 };
    assert.deepEqual(await ledger.summarize(period), {
      states: nothing,
      settledBy: { notification: 0, query: 0 },
      mismatched: 0,
      unmatched: 0,
    });
    for (const orderNo of ['A1', 'A2', 'A3', 'A4', 'A5']) await openPending(ledger, orderNo);
    await ledger.open(intent('A6'));
    await ledger.open({ ...intent('B1'), merchantNo: '1265' });
    await ledger.open({ ...intent('L1'), createdAt: later(100) });
    await ledger.settle(report('A1', PAID, later(1)));
    await ledger.settle(report('A1', PAID, later(2), 'query'));
    await ledger.settle(report('A2', FAILED, later(3)));
    await ledger.settle(report('A2', PAID, later(4), 'query'));
    await ledger.settle(report('A3', FAILED, later(5)));
    await ledger.settle(report('A4', { ...PAID, reportedAmount: '7' }, later(6)));
    await ledger.settle(report('NONE', PAID, later(7)));
    await ledger.settle(report('NONE', PAID, later(8)));
    await ledger.settle(report('LATER', PAID, later(100)));
    assert.deepEqual(await ledger.summarize({ ...period, merchantNo: MERCHANT }), {
      states: { ...nothing, opening: 1, pending: 2, paid: 2, failed: 1 },
      settledBy: { notification: 2, query: 1 },
      mismatched: 1,
      unmatched: 1,
    });
    const all = await ledger.summarize(period);
    assert.equal(all.states.opening, 2);
  },

  'gives a lease to one holder at a time, until it lapses or is dropped': async ({ ledger }) => {
    assert.equal(await ledger.takeLease('sweep', 'a', START, later(10)), true);
    assert.equal(await ledger.takeLease('sweep', 'b', later(9), later(20)), false);
    assert.equal(await ledger.takeLease('other', 'b', later(9), later(20)), true);
    assert.equal(await ledger.takeLease('sweep', 'a', later(9), later(19)), true);
    assert.equal(await ledger.takeLease('sweep', 'b', later(18), later(30)), false);
    assert.equal(await ledger.takeLease('sweep', 'b', later(19), later(30)), true);
    await ledger.dropLease('sweep', 'a');
    assert.equal(await ledger.takeLease('sweep', 'a', later(20), later(30)), false);
    await ledger.dropLease('sweep', 'b');
    const takers = ['c', 'd', 'e', 'f'].map((holder) => ledger.takeLease('sweep', holder, later(20), later(30)));
    assert.equal((await Promise.all(takers)).filter(Boolean).length, 1);
  },
};

function intent(orderNo: string): Payment {
  return {
    merchantNo: MERCHANT,
    orderNo,
    amount: 1280,
    livemode: false,
    state: 'opening',
    createdAt: START,
    updatedAt: START,
  };
}

async function openPending(ledger: Ledger, orderNo: string): Promise<void> {
  await ledger.open(intent(orderNo));
  await ledger.issue(intent(orderNo), ACCOUNT, START);
}

function report(orderNo: string, outcome: Outcome, now: Date, source: Report['source'] = 'notification'): Report {
  return { merchantNo: MERCHANT, orderNo, livemode: false, outcome, source, now };
}

function later(seconds: number): Date {
  return new Date(START.getTime() + seconds * 1000);
}

function claim(ledger: Ledger, now: Date): Promise<readonly OwedEvent[]> {
  return ledger.claim(now, new Date(now.getTime() + 3_600_000), 100);
}

const LEASE_SECONDS = 1000;

/** Claims, and tells the orders. */
async function claimChecks(ledger: Ledger, now: Date, limit: number): Promise<string[]> {
  const checks = await ledger.claimChecks(now, new Date(now.getTime() + LEASE_SECONDS * 1000), limit);
  return checks.map(({ payment }) => payment.orderNo);
}

async function deliverAll(ledger: Ledger, now: Date): Promise<OwedEvent[]> {
  const delivered: OwedEvent[] = [];
  for (let owed = await claim(ledger, now); owed.length > 0; owed = await claim(ledger, now)) {
    for (const each of owed) await ledger.recordAttempt(each, { handled: [], now });
    delivered.push(...owed);
  }
  return delivered;
}

async function eventTypes(ledger: Ledger): Promise<string[]> {
  return (await deliverAll(ledger, later(3600))).map(({ event }) => event.type);
}

function line(entry: TimelineEntry): string {
  if (entry.kind === 'event') return `${entry.type} ${entry.delivery}`;
  return `${entry.source} ${entry.outcome.status} ${entry.change?.from ?? ''}-${entry.change?.to ?? ''}`;
}
