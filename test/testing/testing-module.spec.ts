import 'reflect-metadata';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { HttpService } from '@nestjs/axios';
import { Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  type AtmEvent,
  type CreatePayment,
  getWanPayToken,
  NotificationRefusedError,
  OnAtmEvent,
  wanpayConfig,
  WanPayModule,
  WanPayService,
} from 'nestjs-wanpay';
import { WanPayTesting, WanPayTestingModule, type WanPayTestingRootOptions } from 'nestjs-wanpay/testing';

/** A host's own provider: it opens payments, and hears of money. */
@Injectable()
class Orders {
  readonly seen: AtmEvent[] = [];
  trouble: Error | undefined;

  constructor(readonly wanpay: WanPayService) {}

  place(orderNo: string, amount = 1280): Promise<unknown> {
    return this.wanpay.createPayment({ orderNo, amount, validDays: 3 });
  }

  @OnAtmEvent('atm.paid')
  @OnAtmEvent('atm.amount_mismatch')
  @OnAtmEvent('atm.duplicate_payment')
  @OnAtmEvent('atm.failed')
  @OnAtmEvent('atm.closed')
  @OnAtmEvent('atm.expired')
  async hear(event: AtmEvent): Promise<void> {
    await Promise.resolve();
    if (this.trouble) throw this.trouble;
    this.seen.push(event);
  }

  get types(): readonly string[] {
    return this.seen.map(({ type }) => type);
  }
}

@Module({ providers: [Orders] })
class OrdersModule {}

/** A host as it is in production, configured by the environment. */
@Module({
  imports: [ConfigModule.forRoot({ load: [wanpayConfig] }), WanPayModule.forRootAsync(wanpayConfig.asProvider())],
  providers: [Orders],
})
class AppModule {}

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function started(module: TestingModule): Promise<TestingModule> {
  open.push(module);
  return module.init();
}

async function setUp(options: WanPayTestingRootOptions = {}): Promise<{ orders: Orders; wanpay: WanPayTesting }> {
  const imports = [WanPayTestingModule.forRoot(options), OrdersModule];
  const module = await started(await Test.createTestingModule({ imports }).compile());
  return { orders: module.get(Orders, { strict: false }), wanpay: module.get(WanPayTesting) };
}

describe('WanPayTestingModule.forRoot()', () => {
  it('opens payments and pays them, and comes back when the handlers are done', async () => {
    const { orders, wanpay } = await setUp({ now: new Date('2026-11-26T02:00:00Z') });
    await orders.place('ORDER1');
    expect(wanpay.orders).toMatchObject([{ orderNo: 'ORDER1', amount: 1280, state: 'unpaid' }]);
    expect(await wanpay.payOrder('ORDER1')).toMatchObject({
      state: 'paid',
      createdAt: new Date('2026-11-26T02:00:00Z'),
      account: { expiresAt: new Date('2026-11-29T15:59:59Z') },
    });
    expect(orders.seen).toMatchObject([{ type: 'atm.paid', orderNo: 'ORDER1', livemode: false, late: false }]);
  });

  it('knows money of another amount, a second transfer, and a notification that is repeated', async () => {
    const { orders, wanpay } = await setUp();
    await orders.place('ORDER1');
    expect(await wanpay.payOrder('ORDER1', { amount: 1279 })).toMatchObject({ state: 'pending' });
    await wanpay.payOrder('ORDER1');
    await wanpay.notify('ORDER1');
    expect(orders.types).toEqual(['atm.amount_mismatch', 'atm.paid']);
    await wanpay.payOrder('ORDER1');
    expect(orders.types).toEqual(['atm.amount_mismatch', 'atm.paid', 'atm.duplicate_payment']);
  });

  it('expires, closes and fails orders, and late money pays', async () => {
    const { orders, wanpay } = await setUp();
    for (const orderNo of ['LATE', 'CLOSED', 'FAILED']) await orders.place(orderNo);
    expect(await wanpay.failOrder('FAILED')).toMatchObject({ state: 'failed' });
    expect(await wanpay.closeOrder('CLOSED')).toMatchObject({ state: 'closed' });
    expect(await wanpay.expireOrder('LATE')).toMatchObject({ state: 'expired' });
    expect(orders.types).toEqual(['atm.failed', 'atm.closed', 'atm.expired']);
    expect(await wanpay.payOrder('LATE')).toMatchObject({ state: 'paid' });
    expect(orders.seen.at(-1)).toMatchObject({ type: 'atm.paid', late: true });
  });

  it('finds by a check what no notification told, once the clock is moved', async () => {
    const { orders, wanpay } = await setUp();
    await orders.place('ORDER1');
    expect(await wanpay.payOrder('ORDER1', { notify: false })).toMatchObject({ state: 'pending' });
    const before = wanpay.clock.now();
    await wanpay.advance({ hours: 1 });
    expect(wanpay.clock.now().getTime() - before.getTime()).toBe(3_600_000);
    expect(orders.types).toEqual(['atm.paid']);
  });

  it('tells which handler failed and why, and tries it again once the clock is moved', async () => {
    const { orders, wanpay } = await setUp();
    await orders.place('ORDER1');
    orders.trouble = new Error('out of paper');
    await expect(wanpay.payOrder('ORDER1')).rejects.toMatchObject({
      code: 'handler_failed',
      message: expect.stringMatching(
        /Orders.hear failed to handle atm.paid of order ORDER1, attempt 1: .*out of paper/,
      ),
      failures: [{ handler: 'Orders.hear', attempt: 1, isDead: false, reason: orders.trouble }],
    });
    orders.trouble = undefined;
    await wanpay.advance({ minutes: 1 });
    expect(orders.types).toEqual(['atm.paid']);
  });

  it('tells of a dead letter', async () => {
    const { orders, wanpay } = await setUp({ delivery: { maxAttempts: 1 } });
    await orders.place('ORDER1');
    orders.trouble = new Error('out of paper');
    await expect(wanpay.payOrder('ORDER1')).rejects.toMatchObject({ failures: [{ isDead: true }] });
    expect(await orders.wanpay.listDeliveries({ state: 'dead' })).toMatchObject({ deliveries: [{ attempts: 1 }] });
    orders.trouble = undefined;
    await orders.wanpay.replayDeliveries();
    await wanpay.settle();
    expect(orders.types).toEqual(['atm.paid']);
  });

  it('makes notifications that the module checks as it checks the platform’s', async () => {
    const { orders, wanpay } = await setUp();
    await orders.place('ORDER1');
    await expect(wanpay.signedNotification('ORDER1')).rejects.toMatchObject({ code: 'test_order' });
    await wanpay.payOrder('ORDER1', { notify: false });
    const notification = await wanpay.signedNotification('ORDER1');
    await expect(wanpay.receive({ ...notification, total_fee: '100' })).rejects.toBeInstanceOf(
      NotificationRefusedError,
    );
    expect(orders.seen).toEqual([]);
    await wanpay.receive(notification);
    expect(orders.types).toEqual(['atm.paid']);
    await wanpay.advance({ hours: 1 });
    await expect(wanpay.receive(notification)).rejects.toMatchObject({ reason: 'stale' });
  });

  it('receives them at the host’s own route, whose server was never told to listen', async () => {
    const module = await Test.createTestingModule({ imports: [WanPayTestingModule.forRoot(), OrdersModule] }).compile();
    const app = module.createNestApplication();
    open.push(app);
    await app.init();
    const orders = app.get(Orders, { strict: false });
    const wanpay = app.get(WanPayTesting);
    await orders.place('ORDER1');
    await wanpay.payOrder('ORDER1');
    expect(orders.types).toEqual(['atm.paid']);

    await app.listen(0, '127.0.0.1');
    await orders.place('ORDER2');
    await wanpay.payOrder('ORDER2', { notify: false });
    const body = new URLSearchParams(await wanpay.signedNotification('ORDER2'));
    const reply = await fetch(`${await app.getUrl()}/wanpay/notifications`, { method: 'POST', body });
    expect(await reply.text()).toBe('success');
    await wanpay.settle();
    expect(orders.types).toEqual(['atm.paid', 'atm.paid']);
  });

  it('works while the test framework’s timers are fake', async () => {
    jest.useFakeTimers();
    try {
      const { orders, wanpay } = await setUp();
      await orders.place('ORDER1');
      expect(await wanpay.payOrder('ORDER1')).toMatchObject({ state: 'paid' });
      expect(orders.types).toEqual(['atm.paid']);
    } finally {
      jest.useRealTimers();
    }
  });

  it.each([
    ['unreachable', 'platform_unreachable'],
    ['no_answer', 'result_unknown'],
    ['911', 'platform_refused'],
  ] as const)('has a platform that can be %s', async (trouble, code) => {
    const { orders, wanpay } = await setUp();
    wanpay.setTrouble(trouble);
    await expect(orders.place('ORDER1')).rejects.toMatchObject({ code });
    wanpay.setTrouble(undefined);
    await orders.place('ORDER2');
    await wanpay.payOrder('ORDER2');
    expect(orders.types).toEqual(['atm.paid']);
  });

  it('moves days at a time, with every check at its moment', async () => {
    const { orders, wanpay } = await setUp();
    for (let i = 1; i <= 20; i += 1) await orders.place(`ORDER${i}`);
    await wanpay.advance({ days: 8 });
    expect(orders.types).toEqual(Array(20).fill('atm.expired'));
  });

  it('takes the options of a host: real money, merchants, a confirmation of each payment', async () => {
    const { orders, wanpay } = await setUp({
      livemode: true,
      confirmPaidByQuery: true,
      merchant: { merchantNo: 'SHOP', key: 'mine' },
      reconciliation: { jitter: 0 },
    });
    await orders.place('ORDER1');
    await wanpay.payOrder('ORDER1');
    expect(orders.seen).toMatchObject([{ type: 'atm.paid', merchantNo: 'SHOP', livemode: true }]);
  });

  it('opens payments for any merchant, and tells orders of one number apart', async () => {
    const { orders, wanpay } = await setUp();
    for (const merchantNo of ['A', 'B']) await orders.wanpay.createPayment({ orderNo: '1', amount: 100, merchantNo });
    await expect(wanpay.payOrder('1')).rejects.toThrow(
      'Several merchants have an order 1: pass merchantNo, one of A, B.',
    );
    expect(await wanpay.payOrder('1', { merchantNo: 'B' })).toMatchObject({ merchantNo: 'B', state: 'paid' });
  });

  it('says what to do where the host has not started, or opened no such order', async () => {
    const imports = [WanPayTestingModule.forRoot(), OrdersModule];
    const module = await Test.createTestingModule({ imports }).compile();
    const wanpay = module.get(WanPayTesting);
    await expect(wanpay.payOrder('ORDER1')).rejects.toMatchObject({
      code: 'not_started',
      message: expect.stringContaining('Call await moduleRef.init()'),
    });
    await started(module);
    await expect(wanpay.payOrder('ORDER1')).rejects.toThrow('has no order ORDER1: have the host call createPayment');
    await expect(wanpay.advance(-1)).rejects.toThrow('time does not go back');
  });

  it('makes the instances that are named', async () => {
    const imports = [WanPayTestingModule.forRoot({ names: ['tickets', 'gifts'] })];
    const module = await started(await Test.createTestingModule({ imports, providers: [TicketHandler] }).compile());
    await payOnBoth(module, module.get(WanPayTesting));
  });
});

@Injectable()
class TicketHandler {
  readonly seen: string[] = [];

  @OnAtmEvent('atm.paid', { instance: 'tickets' })
  hear({ orderNo }: AtmEvent): void {
    this.seen.push(orderNo);
  }
}

async function payOnBoth(module: TestingModule, wanpay: WanPayTesting): Promise<void> {
  const tickets = module.get<WanPayService>(getWanPayToken('tickets'), { strict: false });
  const gifts = module.get<WanPayService>(getWanPayToken('gifts'), { strict: false });
  await tickets.createPayment({ orderNo: 'TICKET', amount: 100 });
  await gifts.createPayment({ orderNo: 'GIFT', amount: 100 });
  expect(wanpay.orders.map(({ instance }) => instance)).toEqual(['tickets', 'gifts']);
  await wanpay.payOrder('TICKET');
  await wanpay.payOrder('GIFT');
  expect(module.get(TicketHandler, { strict: false }).seen).toEqual(['TICKET']);
  expect(await gifts.getPayment('GIFT')).toMatchObject({ state: 'paid' });
  expect(await gifts.getPayment('TICKET')).toBeUndefined();
}

/** A host's factory of options, whose variables are not set in a test. */
function askedFor(): never {
  throw new Error('DATABASE_URL is not set.');
}

describe('WanPayTestingModule.replace()', () => {
  function builderOf(imports: ModuleMetadata['imports']): ReturnType<typeof Test.createTestingModule> {
    return Test.createTestingModule({ imports: imports ?? [] });
  }

  it('takes the place of a host’s own configuration, so that no variable is needed', async () => {
    const builder = builderOf([AppModule]);
    const wanpay = WanPayTestingModule.replace(builder);
    const module = await started(await builder.compile());
    const orders = module.get(Orders, { strict: false });
    await orders.place('ORDER1');
    await wanpay.payOrder('ORDER1');
    expect(orders.types).toEqual(['atm.paid']);
  });

  it.each([
    ['forRoot()', () => WanPayModule.forRoot({ isGlobal: true })],
    ['a factory', () => WanPayModule.forRootAsync({ isGlobal: true, useFactory: askedFor })],
  ])('asks for nothing that %s is made from', async (_, imported) => {
    const builder = builderOf([imported(), OrdersModule]);
    const wanpay = WanPayTestingModule.replace(builder);
    const module = await started(await builder.compile());
    await module.get(Orders, { strict: false }).place('ORDER1');
    expect(await wanpay.payOrder('ORDER1')).toMatchObject({ state: 'paid' });
  });

  it('says so where the host has no WanPayModule, or no instance of that name', async () => {
    const empty = builderOf([]);
    const nothing = WanPayTestingModule.replace(empty);
    await started(await empty.compile());
    await expect(nothing.payOrder('ORDER1')).rejects.toMatchObject({
      code: 'no_instance',
      message: expect.stringMatching(/^The host has no WanPayModule\. (?!.*init)/),
    });
    const builder = builderOf([AppModule]);
    const wanpay = WanPayTestingModule.replace(builder);
    await started(await builder.compile());
    await expect(wanpay.receive({}, { instance: 'tickets' })).rejects.toThrow('named tickets; it has default.');
  });

  it('leaves the service itself to be replaced by a mock', async () => {
    const createPayment = jest.fn((terms: CreatePayment) => Promise.resolve({ ...terms, state: 'pending' }));
    const builder = builderOf([AppModule]).overrideProvider(WanPayService).useValue({ createPayment });
    WanPayTestingModule.replace(builder);
    const module = await started(await builder.compile());
    await module.get(Orders, { strict: false }).place('ORDER1');
    expect(createPayment).toHaveBeenCalledWith({ orderNo: 'ORDER1', amount: 1280, validDays: 3 });
  });

  it('works where a test replaces the host’s HttpService', async () => {
    const get = jest.fn();
    const builder = builderOf([AppModule]).overrideProvider(HttpService).useValue({ get });
    const wanpay = WanPayTestingModule.replace(builder);
    const module = await started(await builder.compile());
    await module.get(Orders, { strict: false }).place('ORDER1');
    expect(await wanpay.payOrder('ORDER1')).toMatchObject({ state: 'paid' });
  });

  it('replaces every instance, each with a ledger and a merchant of its own', async () => {
    const builder = Test.createTestingModule({
      imports: ['tickets', 'gifts'].map((name) => WanPayModule.forRoot({ name })),
      providers: [TicketHandler],
    });
    const wanpay = WanPayTestingModule.replace(builder);
    await payOnBoth(await started(await builder.compile()), wanpay);
  });
});
