import { describe, expect, it, jest } from '@jest/globals';
import { Ledger } from '../ledger/ledger.js';
import type { PaymentState } from '../ledger/payment.js';
import { MemoryStore } from '../ledger/stores/memory/memory-store.js';
import type { Merchant } from '../platform/merchants.js';
import { type Fields, signNotification, toTimestamp } from '../protocol/index.js';
import { CheckExpediter } from './check-expediter.js';
import { readLoosely } from './loose-message.js';

const START = new Date('2027-01-05T04:00:00Z');
const DAY_MS = 86_400_000;
const PAYMENTS = 12;
const MERCHANTS: readonly Merchant[] = [
  { merchantNo: 'M1', keys: ['key-1'] },
  { merchantNo: 'M2', keys: ['key-2'] },
];

interface Parts {
  readonly expediter: CheckExpediter;
  readonly ledger: Ledger;
  /** How many checks fell due. */
  readonly due: () => number;
  readonly pass: (ms: number) => void;
  readonly find: jest.Mock<(merchantNo: string) => Merchant | undefined>;
}

async function setUp({
  queriesPerSecond = 5,
  state = 'pending',
}: { queriesPerSecond?: number; state?: PaymentState } = {}): Promise<Parts> {
  const ledger = new Ledger(new MemoryStore());
  for (const { merchantNo } of MERCHANTS) {
    for (let i = 0; i < PAYMENTS; i += 1) {
      const times = { createdAt: START, updatedAt: START };
      await ledger.open({ merchantNo, orderNo: `A${i}`, state, amount: 1280, livemode: true, ...times });
    }
  }
  let now = START;
  const clock = { now: () => now, after: () => () => undefined };
  const onCheckDue = jest.fn<() => void>();
  const find = jest.fn((no: string) => MERCHANTS.find(({ merchantNo }) => merchantNo === no));
  return {
    expediter: new CheckExpediter(ledger, { find }, clock, onCheckDue, { queriesPerSecond }),
    ledger,
    due: () => onCheckDue.mock.calls.length,
    pass: (ms) => (now = new Date(now.getTime() + ms)),
    find,
  };
}

function message(fields: Fields, key?: string): NonNullable<ReturnType<typeof readLoosely>> {
  const all = { orgno: 'M1', out_trade_no: 'A0', status: '0000', secondtimestamp: toTimestamp(START), ...fields };
  const read = readLoosely(key === undefined ? all : signNotification(all, key));
  if (!read) throw new Error('The message names nobody.');
  return read;
}

describe('a message that is signed', () => {
  it('makes its payment’s check due at once, whatever others cause', async () => {
    const { expediter, ledger, due } = await setUp();
    for (let i = 0; i < PAYMENTS; i += 1)
      await expediter.expedite(message({ out_trade_no: `A${i}`, result: 'x&a=b' }, 'key-1'));
    expect(due()).toBe(12);
    expect(await ledger.nextCheckDue(START)).toEqual(START);
  });

  it.each([
    [7 * DAY_MS, 1],
    [7 * DAY_MS + 1000, 0],
  ])('makes one %d ms old make %d checks due', async (ms, checks) => {
    const { expediter, due, pass } = await setUp();
    pass(ms);
    await expediter.expedite(message({}, 'key-1'));
    expect(due()).toBe(checks);
  });
});

describe('a message that is not signed', () => {
  it.each([
    [1, 1],
    [5, 1],
    [9, 1],
    [10, 2],
    [20, 4],
  ])('takes of %d queries a second %d for each merchant', async (queriesPerSecond, share) => {
    const { expediter, due, pass } = await setUp({ queriesPerSecond });
    const sendAll = async (orgno: string): Promise<void> => {
      for (let i = 0; i < PAYMENTS; i += 1)
        await expediter.expedite(message({ orgno, out_trade_no: `A${i}`, sign: '0' }));
    };
    await sendAll('M1');
    expect(due()).toBe(share);
    await sendAll('M2');
    expect(due()).toBe(2 * share);
    pass(999);
    await sendAll('M1');
    expect(due()).toBe(2 * share);
    pass(1);
    await sendAll('M2');
    expect(due()).toBe(3 * share);
  });

  it('of another merchant’s key counts as not signed', async () => {
    const { expediter, due } = await setUp();
    for (let i = 0; i < 3; i += 1) await expediter.expedite(message({ out_trade_no: `A${i}` }, 'key-2'));
    expect(due()).toBe(1);
  });
});

describe('a message without fields', () => {
  it('takes the same share, and has no registry asked beyond it', async () => {
    const { expediter, due, find } = await setUp();
    for (let i = 0; i < PAYMENTS; i += 1) await expediter.expedite({ merchantNo: 'M1', orderNo: `A${i}` });
    expect(due()).toBe(1);
    expect(find).toHaveBeenCalledTimes(1);
  });

  it('is not counted for ever more merchants', async () => {
    const { expediter, find } = await setUp();
    for (let i = 0; i < 3000; i += 1) await expediter.expedite({ merchantNo: `X${i}`, orderNo: 'A1' });
    expect(find.mock.calls.length).toBeLessThan(1100);
  });
});

describe('a message about what is not known, or needs no check', () => {
  it('makes none due and records nothing', async () => {
    const { expediter, ledger, due } = await setUp();
    await expediter.expedite(message({ out_trade_no: 'B1' }, 'key-1'));
    await expediter.expedite(message({ orgno: 'M3' }, 'key-1'));
    expect(due()).toBe(0);
    expect(await ledger.timeline({ merchantNo: 'M1', orderNo: 'B1' })).toEqual([]);
  });

  it('makes none due when the payment is paid', async () => {
    const { expediter, due } = await setUp({ state: 'paid' });
    await expediter.expedite(message({}, 'key-1'));
    expect(due()).toBe(0);
  });

  it('fails when the registry does, and makes none due', async () => {
    const { expediter, due, find } = await setUp();
    find.mockImplementation(() => {
      throw new Error('database down');
    });
    await expect(expediter.expedite(message({}, 'key-1'))).rejects.toThrow('database down');
    expect(due()).toBe(0);
  });
});
