import { describe, expect, it, jest } from '@jest/globals';
import { PLATFORM_BASE_URL } from '../gateway/platform.js';
import { MemoryLedger } from '../ledger/memory/memory-ledger.js';
import type { Payment, PaymentState } from '../ledger/payment.js';
import type { Clock, Notification, Outcome } from '../protocol/index.js';
import { Inbox, type InboxSettings } from './inbox.js';

const NOW = new Date('2022-07-22T03:00:00Z');
const CLOCK: Clock = { now: () => NOW, after: () => () => undefined };
const KEY = { merchantNo: '1265', orderNo: 'A1' };
const PAID: Outcome = {
  status: 'paid',
  code: '0000',
  reportedAmount: '1280',
  payer: { bankCode: '822', account: '0004123456789012' },
};

function saying(outcome: Outcome, key = KEY): Notification {
  return { ...key, timestamp: NOW, outcome };
}

async function setUp({ state = 'pending', ...more }: { state?: PaymentState } & Partial<InboxSettings> = {}): Promise<{
  ledger: MemoryLedger;
  inbox: Inbox;
  onCheckDue: jest.Mock<() => void>;
}> {
  const ledger = new MemoryLedger();
  const payment: Payment = { ...KEY, state, amount: 1280, livemode: true, createdAt: NOW, updatedAt: NOW };
  await ledger.open(payment);
  const onCheckDue = jest.fn<() => void>();
  const settings = { baseUrl: PLATFORM_BASE_URL, payerAccount: 'masked', ...more } as const;
  return { ledger, inbox: new Inbox(ledger, CLOCK, onCheckDue, settings), onCheckDue };
}

describe('a timely notification', () => {
  it('is in the ledger when it was received, with the payer’s account masked', async () => {
    const { ledger, inbox, onCheckDue } = await setUp();
    await inbox.receive({ notification: saying(PAID), timely: true });
    expect(await ledger.find(KEY)).toMatchObject({
      state: 'paid',
      payer: { bankCode: '822', account: '***********89012' },
    });
    expect(onCheckDue).not.toHaveBeenCalled();
  });

  it('of an order that is not here owes atm.unmatched and asks nobody', async () => {
    const { ledger, inbox, onCheckDue } = await setUp({ confirm: 'query' });
    const notification = saying(PAID, { merchantNo: '1265', orderNo: 'STRANGER' });
    await inbox.receive({ notification, timely: true });
    const [owed] = await ledger.claim(NOW, NOW, 1);
    expect(owed?.event).toMatchObject({ type: 'atm.unmatched', orderNo: 'STRANGER', livemode: true });
    expect(JSON.stringify(owed)).not.toContain('0004123456789012');
    expect(onCheckDue).not.toHaveBeenCalled();
  });

  it('that says paid without an amount makes a check due, and is not believed', async () => {
    const { ledger, inbox, onCheckDue } = await setUp();
    await inbox.receive({ notification: saying({ status: 'paid', code: '0000' }), timely: true });
    expect(onCheckDue).toHaveBeenCalledTimes(1);
    expect(await ledger.nextCheckDue()).toEqual(NOW);
    expect(await ledger.find(KEY)).toMatchObject({ state: 'pending' });
  });

  it('that says paid makes a check due where a query is to confirm it, and other news is believed', async () => {
    const { ledger, inbox, onCheckDue } = await setUp({ confirm: 'query' });
    await inbox.receive({ notification: saying(PAID), timely: true });
    expect(onCheckDue).toHaveBeenCalledTimes(1);
    expect(await ledger.nextCheckDue()).toEqual(NOW);
    expect(await ledger.find(KEY)).toMatchObject({ state: 'pending' });
    expect(await ledger.nextDue()).toBeUndefined();
    await inbox.receive({ notification: saying({ status: 'failed', code: '5805' }), timely: true });
    expect(await ledger.find(KEY)).toMatchObject({ state: 'failed' });
  });

  it('is not acknowledged when the ledger fails', async () => {
    const { ledger, inbox } = await setUp();
    jest.spyOn(ledger, 'settle').mockRejectedValue(new Error('disk full'));
    await expect(inbox.receive({ notification: saying(PAID), timely: true })).rejects.toThrow('disk full');
  });
});

describe('a stale notification', () => {
  const stale = { notification: saying(PAID), timely: false };

  it('is refused and not believed, but makes a check due', async () => {
    const { ledger, inbox, onCheckDue } = await setUp();
    await expect(inbox.receive(stale)).rejects.toMatchObject({ reason: 'stale', httpStatus: 400 });
    expect(onCheckDue).toHaveBeenCalledTimes(1);
    expect(await ledger.nextCheckDue()).toEqual(NOW);
    expect(await ledger.find(KEY)).toMatchObject({ state: 'pending' });
  });

  it('of a paid payment asks nobody', async () => {
    const { ledger, inbox, onCheckDue } = await setUp({ state: 'paid' });
    await expect(inbox.receive(stale)).rejects.toMatchObject({ reason: 'stale' });
    expect(onCheckDue).not.toHaveBeenCalled();
    expect(await ledger.nextCheckDue()).toBeUndefined();
  });

  it('of an order that is not here asks nobody and owes nothing', async () => {
    const { ledger, inbox, onCheckDue } = await setUp();
    const notification = saying(PAID, { merchantNo: '1265', orderNo: 'STRANGER' });
    await expect(inbox.receive({ notification, timely: false })).rejects.toMatchObject({ reason: 'stale' });
    expect(onCheckDue).not.toHaveBeenCalled();
    expect(await ledger.nextDue()).toBeUndefined();
  });
});
