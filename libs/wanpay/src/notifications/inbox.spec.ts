import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ResultUnknownError } from '../gateway/errors.js';
import { PLATFORM_BASE_URL } from '../gateway/platform.js';
import { MemoryLedger } from '../ledger/memory/memory-ledger.js';
import type { Payment, PaymentState } from '../ledger/payment.js';
import type { Clock, Notification, Outcome } from '../protocol/index.js';
import { type Confirm, Inbox } from './inbox.js';

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

async function setUp(state: PaymentState = 'pending'): Promise<{
  ledger: MemoryLedger;
  inbox: Inbox;
  confirm: jest.Mock<Confirm>;
}> {
  const ledger = new MemoryLedger();
  const payment: Payment = { ...KEY, state, amount: 1280, livemode: true, createdAt: NOW, updatedAt: NOW };
  await ledger.open(payment);
  const confirm = jest.fn<Confirm>().mockResolvedValue(undefined);
  const settings = { baseUrl: PLATFORM_BASE_URL, payerAccount: 'masked' } as const;
  return { ledger, inbox: new Inbox(ledger, CLOCK, confirm, settings), confirm };
}

/** Lets everything happen that waits for nothing but its turn. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('a timely notification', () => {
  it('is in the ledger when it was received, with the payer’s account masked', async () => {
    const { ledger, inbox, confirm } = await setUp();
    await inbox.receive({ notification: saying(PAID), timely: true });
    expect(await ledger.find(KEY)).toMatchObject({
      state: 'paid',
      payer: { bankCode: '822', account: '***********89012' },
    });
    expect(confirm).not.toHaveBeenCalled();
  });

  it('of an order that is not here owes atm.unmatched and asks nobody', async () => {
    const { ledger, inbox, confirm } = await setUp();
    const notification = saying(PAID, { merchantNo: '1265', orderNo: 'STRANGER' });
    await inbox.receive({ notification, timely: true });
    const [owed] = await ledger.claim(NOW, NOW, 1);
    expect(owed?.event).toMatchObject({ type: 'atm.unmatched', orderNo: 'STRANGER', livemode: true });
    expect(JSON.stringify(owed)).not.toContain('0004123456789012');
    expect(confirm).not.toHaveBeenCalled();
  });

  it('that says paid without an amount is confirmed before it is acknowledged', async () => {
    const { inbox, confirm } = await setUp();
    let answer: () => void = () => undefined;
    confirm.mockReturnValue(new Promise<void>((resolve) => (answer = resolve)));
    const acknowledged = jest.fn();
    const received = inbox.receive({ notification: saying({ status: 'paid', code: '0000' }), timely: true });
    void received.then(acknowledged);
    await quiet();
    expect(confirm.mock.calls).toStrictEqual([['1265', 'A1']]);
    expect(acknowledged).not.toHaveBeenCalled();
    answer();
    await received;
  });

  it('that could not be confirmed is not acknowledged', async () => {
    const { inbox, confirm } = await setUp();
    confirm.mockRejectedValue(new ResultUnknownError('HTTP 502'));
    const receiving = inbox.receive({ notification: saying({ status: 'paid', code: '0000' }), timely: true });
    await expect(receiving).rejects.toBeInstanceOf(ResultUnknownError);
  });

  it('is not acknowledged when the ledger fails', async () => {
    const { ledger, inbox } = await setUp();
    jest.spyOn(ledger, 'settle').mockRejectedValue(new Error('disk full'));
    await expect(inbox.receive({ notification: saying(PAID), timely: true })).rejects.toThrow('disk full');
  });
});

describe('a stale notification', () => {
  const stale = { notification: saying(PAID), timely: false };

  it('is refused and not believed, but the platform is asked', async () => {
    const { ledger, inbox, confirm } = await setUp();
    await expect(inbox.receive(stale)).rejects.toMatchObject({ reason: 'stale', httpStatus: 400 });
    await quiet();
    expect(confirm.mock.calls).toStrictEqual([['1265', 'A1']]);
    expect(await ledger.find(KEY)).toMatchObject({ state: 'pending' });
  });

  it('of a paid payment asks nobody', async () => {
    const { inbox, confirm } = await setUp('paid');
    await expect(inbox.receive(stale)).rejects.toMatchObject({ reason: 'stale' });
    await quiet();
    expect(confirm).not.toHaveBeenCalled();
  });

  it('of an order that is not here asks nobody and owes nothing', async () => {
    const { ledger, inbox, confirm } = await setUp();
    const notification = saying(PAID, { merchantNo: '1265', orderNo: 'STRANGER' });
    await expect(inbox.receive({ notification, timely: false })).rejects.toMatchObject({ reason: 'stale' });
    await quiet();
    expect(confirm).not.toHaveBeenCalled();
    expect(await ledger.nextDue()).toBeUndefined();
  });

  it('is refused all the same when the platform can’t be asked, and nothing is left unhandled', async () => {
    const { inbox, confirm } = await setUp();
    confirm.mockRejectedValue(new ResultUnknownError('HTTP 502'));
    await expect(inbox.receive(stale)).rejects.toMatchObject({ reason: 'stale' });
    await quiet();
    expect(confirm).toHaveBeenCalledTimes(1);
  });
});
