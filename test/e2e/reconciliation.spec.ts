import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Payment, WanPayModuleOptions } from 'nestjs-wanpay';
import { type CheckSchedule, plannedChecks } from 'nestjs-wanpay/ledger';
import { type WanPayEmulator } from 'wanpay-emulator';
import { startForwardProxy } from './forward-proxy.js';
import { ADAPTERS, type Host, startHost } from './host.js';
import { notification, postForm } from './notification.js';
import { START, startPlatform } from './platform.js';
import { quiet, until } from './until.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** More often than any test needs. */
const ALWAYS = 100_000;
/** Fast enough that a whole sweep happens while the clock stands still. */
const UNBOUNDED = { queriesPerSecond: 1000, concurrency: 16 };

/** When the module checks unless it is told otherwise. */
const DEFAULT_SCHEDULE: CheckSchedule = {
  firstCheckMinutes: 15,
  growth: 2,
  longestPauseHours: 12,
  afterDeadlineMinutes: [5, 30, 65, 180, 720],
  lastLookDays: [3],
  jitter: 0.5,
};

/** Moves the clock on, step by step, and lets each step's sweep end before the next. */
async function pass(emulator: WanPayEmulator, host: Host, duration: number, step: number): Promise<void> {
  for (let passed = 0; passed < duration; passed += step) {
    await emulator.advance(Math.min(step, duration - passed));
    await host.wanpay.sweep();
  }
}

async function allPayments(host: Host): Promise<Payment[]> {
  const payments: Payment[] = [];
  for (let after: string | undefined; ;) {
    const page = await host.wanpay.listPayments({ limit: 1000, ...(after ? { after } : {}) });
    payments.push(...page.payments);
    after = page.next;
    if (!after) return payments;
  }
}

describe('payments whose notifications are all lost', () => {
  it('become paid by the schedule, each at the check that follows the payment, with no more queries than are planned', async () => {
    const ORDERS = 60;
    const STEP = 5 * MINUTE;
    const emulator = await startPlatform();
    emulator.faults.dropNotifications(ALWAYS);
    const proxy = await startForwardProxy();
    const proxied = { reconciliation: UNBOUNDED, proxy: `http://127.0.0.1:${proxy.port}` };
    const host = await startHost('Fastify', emulator, proxied);
    for (let i = 0; i < ORDERS; i += 1) {
      await host.wanpay.createPayment({ orderNo: `A${i}`, amount: 11 + i, validDays: 1 });
    }
    const planned = new Map((await allPayments(host)).map((payment) => [payment.orderNo, planOf(payment)]));

    // Payers transfer at any time until the deadline.
    const lifetime = emulator.order('A0').expiresAt.getTime() - START.getTime();
    const payAt = (i: number): number => START.getTime() + Math.floor((lifetime * i) / ORDERS);
    const paidAt = new Map<string, number>();
    while (emulator.clock.now().getTime() < START.getTime() + lifetime + DAY) {
      for (const now = emulator.clock.now().getTime(); paidAt.size < ORDERS && payAt(paidAt.size) <= now;) {
        const orderNo = `A${paidAt.size}`;
        await emulator.pay(orderNo);
        paidAt.set(orderNo, now);
      }
      await pass(emulator, host, STEP, STEP);
    }
    await pass(emulator, host, 3 * DAY, HOUR);

    expect(emulator.notifications()).toEqual([]);
    await until(() => host.handler.of('atm.paid').length >= ORDERS, 'every atm.paid is handled');
    expect(new Set(host.handler.of('atm.paid').map(({ orderNo }) => orderNo)).size).toBe(ORDERS);
    expect(host.handler.of('atm.paid')).toHaveLength(ORDERS);
    expect(host.handler.of('atm.expired')).toEqual([]);
    for (const event of host.handler.of('atm.paid')) {
      const paid = paidAt.get(event.orderNo) ?? Number.NaN;
      const check = planned.get(event.orderNo)?.find((at) => at > paid) ?? Number.NaN;
      expect(event.occurredAt.getTime()).toBeGreaterThanOrEqual(check);
      expect(event.occurredAt.getTime()).toBeLessThanOrEqual(check + STEP);
    }
    const queries = proxy.seen.filter(({ target }) => target.endsWith('orderquery')).length;
    const allowed = host.handler
      .of('atm.paid')
      .map(({ orderNo, occurredAt }) => planned.get(orderNo)?.filter((at) => at <= occurredAt.getTime()).length ?? 0)
      .reduce((sum, checks) => sum + checks, 0);
    expect(queries).toBeLessThanOrEqual(allowed);
    expect(queries).toBeGreaterThanOrEqual(ORDERS);
  }, 120_000);
});

function planOf(payment: Payment): number[] {
  return plannedChecks(payment, DEFAULT_SCHEDULE).map((at) => at.getTime());
}

describe('what the schedule brings to light', () => {
  let emulator: WanPayEmulator;
  let host: Host;
  const start = async (options: WanPayModuleOptions = { reconciliation: UNBOUNDED }): Promise<void> => {
    emulator = await startPlatform();
    host = await startHost('Express', emulator, options);
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 1280, validDays: 1 });
  };

  it('is that the order lapsed: the payment expires minutes after its deadline, on the platform’s word', async () => {
    await start();
    const deadline = emulator.order('A1').expiresAt.getTime() - START.getTime();
    await pass(emulator, host, deadline + 4 * MINUTE, 4 * MINUTE);
    expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'pending' });
    await pass(emulator, host, 20 * MINUTE, 5 * MINUTE);
    await until(() => host.handler.of('atm.expired').length === 1, 'atm.expired is handled');
    expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'expired' });
  });

  it('is that no money came: what is called unpaid expires once its grace is over', async () => {
    await start();
    emulator.faults.answer('query', { code: '5801' }, { times: ALWAYS });
    const deadline = emulator.order('A1').expiresAt.getTime() - START.getTime();
    await pass(emulator, host, deadline + HOUR, 10 * MINUTE);
    expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'pending' });
    await pass(emulator, host, 3 * HOUR, 10 * MINUTE);
    await until(() => host.handler.of('atm.expired').length === 1, 'atm.expired is handled');
  });

  it('is nothing while the platform is silent: no payment expires by the clock alone', async () => {
    await start();
    emulator.faults.answer('query', { httpStatus: 502 }, { times: ALWAYS });
    await pass(emulator, host, 10 * DAY, HOUR);
    expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'pending' });
    emulator.faults.clear();
    await pass(emulator, host, DAY, HOUR);
    expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'expired' });
  });

  it('is money that came after the payment had expired, and it is late', async () => {
    await start();
    emulator.faults.dropNotifications(ALWAYS);
    const deadline = emulator.order('A1').expiresAt.getTime() - START.getTime();
    await pass(emulator, host, deadline + 3 * HOUR, 30 * MINUTE);
    expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'expired' });
    await emulator.pay('A1');
    await pass(emulator, host, 3 * DAY, HOUR);
    await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
    expect(host.handler.of('atm.paid')).toMatchObject([{ late: true }]);
  });

  it('is a transfer at 23:59 that clears after midnight, and it is not late', async () => {
    await start();
    emulator.faults.dropNotifications(ALWAYS);
    const { expiresAt } = emulator.order('A1');
    await pass(emulator, host, expiresAt.getTime() - START.getTime() + 2 * MINUTE, 10 * MINUTE);
    await emulator.pay('A1', { at: new Date(expiresAt.getTime() - 30_000) });
    await pass(emulator, host, 30 * MINUTE, 5 * MINUTE);
    await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
    expect(host.handler.of('atm.expired')).toEqual([]);
  });

  it('is found again after an outage of the platform, which is told of once', async () => {
    await start();
    for (let i = 0; i < 60; i += 1) await host.wanpay.createPayment({ orderNo: `B${i}`, amount: 100, validDays: 3 });
    emulator.faults.dropNotifications(ALWAYS);
    for (let i = 0; i < 60; i += 1) await emulator.pay(`B${i}`);
    emulator.faults.answer('query', { httpStatus: 503 }, { times: ALWAYS });
    await pass(emulator, host, 6 * HOUR, 5 * MINUTE);
    expect(host.handler.of('atm.paid')).toEqual([]);
    emulator.faults.clear();
    await pass(emulator, host, DAY, 10 * MINUTE);
    await until(() => host.handler.of('atm.paid').length === 60, 'every atm.paid is handled');
    const told = host.log.lines.filter((line) => /gave no answer|answers again/.test(line));
    expect(told).toHaveLength(2);
  });

  it('comes no faster than the merchant may ask', async () => {
    const proxy = await startForwardProxy();
    await start({
      reconciliation: { queriesPerSecond: 3, jitter: 0 },
      proxy: `http://127.0.0.1:${proxy.port}`,
    });
    for (let i = 0; i < 29; i += 1) await host.wanpay.createPayment({ orderNo: `B${i}`, amount: 100 });
    await emulator.advance({ minutes: 15 });
    const asked: number[] = [];
    for (let second = 0; second < 12; second += 1) {
      await host.wanpay.sweep();
      asked.push(proxy.seen.filter(({ target }) => target.endsWith('orderquery')).length);
      await emulator.advance(1000);
    }
    expect(asked.slice(0, 3)).toEqual([3, 6, 9]);
    expect(asked.at(-1)).toBe(30);
  });

  it('is found by the host’s own timer', async () => {
    await start();
    emulator.faults.dropNotifications(ALWAYS);
    await emulator.pay('A1');
    await emulator.advance({ minutes: 40 });
    await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
  });

  it('is found by no timer where the host turned it off, but by its own call', async () => {
    await start({ reconciliation: { ...UNBOUNDED, enabled: false } });
    emulator.faults.dropNotifications(ALWAYS);
    await emulator.pay('A1');
    await emulator.advance({ hours: 12 });
    await quiet();
    expect(host.handler.of('atm.paid')).toEqual([]);
    expect(await host.wanpay.sweep()).toEqual({ answered: 1, changed: 1, failed: 0 });
  });
});

describe('reconciling on demand', () => {
  it('asks after what is not paid, and tells what became of a period', async () => {
    const emulator = await startPlatform();
    const host = await startHost('Fastify', emulator, { reconciliation: UNBOUNDED });
    for (const orderNo of ['A1', 'A2', 'A3', 'A4']) {
      await host.wanpay.createPayment({ orderNo, amount: 1280, validDays: 1 });
    }
    await emulator.pay('A1');
    await emulator.pay('A3', { amount: 1279 });
    emulator.faults.dropNotifications(ALWAYS);
    await emulator.pay('A2');
    await postForm(host.notificationUrl, notification(emulator, { out_trade_no: 'STRANGER', total_fee: '1100' }));
    const period = { from: START, to: new Date(START.getTime() + 1) };
    const seen: number[] = [];
    expect(await host.wanpay.reconcile(period, ({ done }) => seen.push(done))).toEqual({
      ...period,
      payments: 4,
      checked: 3,
      unanswered: 0,
      settledByNotification: 1,
      settledByQuery: 1,
      needsReview: 1,
      unknownOrders: 1,
      stillOpen: 2,
    });
    expect(seen).toEqual([1, 2, 3]);
    await until(() => host.handler.of('atm.paid').length === 2, 'both atm.paid are handled');
    emulator.faults.answer('query', { httpStatus: 500 }, { times: 10 });
    expect(await host.wanpay.reconcile(period)).toMatchObject({ checked: 0, unanswered: 2, stillOpen: 2 });
  });
});

describe.each(ADAPTERS)('with confirmPaidByQuery, a paid notification on %s', (adapter) => {
  let emulator: WanPayEmulator;
  let host: Host;
  beforeEach(async () => {
    emulator = await startPlatform();
    host = await startHost(adapter, emulator, { confirmPaidByQuery: true, reconciliation: UNBOUNDED });
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 1280, validDays: 1 });
    await until(() => host.handler.events.length === 1, 'atm.issued is handled');
  });

  it('is acknowledged once it is recorded, and atm.paid follows the confirmation', async () => {
    await emulator.pay('A1');
    expect(emulator.notifications()).toMatchObject([{ acknowledged: true }]);
    await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
    const sources = (await host.wanpay.getPaymentTimeline('A1')).flatMap((entry) =>
      entry.kind === 'outcome' ? [`${entry.source} ${entry.change?.to}`] : [],
    );
    expect(sources).toEqual(['notification pending', 'query paid']);
  });

  it('is no money when the query denies it, though its signature is right', async () => {
    const forged = notification(emulator, { out_trade_no: 'A1', total_fee: '128000' });
    expect(await postForm(host.notificationUrl, forged)).toMatchObject({ status: 200, body: 'success' });
    await until(async () => (await host.wanpay.getPaymentTimeline('A1')).length === 3, 'the query is recorded');
    await quiet();
    expect(host.handler.of('atm.paid')).toEqual([]);
    expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'pending' });
  });

  it('waits for its confirmation while the platform is down, and is not asked for again by it', async () => {
    emulator.faults.answer('query', { httpStatus: 503 }, { times: 2 });
    await emulator.pay('A1');
    await pass(emulator, host, 10 * MINUTE, MINUTE);
    await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
    expect(emulator.notifications()).toHaveLength(1);
  });
});
