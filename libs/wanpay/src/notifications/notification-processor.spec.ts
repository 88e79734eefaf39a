import { describe, expect, it, jest } from '@jest/globals';
import { PLATFORM_BASE_URL } from '../platform/platform.js';
import { Ledger } from '../ledger/ledger.js';
import type { AtmEvent } from '../ledger/events.js';
import type { Payment, PaymentState } from '../ledger/payment.js';
import { MemoryStore } from '../ledger/stores/memory/memory-store.js';
import type { Clock, Notification, Outcome, VirtualAccount } from '../protocol/index.js';
import { NotificationProcessor, type NotificationProcessorSettings } from './notification-processor.js';

const NOW = new Date('2022-07-22T03:00:00Z');
const CLOCK: Clock = { now: () => NOW, after: () => () => undefined };
const KEY = { merchantNo: '1265', orderNo: 'A1' };
const PAID: Outcome = {
  status: 'paid',
  code: '0000',
  reportedAmount: '1280',
  payer: { bankCode: '822', account: '0004123456789012' },
};

const ACCOUNT: VirtualAccount = {
  number: '46710722851832',
  bankCode: '013',
  bankName: '國泰世華商業銀行',
  branchCode: '2022',
  branchName: '大昌分行',
  holder: '旺沛大數位股份有限公司',
  expiresAt: new Date('2026-03-05T15:59:59Z'),
};

function saying(outcome: Outcome, key = KEY): Notification {
  return { ...key, timestamp: NOW, outcome };
}

async function setUp({
  state = 'pending',
  ...more
}: { state?: PaymentState } & Partial<NotificationProcessorSettings> = {}): Promise<{
  ledger: Ledger;
  events: readonly AtmEvent[];
  processor: NotificationProcessor;
  onCheckDue: jest.Mock<() => void>;
}> {
  const ledger = new Ledger(new MemoryStore());
  const events: AtmEvent[] = [];
  ledger.onEvents((recorded) => events.push(...recorded));
  const payment: Payment = { ...KEY, state, amount: 1280, livemode: true, createdAt: NOW, updatedAt: NOW };
  await ledger.open({ ...payment, ...(state === 'opening' ? {} : { account: ACCOUNT }) });
  const onCheckDue = jest.fn<() => void>();
  const settings: NotificationProcessorSettings = {
    baseUrl: PLATFORM_BASE_URL,
    payerAccount: 'masked',
    confirmPaidByQuery: false,
    timestampWindowSeconds: 660,
    ...more,
  };
  return { ledger, events, processor: new NotificationProcessor(ledger, CLOCK, onCheckDue, settings), onCheckDue };
}

describe('a timely notification', () => {
  it('is in the ledger when it was received, with the payer’s account masked', async () => {
    const { ledger, processor, onCheckDue } = await setUp();
    await processor.receive({ notification: saying(PAID), timely: true });
    expect(await ledger.find(KEY)).toMatchObject({
      state: 'paid',
      payer: { bankCode: '822', account: '***********89012' },
    });
    expect(onCheckDue).not.toHaveBeenCalled();
  });

  it('of an order that is not here records atm.unknown_order and asks nobody', async () => {
    const { events, processor, onCheckDue } = await setUp({ confirmPaidByQuery: true });
    const notification = saying(PAID, { merchantNo: '1265', orderNo: 'STRANGER' });
    await processor.receive({ notification, timely: true });
    expect(events).toMatchObject([{ type: 'atm.unknown_order', orderNo: 'STRANGER', livemode: true }]);
    expect(JSON.stringify(events)).not.toContain('0004123456789012');
    expect(onCheckDue).not.toHaveBeenCalled();
  });

  it('that says paid without an amount makes a check due, and is not believed', async () => {
    const { ledger, processor, onCheckDue } = await setUp();
    await processor.receive({ notification: saying({ status: 'paid', code: '0000' }), timely: true });
    expect(onCheckDue).toHaveBeenCalledTimes(1);
    expect(await ledger.nextCheckDue(NOW)).toEqual(NOW);
    expect(await ledger.find(KEY)).toMatchObject({ state: 'pending' });
  });

  it('that says paid makes a check due where a query is to confirm it, and other outcomes are believed', async () => {
    const { ledger, events, processor, onCheckDue } = await setUp({ confirmPaidByQuery: true });
    await processor.receive({ notification: saying(PAID), timely: true });
    expect(onCheckDue).toHaveBeenCalledTimes(1);
    expect(await ledger.nextCheckDue(NOW)).toEqual(NOW);
    expect(await ledger.find(KEY)).toMatchObject({ state: 'pending' });
    expect(events).toEqual([]);
    await processor.receive({ notification: saying({ status: 'failed', code: '5805' }), timely: true });
    expect(await ledger.find(KEY)).toMatchObject({ state: 'failed' });
  });

  it('is not acknowledged when the ledger fails', async () => {
    const { ledger, processor } = await setUp();
    jest.spyOn(ledger, 'settle').mockRejectedValue(new Error('disk full'));
    await expect(processor.receive({ notification: saying(PAID), timely: true })).rejects.toThrow('disk full');
  });
});

it('a status that the protocol does not list is recorded, and makes a check due', async () => {
  const { ledger, processor, onCheckDue } = await setUp();
  await processor.receive({ notification: saying({ status: 'unknown', code: '900' }), timely: true });
  expect(onCheckDue).toHaveBeenCalledTimes(1);
  expect(await ledger.nextCheckDue(NOW)).toEqual(NOW);
  expect(await ledger.timeline(KEY)).toMatchObject([{ outcome: { code: '900' } }]);
});

describe('a stale notification', () => {
  const stale = { notification: saying(PAID), timely: false };
  const DAY_MS = 86_400_000;

  /** A notification that was signed so long before our clock's time; a negative one is ahead of it. */
  function signedBefore(ms: number): { notification: Notification; timely: boolean } {
    return { notification: { ...saying(PAID), timestamp: new Date(NOW.getTime() - ms) }, timely: false };
  }

  it.each([
    [720_000, "Its timestamp is 12 minutes behind this host's clock, and 11 minutes are allowed."],
    [-720_000, "Its timestamp is 12 minutes ahead of this host's clock, and 11 minutes are allowed."],
    [8 * 3_600_000, 'Its timestamp is 8 hours behind'],
    [3 * DAY_MS, 'Its timestamp is 3 days behind'],
  ])('of %d ms is refused in words that name the clock and the offset', async (ms, words) => {
    const { processor } = await setUp();
    await expect(processor.receive(signedBefore(ms))).rejects.toThrow(words);
  });

  it.each([
    [7 * DAY_MS, 1],
    [7 * DAY_MS + 1, 0],
  ])('of %d ms makes %d checks due, since an older one is a copy and no news', async (ms, checks) => {
    const { processor, onCheckDue } = await setUp();
    await expect(processor.receive(signedBefore(ms))).rejects.toMatchObject({ reason: 'stale' });
    expect(onCheckDue).toHaveBeenCalledTimes(checks);
  });

  it('is refused and not believed, but makes a check due', async () => {
    const { ledger, processor, onCheckDue } = await setUp();
    await expect(processor.receive(stale)).rejects.toMatchObject({ reason: 'stale', httpStatus: 400 });
    expect(onCheckDue).toHaveBeenCalledTimes(1);
    expect(await ledger.nextCheckDue(NOW)).toEqual(NOW);
    expect(await ledger.find(KEY)).toMatchObject({ state: 'pending' });
  });

  it('of a paid payment asks nobody', async () => {
    const { ledger, processor, onCheckDue } = await setUp({ state: 'paid' });
    await expect(processor.receive(stale)).rejects.toMatchObject({ reason: 'stale' });
    expect(onCheckDue).not.toHaveBeenCalled();
    expect(await ledger.nextCheckDue(NOW)).toBeUndefined();
  });

  it('of an order that is not here asks nobody and records nothing', async () => {
    const { events, processor, onCheckDue } = await setUp();
    const notification = saying(PAID, { merchantNo: '1265', orderNo: 'STRANGER' });
    await expect(processor.receive({ notification, timely: false })).rejects.toMatchObject({ reason: 'stale' });
    expect(onCheckDue).not.toHaveBeenCalled();
    expect(events).toEqual([]);
  });
});
