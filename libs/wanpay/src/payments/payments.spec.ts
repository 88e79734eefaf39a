import { inspect } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import { HttpService } from '@nestjs/axios';
import { PlatformRefusedError, PlatformUnreachableError, ResultUnknownError } from '../platform/errors.js';
import { PlatformClient } from '../platform/platform-client.js';
import type { Merchant } from '../platform/merchants.js';
import { PLATFORM_BASE_URL } from '../platform/platform.js';
import type { AtmEvent } from '../ledger/events.js';
import { Ledger } from '../ledger/ledger.js';
import type { PayerAccountPolicy } from '../ledger/payer.js';
import { MemoryStore } from '../ledger/stores/memory/memory-store.js';
import type { Clock, OrderRequest, Outcome, VirtualAccount } from '../protocol/index.js';
import { type CreatePayment, type PaymentDefaults, Payments } from './payments.js';

const NOW = new Date('2022-07-21T02:00:00Z');
const CLOCK: Clock = { now: () => NOW, after: () => () => undefined };
const MERCHANT: Merchant = { merchantNo: '1265', keys: ['n12bQ9Ew1_2342X4rEcO'] };
const KEY = { merchantNo: '1265', orderNo: 'A1' };
const ASKED: CreatePayment = { orderNo: 'A1', amount: 1280 };
const ACCOUNT: VirtualAccount = {
  number: '46710722851832',
  bankCode: '013',
  bankName: '國泰世華商業銀行',
  branchCode: '2022',
  branchName: '大昌分行',
  holder: '旺沛大數位股份有限公司',
  expiresAt: new Date('2022-07-24T15:59:59Z'),
};
const PAID: Outcome = { status: 'paid', code: '0000', reportedAmount: '1280', payer: { account: '0004123456789012' } };
const UNREACHABLE = new PlatformUnreachableError(new Error('refused'));
const UNKNOWN = new ResultUnknownError('HTTP 502');

/** A platform that answers as the test tells it to. */
class ScriptedClient extends PlatformClient {
  readonly orders = jest.fn<(request: OrderRequest) => Promise<VirtualAccount>>().mockResolvedValue(ACCOUNT);
  readonly queries = jest.fn<(merchantNo: string, orderNo: string) => Promise<Outcome | undefined>>();

  override openOrder(request: OrderRequest): Promise<VirtualAccount> {
    return this.orders(request);
  }

  override queryOrder(merchantNo: string, orderNo: string): Promise<Outcome | undefined> {
    return this.queries(merchantNo, orderNo);
  }
}

const SCHEDULE = {
  firstCheckMinutes: 15,
  growth: 2,
  longestPauseHours: 12,
  afterDeadlineMinutes: [5],
  lastLookDays: [3],
  jitter: 0,
};

interface SetUp {
  readonly defaults?: Partial<PaymentDefaults>;
  readonly hasDefaultMerchant?: boolean;
  readonly payerAccount?: PayerAccountPolicy;
  readonly baseUrl?: string;
  readonly store?: MemoryStore;
}

/** One ledger for several processes. */
class SharedStore extends MemoryStore {
  override readonly isShared: boolean = true;
}

function setUp({
  defaults = {},
  hasDefaultMerchant = true,
  payerAccount = 'masked',
  baseUrl = PLATFORM_BASE_URL,
  store = new MemoryStore(),
}: SetUp = {}): { ledger: Ledger; events: readonly AtmEvent[]; client: ScriptedClient; payments: Payments } {
  const registry = { find: (no: string) => (no.startsWith('126') ? { ...MERCHANT, merchantNo: no } : undefined) };
  const ledger = new Ledger(store);
  const events: AtmEvent[] = [];
  ledger.onEvents((recorded) => events.push(...recorded));
  const client = new ScriptedClient(new HttpService(), registry, CLOCK, { baseUrl, timeoutMs: 1000 });
  const payments = new Payments(ledger, client, registry, CLOCK, {
    baseUrl,
    timeoutMs: 1000,
    payerAccount,
    defaults: {
      ...(hasDefaultMerchant ? { merchantNo: '1265' } : {}),
      notificationUrl: () => 'https://shop.example/notify',
      ...defaults,
    },
    reconciliation: SCHEDULE,
  });
  return { ledger, events, client, payments };
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

/** Lets everything happen that waits for nothing but its turn. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('opening a payment', () => {
  it('returns it with its account, and records atm.issued', async () => {
    const { ledger, payments, events } = setUp();
    const payment = await payments.create(ASKED);
    expect(payment).toStrictEqual({
      ...KEY,
      state: 'pending',
      amount: 1280,
      livemode: true,
      notificationUrl: 'https://shop.example/notify',
      account: ACCOUNT,
      createdAt: NOW,
      updatedAt: NOW,
    });
    expect(await ledger.find(KEY)).toStrictEqual(payment);
    expect(events).toMatchObject([{ type: 'atm.issued', orderNo: 'A1' }]);
  });

  it('plans when the platform is to be asked after it, before it knows of it and with the account', async () => {
    const { ledger, client, payments } = setUp();
    const first = new Date(NOW.getTime() + 15 * 60_000);
    client.orders.mockImplementation(async () => {
      expect(await ledger.nextCheckDue(NOW)).toEqual(first);
      return ACCOUNT;
    });
    await payments.create(ASKED);
    expect(client.orders).toHaveBeenCalledTimes(1);
    expect(await ledger.nextCheckDue(NOW)).toEqual(first);
  });

  it('records the payment before the platform hears of it', async () => {
    const { ledger, client, payments } = setUp();
    client.orders.mockImplementation(async () => {
      expect(await ledger.find(KEY)).toMatchObject({ state: 'opening', amount: 1280 });
      return ACCOUNT;
    });
    await payments.create(ASKED);
    expect(client.orders).toHaveBeenCalledTimes(1);
  });

  it('asks the platform nothing when the payment can’t be recorded', async () => {
    const { ledger, client, payments } = setUp();
    jest.spyOn(ledger, 'open').mockRejectedValue(new Error('disk full'));
    await expect(payments.create(ASKED)).rejects.toThrow('disk full');
    expect(client.orders).not.toHaveBeenCalled();
  });

  it('fills in what the call leaves out, and lets the call decide what it names', async () => {
    const { client, payments } = setUp({ defaults: { validDays: 3, returnUrl: 'https://shop.example/back' } });
    await payments.create({ ...ASKED, returnUrl: 'https://shop.example/other', description: 'T恤' });
    expect(client.orders.mock.calls).toMatchObject([
      [
        {
          ...KEY,
          amount: 1280,
          validDays: 3,
          returnUrl: 'https://shop.example/other',
          notificationUrl: 'https://shop.example/notify',
          description: 'T恤',
        },
      ],
    ]);
  });

  it('names no field that nobody gave', async () => {
    const { client, payments } = setUp({ defaults: { notificationUrl: () => undefined } });
    await payments.create(ASKED);
    const times = { createdAt: NOW, updatedAt: NOW, replyAwaitedUntil: new Date(NOW.getTime() + 8000) };
    const opening = { state: 'opening', livemode: true, ...times };
    expect(client.orders.mock.calls).toStrictEqual([[{ ...KEY, amount: 1280, ...opening }]]);
  });

  it('makes an order number of its own for each payment without one', async () => {
    const { payments } = setUp();
    const one = await payments.create({ amount: 11 });
    const other = await payments.create({ amount: 11 });
    expect(one.orderNo).toMatch(/^[0-9A-Z]{20}$/);
    expect(other.orderNo).not.toBe(one.orderNo);
  });

  it.each([
    [{ ...ASKED, amount: 10 }, 'amount'],
    [{ ...ASKED, amount: 11.5 }, 'amount'],
    [{ ...ASKED, orderNo: 'a1' }, 'orderNo'],
    [{ ...ASKED, validDays: 31 }, 'validDays'],
    [{ ...ASKED, description: 'x'.repeat(257) }, 'description'],
  ])('records and sends nothing that the protocol does not allow: %j', async (asked, field) => {
    const { ledger, client, payments } = setUp();
    await expect(payments.create(asked)).rejects.toMatchObject({ code: 'invalid_field', field });
    expect(client.orders).not.toHaveBeenCalled();
    expect(await ledger.find({ merchantNo: '1265', orderNo: asked.orderNo ?? '' })).toBeUndefined();
  });

  it.each([
    ['none that is known', { ...ASKED, merchantNo: '999' }, true],
    ['none at all', ASKED, false],
  ])('needs a merchant, and with %s records and sends nothing', async (_, asked, hasDefaultMerchant) => {
    const { ledger, payments, client } = setUp({ hasDefaultMerchant });
    const open = jest.spyOn(ledger, 'open');
    await expect(payments.create(asked)).rejects.toMatchObject({ code: 'unknown_merchant' });
    expect(open).not.toHaveBeenCalled();
    expect(client.orders).not.toHaveBeenCalled();
  });

  it('is a test when the platform is not WanPay’s own', async () => {
    const { payments } = setUp({ baseUrl: 'http://localhost:4000' });
    expect(await payments.create(ASKED)).toMatchObject({ livemode: false });
  });

  it('keeps the orders of two merchants apart', async () => {
    const { client, payments } = setUp();
    await payments.create(ASKED);
    await payments.create({ ...ASKED, merchantNo: '1266', amount: 99 });
    expect(client.orders).toHaveBeenCalledTimes(2);
  });
});

describe('the same call again', () => {
  it('returns the same payment and asks nobody', async () => {
    const { client, payments, events } = setUp();
    const first = await payments.create(ASKED);
    expect(await payments.create(ASKED)).toStrictEqual(first);
    expect(client.orders).toHaveBeenCalledTimes(1);
    expect(events).toHaveLength(1);
  });

  it('shares one request while that runs', async () => {
    const { client, payments } = setUp();
    const reply = deferred<VirtualAccount>();
    client.orders.mockReturnValue(reply.promise);
    const both = Promise.all([payments.create(ASKED), payments.create(ASKED)]);
    await quiet();
    reply.resolve(ACCOUNT);
    const [one, other] = await both;
    expect(one).toBe(other);
    expect(client.orders).toHaveBeenCalledTimes(1);
  });

  it('shares its failure too, and is free to try again after it', async () => {
    const { client, payments } = setUp();
    client.orders.mockRejectedValueOnce(UNREACHABLE);
    const results = await Promise.allSettled([payments.create(ASKED), payments.create(ASKED)]);
    expect(results).toMatchObject([{ reason: UNREACHABLE }, { reason: UNREACHABLE }]);
    await expect(payments.create(ASKED)).resolves.toMatchObject({ state: 'pending' });
    expect(client.orders).toHaveBeenCalledTimes(2);
    expect(client.queries).not.toHaveBeenCalled();
  });

  it.each<[string, Partial<CreatePayment>]>([
    ['amount', { amount: 1281 }],
    ['validDays', { validDays: 5 }],
    ['description', { description: 'other' }],
    ['returnUrl', { returnUrl: 'https://shop.example/other' }],
    ['notificationUrl', { notificationUrl: 'https://shop.example/other' }],
  ])('on another %s is refused, while the first runs and after', async (term, other) => {
    const { client, payments } = setUp();
    const reply = deferred<VirtualAccount>();
    client.orders.mockReturnValue(reply.promise);
    const first = payments.create({ ...ASKED, validDays: 3 });
    await quiet();
    const conflict = { code: 'order_terms_conflict', orderNo: 'A1', terms: [term] };
    await expect(payments.create({ ...ASKED, ...other })).rejects.toMatchObject(conflict);
    reply.resolve(ACCOUNT);
    await first;
    await expect(payments.create({ ...ASKED, ...other })).rejects.toMatchObject(conflict);
    expect(client.orders).toHaveBeenCalledTimes(1);
  });

  it('names all terms that differ', async () => {
    const { payments } = setUp();
    await payments.create(ASKED);
    await expect(payments.create({ ...ASKED, amount: 99, description: 'x' })).rejects.toMatchObject({
      terms: ['amount', 'description'],
    });
  });

  it('may leave out what the first one named', async () => {
    const { payments } = setUp();
    const first = await payments.create({ ...ASKED, validDays: 5, description: 'T恤' });
    expect(await payments.create(ASKED)).toStrictEqual(first);
  });

  it('returns the payment whatever became of it since', async () => {
    const { ledger, client, payments } = setUp();
    await payments.create(ASKED);
    await ledger.settle({ ...KEY, livemode: true, outcome: PAID, source: 'notification', now: NOW });
    expect(await payments.create(ASKED)).toMatchObject({ state: 'paid', account: ACCOUNT });
    expect(client.orders).toHaveBeenCalledTimes(1);
  });
});

describe('an order that failed', () => {
  it.each([
    ['was never sent', UNREACHABLE],
    ['was refused for good', new PlatformRefusedError('910', 'order', '')],
  ])('and %s leaves its number free, for other terms too', async (_, error) => {
    const { ledger, client, payments } = setUp();
    client.orders.mockRejectedValueOnce(error);
    await expect(payments.create(ASKED)).rejects.toBe(error);
    expect(await ledger.find(KEY)).toBeUndefined();
    await expect(payments.create({ ...ASKED, amount: 99 })).resolves.toMatchObject({ amount: 99 });
  });

  it.each([
    ['may exist', UNKNOWN],
    ['met an error that nobody foresaw', new TypeError('oops')],
  ])('and %s keeps the payment', async (_, error) => {
    const { ledger, client, payments } = setUp();
    client.orders.mockRejectedValueOnce(error);
    await expect(payments.create(ASKED)).rejects.toBe(error);
    expect(await ledger.find(KEY)).toMatchObject({ state: 'opening' });
    await expect(payments.create({ ...ASKED, amount: 99 })).rejects.toMatchObject({ code: 'order_terms_conflict' });
  });
});

describe('after an order whose result is unknown, the next call', () => {
  async function afterUnknown(): Promise<ReturnType<typeof setUp>> {
    const parts = setUp();
    parts.client.orders.mockRejectedValueOnce(UNKNOWN);
    await expect(parts.payments.create({ ...ASKED, description: 'T恤' })).rejects.toBe(UNKNOWN);
    return parts;
  }

  it('asks anew, on the recorded terms, when the platform has no such order', async () => {
    const { client, payments } = await afterUnknown();
    client.queries.mockResolvedValue(undefined);
    await expect(payments.create(ASKED)).resolves.toMatchObject({ state: 'pending', description: 'T恤' });
    expect(client.queries.mock.calls).toStrictEqual([['1265', 'A1']]);
    expect(client.orders.mock.calls[1]?.[0]).toMatchObject({ description: 'T恤', amount: 1280 });
  });

  it('says that the account is lost when the platform has the order', async () => {
    const { ledger, client, payments } = await afterUnknown();
    client.queries.mockResolvedValue({ status: 'unpaid', code: '5801' });
    await expect(payments.create(ASKED)).rejects.toMatchObject({ code: 'account_lost', orderNo: 'A1' });
    expect(client.orders).toHaveBeenCalledTimes(1);
    expect(await ledger.find(KEY)).toMatchObject({ state: 'failed', failure: { code: 'account_lost' } });
  });

  it('leaves money that the platform reports of the order to a person, with the payer masked', async () => {
    const { ledger, events, client, payments } = await afterUnknown();
    client.queries.mockResolvedValue(PAID);
    await expect(payments.create(ASKED)).rejects.toMatchObject({ code: 'account_lost' });
    expect(await ledger.find(KEY)).toMatchObject({ state: 'failed' });
    expect(events).toMatchObject([
      { type: 'atm.failed' },
      { type: 'atm.unclaimed_payment', transfer: { payer: { account: '***********89012' } } },
    ]);
  });

  it('asks nothing anew when the query has no answer', async () => {
    const { ledger, client, payments } = await afterUnknown();
    client.queries.mockRejectedValue(UNKNOWN);
    await expect(payments.create(ASKED)).rejects.toBe(UNKNOWN);
    expect(client.orders).toHaveBeenCalledTimes(1);
    expect(await ledger.find(KEY)).toMatchObject({ state: 'opening' });
  });

  it('says that the account is lost when the number turns out to be taken after all', async () => {
    const { client, payments } = await afterUnknown();
    client.queries.mockResolvedValue(undefined);
    client.orders.mockRejectedValueOnce(new PlatformRefusedError('6307', 'order', ''));
    await expect(payments.create(ASKED)).rejects.toMatchObject({ code: 'account_lost' });
  });

  it.each([UNREACHABLE, UNKNOWN, new PlatformRefusedError('910', 'order', '')])(
    'keeps the payment when asking anew fails: $code',
    async (error) => {
      const { ledger, client, payments } = await afterUnknown();
      client.queries.mockResolvedValue(undefined);
      client.orders.mockRejectedValueOnce(error);
      await expect(payments.create(ASKED)).rejects.toBe(error);
      expect(await ledger.find(KEY)).toMatchObject({ state: 'opening' });
    },
  );

  it('queries before it asks also when the process was restarted in between', async () => {
    const { ledger, client, payments } = setUp();
    await ledger.open({ ...KEY, amount: 1280, state: 'opening', livemode: true, createdAt: NOW, updatedAt: NOW });
    const asked: string[] = [];
    client.queries.mockImplementation(() => {
      asked.push('query');
      return Promise.resolve(undefined);
    });
    client.orders.mockImplementation(() => {
      asked.push('order');
      return Promise.resolve(ACCOUNT);
    });
    await payments.create(ASKED);
    expect(asked).toStrictEqual(['query', 'order']);
  });
});

describe('a number that the platform has from somebody else', () => {
  const TAKEN = new PlatformRefusedError('6307', 'order', '此訂單號已存在');

  it('fails with an error of its own, and its payment with the platform’s words', async () => {
    const { ledger, client, payments, events } = setUp();
    client.orders.mockRejectedValueOnce(TAKEN);
    client.queries.mockResolvedValue({ status: 'unpaid', code: '5801' });
    await expect(payments.create(ASKED)).rejects.toMatchObject({ code: 'order_number_taken', orderNo: 'A1' });
    expect(await ledger.find(KEY)).toMatchObject({
      state: 'failed',
      failure: { code: '6307', message: '此訂單號已存在' },
    });
    expect(events.map(({ type }) => type)).toStrictEqual(['atm.failed']);
    await expect(payments.create(ASKED)).rejects.toMatchObject({ code: 'payment_ended' });
  });

  it('has its money told to a person, whether it came before, meanwhile or after', async () => {
    const { ledger, client, payments, events } = setUp();
    const notified = (transactedAt: Date): Promise<unknown> => {
      const outcome: Outcome = { ...PAID, transactedAt };
      return ledger.settle({ ...KEY, livemode: true, outcome, source: 'notification', now: NOW });
    };
    client.orders.mockImplementation(async () => {
      await notified(new Date('2022-07-21T01:00:00Z'));
      throw TAKEN;
    });
    client.queries.mockResolvedValue({ ...PAID, payer: { account: '0009999999999999' } });
    await expect(payments.create(ASKED)).rejects.toMatchObject({ code: 'order_number_taken' });
    await notified(new Date('2022-07-21T03:00:00Z'));
    await notified(new Date('2022-07-21T03:00:00Z'));
    expect(events.map(({ type }) => type)).toStrictEqual([
      'atm.unclaimed_payment',
      'atm.failed',
      'atm.unclaimed_payment',
      'atm.unclaimed_payment',
    ]);
    expect(await ledger.find(KEY)).toMatchObject({ state: 'failed' });
  });

  it('is asked about soon where the platform does not answer at once', async () => {
    const { ledger, client, payments } = setUp();
    client.orders.mockRejectedValueOnce(TAKEN);
    client.queries.mockRejectedValue(UNKNOWN);
    await expect(payments.create(ASKED)).rejects.toMatchObject({ code: 'order_number_taken' });
    expect(await ledger.nextCheckDue(NOW)).toEqual(NOW);
  });
});

describe('a payment that two processes ask for anew at the same time', () => {
  async function unknown(): Promise<readonly [ReturnType<typeof setUp>, ReturnType<typeof setUp>]> {
    const store = new SharedStore();
    const first = setUp({ store });
    first.client.orders.mockRejectedValueOnce(UNKNOWN);
    await expect(first.payments.create(ASKED)).rejects.toMatchObject({ code: 'result_unknown' });
    return [first, setUp({ store })];
  }

  it('is asked for by one of them', async () => {
    const [first, second] = await unknown();
    const order = deferred<VirtualAccount>();
    first.client.orders.mockReturnValue(order.promise);
    first.client.queries.mockResolvedValue(undefined);
    second.client.queries.mockResolvedValue(undefined);
    second.client.orders.mockRejectedValue(new PlatformRefusedError('6307', 'order', ''));
    const created = first.payments.create(ASKED);
    await quiet();
    await expect(second.payments.create(ASKED)).rejects.toMatchObject({ code: 'payment_in_progress' });
    order.resolve(ACCOUNT);
    expect(await created).toMatchObject({ state: 'pending', account: ACCOUNT });
    expect(await second.payments.create(ASKED)).toMatchObject({ state: 'pending', account: ACCOUNT });
    expect([...first.events, ...second.events]).toMatchObject([{ type: 'atm.issued' }]);
  });

  it('is not given up because the platform has it, while the other one waits for the account', async () => {
    const [first, second] = await unknown();
    const query = deferred<undefined>();
    first.client.queries.mockReturnValue(query.promise);
    second.client.queries.mockResolvedValue({ status: 'unpaid', code: '5801' });
    const created = first.payments.create(ASKED);
    await quiet();
    await expect(second.payments.create(ASKED)).rejects.toMatchObject({ code: 'payment_in_progress' });
    query.resolve(undefined);
    expect(await created).toMatchObject({ state: 'pending', account: ACCOUNT });
  });

  it('can be asked for by the other one as soon as the first got no answer', async () => {
    const [first, second] = await unknown();
    first.client.queries.mockRejectedValue(UNKNOWN);
    await expect(first.payments.create(ASKED)).rejects.toMatchObject({ code: 'result_unknown' });
    second.client.queries.mockResolvedValue(undefined);
    expect(await second.payments.create(ASKED)).toMatchObject({ state: 'pending', account: ACCOUNT });
  });
});

describe('accepting unclaimed money', () => {
  async function unclaimed(): Promise<ReturnType<typeof setUp>> {
    const parts = setUp();
    parts.client.orders.mockRejectedValueOnce(new PlatformRefusedError('6307', 'order', ''));
    parts.client.queries.mockResolvedValue(PAID);
    await expect(parts.payments.create(ASKED)).rejects.toMatchObject({ code: 'order_number_taken' });
    return parts;
  }

  it('pays the payment, with the reason in its history', async () => {
    const { payments, events } = await unclaimed();
    const paid = await payments.accept('A1', { reason: 'the payer sent a receipt' });
    expect(paid).toMatchObject({ state: 'paid', acceptance: { reason: 'the payer sent a receipt', acceptedAt: NOW } });
    expect(events.at(-1)).toMatchObject({ type: 'atm.paid' });
    expect(await payments.timeline('A1')).toContainEqual(
      expect.objectContaining({
        source: 'person',
        outcome: expect.objectContaining({ message: 'the payer sent a receipt' }),
      }),
    );
    await expect(payments.accept('A1', { reason: 'again' })).rejects.toMatchObject({ code: 'nothing_to_accept' });
  });

  it.each(['', ' ', 5, null, undefined, 'a\0', '\uD800', 'x'.repeat(257)])('refuses %j as a reason', async (reason) => {
    const { payments } = await unclaimed();
    await expect(payments.accept('A1', { reason: reason as never })).rejects.toMatchObject({
      code: 'invalid_field',
      field: 'reason',
    });
  });

  it('needs a payment, money and a reason', async () => {
    const { payments } = await unclaimed();
    await expect(payments.accept('NONE', { reason: 'x' })).rejects.toMatchObject({ code: 'payment_not_found' });
    await payments.create({ orderNo: 'A2', amount: 11 });
    await expect(payments.accept('A2', { reason: 'x' })).rejects.toMatchObject({ code: 'nothing_to_accept' });
    await expect(payments.accept('A1', { reason: ' ' })).rejects.toMatchObject({
      code: 'invalid_field',
      field: 'reason',
    });
  });
});

describe('a payment that is over', () => {
  it('is not offered again once its account has lapsed', async () => {
    const { ledger, payments } = setUp();
    const lapsed = { ...ACCOUNT, expiresAt: new Date(NOW.getTime() - 1000) };
    await ledger.open({ ...KEY, amount: 1280, state: 'opening', livemode: true, createdAt: NOW, updatedAt: NOW });
    const payment = await ledger.issue(KEY, lapsed, NOW);
    const error: unknown = await payments.create(ASKED).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'payment_ended', payment });
    expect(inspect(error) + JSON.stringify(error)).not.toContain(ACCOUNT.number);
  });

  it.each<[string, Outcome]>([
    ['failed', { status: 'failed', code: '5805' }],
    ['closed', { status: 'closed', code: '5803' }],
  ])('is not offered again when it is %s', async (state, outcome) => {
    const { ledger, payments } = setUp();
    await payments.create(ASKED);
    await ledger.settle({ ...KEY, livemode: true, outcome, source: 'query', now: NOW });
    await expect(payments.create(ASKED)).rejects.toMatchObject({ code: 'payment_ended', payment: { state } });
  });
});

describe('a notification that overtakes the reply to the order', () => {
  it('settles the payment, which then gets its account and records no atm.issued', async () => {
    const { ledger, client, payments, events } = setUp();
    const reply = deferred<VirtualAccount>();
    client.orders.mockReturnValue(reply.promise);
    const creating = payments.create(ASKED);
    await quiet();
    await ledger.settle({ ...KEY, livemode: true, outcome: PAID, source: 'notification', now: NOW });
    reply.resolve(ACCOUNT);
    expect(await creating).toMatchObject({ state: 'paid', account: ACCOUNT });
    expect(events.map(({ type }) => type)).toStrictEqual(['atm.paid']);
  });
});

describe('a ledger that fails after the platform issued the account', () => {
  it('leaves the payment, so that the loss is told and not repeated', async () => {
    const { ledger, client, payments } = setUp();
    jest.spyOn(ledger, 'issue').mockRejectedValueOnce(new Error('disk full'));
    await expect(payments.create(ASKED)).rejects.toThrow('disk full');
    client.queries.mockResolvedValue({ status: 'unpaid', code: '5801' });
    await expect(payments.create(ASKED)).rejects.toMatchObject({ code: 'account_lost' });
    expect(client.orders).toHaveBeenCalledTimes(1);
  });

  it('is told apart from one that forgot the payment', async () => {
    const { ledger, payments } = setUp();
    jest.spyOn(ledger, 'issue').mockResolvedValueOnce(undefined);
    await expect(payments.create(ASKED)).rejects.toMatchObject({ code: 'payment_not_found', orderNo: 'A1' });
  });
});

describe('a query', () => {
  async function withPayment(payerAccount: PayerAccountPolicy = 'masked'): Promise<ReturnType<typeof setUp>> {
    const parts = setUp({ payerAccount });
    await parts.payments.create(ASKED);
    return parts;
  }

  it.each([
    ['masked', '***********89012'],
    ['full', '0004123456789012'],
  ] as const)('settles what the platform says, and keeps the payer’s account %s', async (policy, account) => {
    const { ledger, events, client, payments } = await withPayment(policy);
    client.queries.mockResolvedValue(PAID);
    expect(await payments.query('A1')).toMatchObject({ state: 'paid', payer: { account } });
    expect(await ledger.find(KEY)).toMatchObject({ state: 'paid', payer: { account } });
    expect(events.map(({ type }) => type)).toStrictEqual(['atm.issued', 'atm.paid']);
  });

  it('is shared by all who ask while it runs, and asked again after', async () => {
    const { client, payments } = await withPayment();
    const answer = deferred<Outcome>();
    client.queries.mockReturnValueOnce(answer.promise).mockResolvedValueOnce({ status: 'paying', code: '5804' });
    const both = Promise.all([payments.query('A1'), payments.query('A1', '1265')]);
    await quiet();
    answer.resolve({ status: 'unpaid', code: '5801' });
    const [one, other] = await both;
    expect(one).toBe(other);
    expect(client.queries).toHaveBeenCalledTimes(1);
    await payments.query('A1');
    expect(client.queries).toHaveBeenCalledTimes(2);
  });

  it('that failed does not stand in the way of the next', async () => {
    const { client, payments } = await withPayment();
    client.queries.mockRejectedValueOnce(UNKNOWN).mockResolvedValueOnce(PAID);
    await expect(payments.query('A1')).rejects.toBe(UNKNOWN);
    await expect(payments.query('A1')).resolves.toMatchObject({ state: 'paid' });
  });

  it('of an order that the platform does not have is refused, and changes nothing', async () => {
    const { ledger, client, payments } = await withPayment();
    client.queries.mockResolvedValue(undefined);
    await expect(payments.query('A1')).rejects.toMatchObject({ code: 'platform_refused', platformCode: '5223' });
    expect(await ledger.find(KEY)).toMatchObject({ state: 'pending' });
  });

  it.each([
    ['of an order that is not here', 'B2', '1265', 'payment_not_found'],
    ['of another merchant’s order', 'A1', '1266', 'payment_not_found'],
    ['of a merchant that nobody knows', 'A1', '999', 'unknown_merchant'],
  ])('%s does not reach the platform', async (_, orderNo, merchantNo, code) => {
    const { client, payments } = await withPayment();
    await expect(payments.query(orderNo, merchantNo)).rejects.toMatchObject({ code });
    expect(client.queries).not.toHaveBeenCalled();
  });
});

describe('get', () => {
  it('finds the default merchant’s payment, and another’s by its number', async () => {
    const { payments } = setUp();
    await payments.create({ ...ASKED, merchantNo: '1266' });
    expect(await payments.get('A1')).toBeUndefined();
    expect(await payments.get('A1', '1266')).toMatchObject({ merchantNo: '1266' });
  });
});
