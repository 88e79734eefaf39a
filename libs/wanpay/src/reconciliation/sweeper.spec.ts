import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { HttpService } from '@nestjs/axios';
import {
  UnknownMerchantError,
  MalformedReplyError,
  PlatformRefusedError,
  ResultUnknownError,
} from '../platform/errors.js';
import { PlatformClient } from '../platform/platform-client.js';
import { Ledger } from '../ledger/ledger.js';
import type { Payment, PaymentKey } from '../ledger/payment.js';
import { MemoryStore } from '../ledger/stores/memory/memory-store.js';
import { type Cancel, type Clock, expiryAfter, type Outcome } from '../protocol/index.js';
import { PaymentChecker } from './payment-checker.js';
import { Reconciliation } from './reconciliation.js';
import { Sweeper, type SweepSettings } from './sweeper.js';

const START = new Date('2026-03-02T02:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const UNPAID: Outcome = { status: 'unpaid', code: '5801' };
const PAID: Outcome = { status: 'paid', code: '0000', reportedAmount: '1280' };

/** A clock that the test moves; timers fire when it passes them. */
class TestClock implements Clock {
  private time = START.getTime();
  private timers: { readonly due: number; readonly task: () => void }[] = [];

  now(): Date {
    return new Date(this.time);
  }

  after(delay: number, task: () => void): Cancel {
    const timer = { due: this.time + delay, task };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  get nextTimer(): number | undefined {
    return this.timers.length === 0 ? undefined : Math.min(...this.timers.map(({ due }) => due)) - this.time;
  }

  move(ms: number): void {
    this.time += ms;
    const due = this.timers.filter((timer) => timer.due <= this.time);
    this.timers = this.timers.filter((timer) => timer.due > this.time);
    for (const { task } of due) task();
  }
}

/** A platform that answers as the test tells it to. */
class ScriptedClient extends PlatformClient {
  readonly answer = jest.fn<(orderNo: string) => Promise<Outcome | undefined>>().mockResolvedValue(UNPAID);

  override queryOrder(_merchantNo: string, orderNo: string): Promise<Outcome | undefined> {
    return this.answer(orderNo);
  }
}

interface SetUp {
  readonly clock: TestClock;
  readonly ledger: Ledger;
  readonly client: ScriptedClient;
  readonly checker: PaymentChecker;
  readonly sweeper: Sweeper;
}

const SETTINGS: SweepSettings = {
  firstCheckMinutes: 15,
  growth: 2,
  longestPauseHours: 12,
  afterDeadlineMinutes: [5, 65],
  lastLookDays: [3],
  jitter: 0,
  concurrency: 4,
  timeoutMs: 10_000,
  onlyMerchantNo: '1265',
  isScheduled: false,
};

function setUp(queriesPerSecond = 5, settings: SweepSettings = SETTINGS): SetUp {
  const clock = new TestClock();
  const ledger = new Ledger(new MemoryStore());
  const client = new ScriptedClient(new HttpService(), { find: () => undefined }, clock, {
    baseUrl: 'http://127.0.0.1',
    timeoutMs: 1000,
  });
  const checker = new PaymentChecker(ledger, client, clock, { queriesPerSecond, payerAccount: 'masked' });
  return { clock, ledger, client, checker, sweeper: new Sweeper(ledger, checker, clock, settings, () => 1) };
}

async function open(ledger: Ledger, orderNo: string, dueIn = 0, merchantNo = '1265'): Promise<PaymentKey> {
  const key = { merchantNo, orderNo };
  const payment: Payment = {
    ...key,
    state: 'opening',
    amount: 1280,
    livemode: true,
    createdAt: START,
    updatedAt: START,
  };
  await ledger.open(payment, new Date(START.getTime() + dueIn));
  const account = {
    number: '46710722851832',
    bankCode: '013',
    bankName: '',
    branchCode: '',
    branchName: '',
    holder: '',
    expiresAt: expiryAfter(START, 3),
  };
  await ledger.issue(key, account, START);
  return key;
}

function later(ms: number): Date {
  return new Date(START.getTime() + ms);
}

let log: { readonly level: string; readonly message: string }[];
beforeEach(() => {
  log = [];
  for (const level of ['log', 'warn', 'error'] as const) {
    jest.spyOn(Logger.prototype, level).mockImplementation((message: unknown) => {
      log.push({ level, message: String(message) });
    });
  }
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('a sweep', () => {
  it('asks after what is due and nothing else, settles the answer, and plans the next check', async () => {
    const { ledger, client, sweeper, clock } = setUp();
    const [paid, unpaid] = [await open(ledger, 'A1'), await open(ledger, 'A2')];
    await open(ledger, 'A3', 1);
    client.answer.mockImplementation((orderNo) => Promise.resolve(orderNo === 'A1' ? PAID : UNPAID));
    expect(await sweeper.sweep()).toEqual({ answered: 2, changed: 1, failed: 0 });
    expect(client.answer.mock.calls.flat().sort()).toEqual(['A1', 'A2']);
    expect(await ledger.find(paid)).toMatchObject({ state: 'paid' });
    expect(await ledger.find(unpaid)).toMatchObject({ state: 'pending' });
    const events = (await ledger.timeline(paid)).flatMap((entry) => (entry.kind === 'event' ? [entry.type] : []));
    expect(events).toEqual(['atm.issued', 'atm.paid']);
    const claim = { now: later(15 * MINUTE), leaseUntil: later(HOUR), limit: 1, merchantNo: '1265' };
    expect((await ledger.claimChecks(claim)).checks[0]).toMatchObject({ payment: { orderNo: 'A3' } });
    expect(await ledger.nextCheckDue(clock.now())).toEqual(later(15 * MINUTE));
  });

  it('is one at a time in a process, and one at a time over all processes', async () => {
    const { ledger, client, sweeper, checker, clock } = setUp();
    await open(ledger, 'A1');
    let answer: (outcome: Outcome) => void = () => undefined;
    client.answer.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const first = sweeper.sweep();
    expect(sweeper.sweep()).toBe(first);
    const other = new Sweeper(ledger, checker, clock, SETTINGS);
    await open(ledger, 'A2');
    expect(await other.sweep()).toEqual({ answered: 0, changed: 0, failed: 0 });
    answer(UNPAID);
    expect(await first).toMatchObject({ answered: 2 });
    await open(ledger, 'A4');
    expect(await other.sweep()).toMatchObject({ answered: 1 });
  });

  it('sends no more queries in a second than a merchant may, and goes on in the next', async () => {
    const { ledger, client, sweeper, clock } = setUp(2);
    for (const orderNo of ['A1', 'A2', 'A3', 'A4', 'A5']) await open(ledger, orderNo);
    const asked: number[] = [];
    for (let second = 0; second < 3; second += 1) {
      await sweeper.sweep();
      asked.push(client.answer.mock.calls.length);
      clock.move(1000);
    }
    expect(asked).toEqual([2, 4, 5]);
  });

  it('lets no merchant that is over its rate hold up another', async () => {
    const { onlyMerchantNo: _only, ...all } = SETTINGS;
    const { ledger, client, sweeper, clock } = setUp(2, all);
    for (let i = 0; i < 300; i += 1) await open(ledger, `A${i}`, -1);
    for (let i = 0; i < 2; i += 1) await open(ledger, `B${i}`, 0, '1266');
    await sweeper.sweep();
    const asked = client.answer.mock.calls.flat();
    expect(asked).toHaveLength(4);
    expect(asked).toEqual(expect.arrayContaining(['B0', 'B1']));
    for (let second = 0; second < 152; second += 1) {
      clock.move(1000);
      await sweeper.sweep();
    }
    expect(new Set(client.answer.mock.calls.flat()).size).toBe(302);
    expect(client.answer).toHaveBeenCalledTimes(302);
  });

  it('changes nothing without an answer, and asks again later and later', async () => {
    const { ledger, client, sweeper, clock } = setUp();
    const key = await open(ledger, 'A1');
    client.answer.mockRejectedValue(new MalformedReplyError('it is no JSON.'));
    const pauses: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      expect(await sweeper.sweep()).toEqual({ answered: 0, changed: 0, failed: 1 });
      const due = (await ledger.nextCheckDue(clock.now()))?.getTime() ?? 0;
      pauses.push((due - clock.now().getTime()) / MINUTE);
      clock.move(due - clock.now().getTime());
    }
    expect(pauses).toEqual([1, 2, 4, 8]);
    expect(await ledger.find(key)).toMatchObject({ state: 'pending' });
    expect(await ledger.timeline(key)).toHaveLength(1);
    expect(log).toEqual([{ level: 'warn', message: expect.stringContaining('A1 could not be checked 3 times') }]);
    client.answer.mockResolvedValue(UNPAID);
    await sweeper.sweep();
    expect(await ledger.nextCheckDue(clock.now())).toEqual(later(30 * MINUTE));
  });

  it('pauses while the platform gives no answer, says so once, and goes on when it does', async () => {
    const { ledger, client, sweeper, clock } = setUp(1000);
    for (let i = 0; i < 200; i += 1) await open(ledger, `A${i}`);
    client.answer.mockRejectedValue(new ResultUnknownError('HTTP 502'));
    for (let minute = 0; minute < 30; minute += 1) {
      await sweeper.sweep();
      clock.move(MINUTE);
    }
    expect(client.answer.mock.calls.length).toBeLessThan(20);
    expect(log).toEqual([{ level: 'error', message: expect.stringContaining('WanPay gave no answer 5 times') }]);
    client.answer.mockResolvedValue(PAID);
    for (let minute = 0; minute < 20; minute += 1) {
      await sweeper.sweep();
      clock.move(MINUTE);
    }
    expect(log).toHaveLength(2);
    expect(log[1]).toEqual({ level: 'log', message: expect.stringContaining('answers again') });
    const { states } = await ledger.summarize({ from: START, to: later(1) });
    expect(states).toMatchObject({ paid: 200, pending: 0 });
  });

  it('pauses for the merchant alone that is refused', async () => {
    const { onlyMerchantNo: _only, ...all } = SETTINGS;
    const { ledger, client, sweeper } = setUp(1000, all);
    for (let i = 0; i < 50; i += 1) await open(ledger, `A${i}`);
    for (let i = 0; i < 50; i += 1) await open(ledger, `B${i}`, 1, '1266');
    client.answer.mockImplementation((orderNo) => {
      if (orderNo.startsWith('B')) return Promise.resolve(PAID);
      return Promise.reject(
        Number(orderNo.slice(1)) % 2 ? new UnknownMerchantError('1265') : new PlatformRefusedError('913', 'query', ''),
      );
    });
    await sweeper.sweep();
    const asked = client.answer.mock.calls.flat();
    expect(asked.filter((orderNo) => orderNo.startsWith('A')).length).toBeLessThan(10);
    expect(log).toEqual([{ level: 'error', message: expect.stringContaining('for merchant 1265') }]);
  });

  it('asks no more after an order that the platform never took up', async () => {
    const { ledger, client, sweeper, clock } = setUp();
    const opening: Payment = {
      merchantNo: '1265',
      orderNo: 'A1',
      state: 'opening',
      amount: 11,
      livemode: true,
      createdAt: START,
      updatedAt: START,
    };
    await ledger.open(opening, START);
    client.answer.mockResolvedValue(undefined);
    await sweeper.sweep();
    expect(await ledger.nextCheckDue(clock.now())).toEqual(later(15 * MINUTE));
    clock.move(30 * MINUTE);
    await sweeper.sweep();
    expect(await ledger.nextCheckDue(clock.now())).toBeUndefined();
    expect(await ledger.find(opening)).toMatchObject({ state: 'failed', failure: { code: '5223' } });
    expect(log).toEqual([]);
  });

  it('goes on asking after a payment that the platform denies, and says so', async () => {
    const { ledger, client, sweeper, clock } = setUp();
    await open(ledger, 'A1');
    client.answer.mockResolvedValue(undefined);
    await sweeper.sweep();
    expect(await ledger.nextCheckDue(clock.now())).toEqual(later(15 * MINUTE));
    expect(log).toEqual([{ level: 'warn', message: expect.stringContaining('it has no order A1') }]);
  });
});

describe('sweeping by itself', () => {
  it('happens when a check falls due, and stops', async () => {
    const { ledger, client, sweeper, clock } = setUp();
    await open(ledger, 'A1', MINUTE);
    sweeper.start();
    await until(() => clock.nextTimer !== undefined);
    expect(clock.nextTimer).toBe(MINUTE);
    clock.move(MINUTE);
    await until(() => client.answer.mock.calls.length === 1 && clock.nextTimer !== undefined);
    expect(clock.nextTimer).toBe(5 * MINUTE);
    await sweeper.stop();
    expect(clock.nextTimer).toBeUndefined();
    await ledger.requestCheck({ merchantNo: '1265', orderNo: 'A1' }, clock.now());
    sweeper.wake();
    await sweeper.sweep();
    expect(client.answer).toHaveBeenCalledTimes(1);
  });

  it('misses no check that falls due while it sweeps', async () => {
    const { ledger, client, sweeper, clock } = setUp();
    await open(ledger, 'A1');
    const key = await open(ledger, 'A2', HOUR);
    const dropped = jest.spyOn(ledger, 'dropLease').mockImplementationOnce(async () => {
      await ledger.requestCheck(key, clock.now());
      sweeper.wake();
    });
    sweeper.start();
    await until(() => client.answer.mock.calls.length === 2);
    expect(dropped).toHaveBeenCalled();
    await sweeper.stop();
  });

  it('only makes sure, later, where something else sees to it', async () => {
    const { ledger, sweeper, clock } = setUp(5, { ...SETTINGS, isScheduled: true });
    await open(ledger, 'A1', MINUTE);
    sweeper.start();
    await until(() => clock.nextTimer !== undefined);
    expect(clock.nextTimer).toBe(3 * MINUTE);
    await sweeper.stop();
  });

  it('goes on after the ledger failed', async () => {
    const { ledger, client, sweeper, clock } = setUp();
    await open(ledger, 'A1');
    jest.spyOn(ledger, 'claimChecks').mockRejectedValueOnce(new Error('disk full'));
    sweeper.start();
    await until(() => clock.nextTimer !== undefined);
    expect(log).toEqual([{ level: 'error', message: expect.stringContaining('disk full') }]);
    clock.move(30_000);
    await until(() => client.answer.mock.calls.length === 1);
    await sweeper.stop();
  });
});

describe('reconciling a period', () => {
  it('asks after what is not paid, at the rate that is allowed, and counts', async () => {
    const { ledger, client, checker, clock } = setUp(2);
    for (const orderNo of ['A1', 'A2', 'A3', 'A4', 'A5']) await open(ledger, orderNo, HOUR);
    const report = { livemode: true, now: START, source: 'notification' } as const;
    await ledger.settle({ merchantNo: '1265', orderNo: 'A1', outcome: PAID, ...report });
    await ledger.settle({ merchantNo: '1265', orderNo: 'A2', outcome: { ...PAID, reportedAmount: '7' }, ...report });
    await ledger.settle({ merchantNo: '1265', orderNo: 'X1', outcome: PAID, ...report });
    client.answer.mockImplementation((orderNo) => {
      if (orderNo === 'A3') return Promise.resolve(PAID);
      return orderNo === 'A4' ? Promise.reject(new ResultUnknownError('HTTP 502')) : Promise.resolve(UNPAID);
    });
    const progress: string[] = [];
    const reconciliation = new Reconciliation(ledger, checker, clock, { concurrency: 4 });
    const reconciled = reconciliation.reconcile({ from: START, to: later(1) }, ({ done, total }) => {
      progress.push(`${done}/${total}`);
    });
    await until(() => client.answer.mock.calls.length === 2 && clock.nextTimer !== undefined);
    expect(clock.nextTimer).toBe(1000);
    clock.move(1000);
    expect(await reconciled).toEqual({
      from: START,
      to: later(1),
      payments: 5,
      checked: 3,
      unanswered: 1,
      settledByNotification: 1,
      settledByQuery: 1,
      needsReview: 1,
      unknownOrders: 1,
      stillOpen: 3,
    });
    expect(progress).toEqual(['1/4', '2/4', '3/4', '4/4']);
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !condition(); turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(condition()).toBe(true);
}
