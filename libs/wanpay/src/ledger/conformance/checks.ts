import assert from 'node:assert/strict';
import type { DueCheck, Ledger } from '../ledger.js';
import {
  ACCOUNT,
  type Cases,
  FAILED,
  later,
  line,
  MERCHANT,
  opening,
  openPending,
  PAID,
  REFUSED,
  report,
  START,
} from './fixture.js';

/** Checks and leases. */
export const CHECKS: Cases = {
  'plans a check with the payment and with the account, and needs none once it is paid': async ({ ledger }) => {
    const due = (): Promise<Date | undefined> => ledger.nextCheckDue(START);
    assert.equal(await due(), undefined);
    await ledger.open(opening('A1'), later(900));
    await ledger.open(opening('A1'), later(5));
    assert.deepEqual(await due(), later(900));
    await ledger.issue(opening('A1'), ACCOUNT, START);
    assert.deepEqual(await due(), later(900));
    await ledger.issue(opening('A1'), ACCOUNT, START, later(1000));
    assert.deepEqual(await due(), later(900));
    await ledger.issue(opening('A1'), ACCOUNT, START, later(800));
    assert.deepEqual(await due(), later(800));
    await ledger.settle(report('A1', FAILED, later(1)));
    assert.deepEqual(await due(), later(800));
    await ledger.settle(report('A1', PAID, later(2)));
    assert.equal(await due(), undefined);
    await ledger.issue(opening('A1'), ACCOUNT, later(3), later(1000));
    assert.equal(await due(), undefined);
    await ledger.open(opening('B1'), later(900));
    await ledger.withdraw(opening('B1'), REFUSED, later(1));
    assert.equal(await due(), undefined);
    await openPending(ledger, 'C1');
    assert.equal(await due(), undefined);
  },

  'claims the checks that are due, the longest due first, for one caller at a time': async ({ ledger }) => {
    await Promise.all(Array.from({ length: 10 }, (_, i) => ledger.open(opening(`A${i}`), later(100 - i))));
    assert.deepEqual(await claimOrders(ledger, later(90), 10), []);
    assert.deepEqual(await claimOrders(ledger, later(93), 0), []);
    assert.deepEqual(await claimOrders(ledger, later(93), 2), ['A9', 'A8']);
    const rest = await Promise.all(Array.from({ length: 10 }, () => claimOrders(ledger, later(100), 3)));
    assert.deepEqual(rest.flat().sort(), ['A0', 'A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7']);
    assert.deepEqual(await ledger.nextCheckDue(later(100)), later(93 + LEASE_SECONDS));
    assert.deepEqual((await claimOrders(ledger, later(93 + LEASE_SECONDS), 10)).sort(), ['A8', 'A9']);
  },

  'claims with the payment as it is, and counts the checks that had no answer': async ({ ledger }) => {
    await ledger.open(opening('A1'), later(10));
    const issued = await ledger.issue(opening('A1'), ACCOUNT, later(1));
    const check = await claimCheck(ledger, 10, 20);
    assert.deepEqual(check, { payment: issued, failures: 0, leaseUntil: later(20) });
    assert.equal(await ledger.scheduleCheck(check, { at: later(30), failures: 4 }), true);
    assert.deepEqual(await claimOrders(ledger, later(29), 10), []);
    const again = await claimCheck(ledger, 30, 60);
    assert.equal(again.failures, 4);
    assert.equal(await ledger.scheduleCheck(again, { failures: 0 }), true);
    assert.equal(await ledger.nextCheckDue(later(60)), undefined);
  },

  'claims the checks of one merchant, where only one is asked for': async ({ ledger }) => {
    await ledger.open(opening('A1'), later(10));
    await ledger.open({ ...opening('A1'), merchantNo: '1265' }, later(20));
    assert.deepEqual(await ledger.nextCheckDue(START, '1265'), later(20));
    const claim = { now: later(30), leaseUntil: later(60), limit: 10, merchantNo: '1265' };
    const { checks } = await ledger.claimChecks(claim);
    assert.deepEqual(
      checks.map(({ payment }) => payment.merchantNo),
      ['1265'],
    );
    assert.deepEqual(await ledger.nextCheckDue(later(30), MERCHANT), later(10));
    assert.deepEqual(await ledger.nextCheckDue(later(30)), later(10));
  },

  'takes no schedule from a claim that lapsed, and none for what is paid': async ({ ledger }) => {
    await openPending(ledger, 'A1');
    await ledger.requestCheck(opening('A1'), later(10));
    const lapsed = await claimCheck(ledger, 10, 20);
    const held = await claimCheck(ledger, 20, 40);
    assert.equal(await ledger.scheduleCheck(lapsed, { at: later(99), failures: 1 }), false);
    assert.deepEqual(await ledger.nextCheckDue(later(20)), later(40));
    await ledger.settle(report('A1', PAID, later(21)));
    assert.equal(await ledger.scheduleCheck(held, { at: later(99), failures: 1 }), false);
    assert.equal(await ledger.nextCheckDue(later(21)), undefined);
  },

  'brings a check forward on request, also while another is under way': async ({ ledger }) => {
    await openPending(ledger, 'A1');
    assert.equal(await ledger.requestCheck(opening('A1'), later(50)), true);
    assert.deepEqual(await ledger.nextCheckDue(START), later(50));
    const check = await claimCheck(ledger, 60, 1200);
    assert.equal(await ledger.requestCheck(opening('A1'), later(400)), true);
    assert.equal(await ledger.scheduleCheck(check, { at: later(900), failures: 0 }), false);
    assert.deepEqual(await ledger.nextCheckDue(later(400)), later(400));
    assert.equal(await ledger.requestCheck(opening('NONE'), later(400)), false);
    await ledger.settle(report('A1', PAID, later(401)));
    assert.equal(await ledger.requestCheck(opening('A1'), later(1500)), false);
    assert.equal(await ledger.nextCheckDue(later(1500)), undefined);
  },

  'brings a check forward once in five minutes, however often it is asked to': async ({ ledger }) => {
    await openPending(ledger, 'A1');
    await ledger.requestCheck(opening('A1'), later(10));
    await ledger.scheduleCheck(await claimCheck(ledger, 10, 20), { at: later(9000), failures: 0 });
    assert.equal(await ledger.requestCheck(opening('A1'), later(11)), true);
    assert.deepEqual(await ledger.nextCheckDue(later(11)), later(310));
    assert.equal(await ledger.requestCheck(opening('A1'), later(12)), false);
    const { reportedAmount: _amount, ...withoutAmount } = PAID;
    await ledger.settle(report('A1', withoutAmount, later(13)));
    assert.deepEqual(await ledger.nextCheckDue(later(13)), later(310));
  },

  'keeps the count of failures when a check is brought forward': async ({ ledger }) => {
    await ledger.open(opening('A1'), later(10));
    await ledger.scheduleCheck(await claimCheck(ledger, 10, 20), { at: later(500), failures: 3 });
    await ledger.requestCheck(opening('A1'), later(30));
    assert.equal((await claimCheck(ledger, 30, 60)).failures, 3);
  },

  'believes nothing that is to be confirmed, and makes its check due': async ({ ledger }) => {
    const { reportedAmount: _amount, ...withoutAmount } = PAID;
    await ledger.open(opening('A1'), later(900));
    const settled = await ledger.settle(report('A1', withoutAmount, later(1)));
    assert.equal(settled.unconfirmed, true);
    assert.deepEqual(await ledger.nextCheckDue(later(1)), later(1));
    await ledger.open(opening('A2'));
    const doubted = await ledger.settle({ ...report('A2', PAID, later(2)), mustConfirm: true });
    assert.deepEqual([doubted.payment?.state, doubted.events, doubted.unconfirmed], ['opening', [], true]);
    assert.deepEqual(await claimOrders(ledger, later(2), 10), ['A1', 'A2']);
    const asked = await ledger.settle(report('A2', withoutAmount, later(3), 'query'));
    assert.equal(asked.unconfirmed, true);
    assert.deepEqual(await ledger.nextCheckDue(later(3)), later(2 + LEASE_SECONDS));
    assert.deepEqual((await ledger.timeline(opening('A2'))).map(line), [
      'notification paid opening-opening',
      'query paid opening-opening',
    ]);
  },

  'gives a lease to one holder at a time, until it lapses or is dropped': async ({ ledger }) => {
    assert.equal(await ledger.takeLease('sweep', 'a', START, later(10)), true);
    assert.equal(await ledger.takeLease('sweep', 'b', later(9), later(20)), false);
    assert.equal(await ledger.takeLease('other', 'b', later(9), later(20)), true);
    assert.equal(await ledger.takeLease('sweep', 'a', later(9), later(19)), true);
    assert.equal(await ledger.takeLease('sweep', 'b', later(18), later(30)), false);
    assert.equal(await ledger.takeLease('sweep', 'b', later(19), later(30)), true);
    await ledger.dropLease('sweep', 'a', later(20));
    assert.equal(await ledger.takeLease('sweep', 'a', later(20), later(30)), false);
    await ledger.dropLease('sweep', 'b', later(20));
    const takers = ['c', 'd', 'e', 'f'].map((holder) => ledger.takeLease('sweep', holder, later(20), later(30)));
    assert.equal((await Promise.all(takers)).filter(Boolean).length, 1);
  },
};

const LEASE_SECONDS = 1000;

/** Claims, and tells the orders. */
async function claimOrders(ledger: Ledger, now: Date, limit: number): Promise<string[]> {
  const leaseUntil = new Date(now.getTime() + LEASE_SECONDS * 1000);
  const { checks } = await ledger.claimChecks({ now, leaseUntil, limit });
  return checks.map(({ payment }) => payment.orderNo);
}

/** Claims the one check that is due. */
async function claimCheck(ledger: Ledger, seconds: number, untilSeconds: number): Promise<DueCheck> {
  const leaseUntil = later(untilSeconds);
  const { checks } = await ledger.claimChecks({ now: later(seconds), leaseUntil, limit: 10 });
  const [check, ...others] = checks;
  assert(check && others.length === 0);
  return { ...check, leaseUntil };
}
