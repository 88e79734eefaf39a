import { beforeEach, describe, expect, it } from '@jest/globals';
import { type DynamicModule, Injectable, Module } from '@nestjs/common';
import {
  type AtmEvent,
  getWanPayToken,
  InjectWanPay,
  OnAtmEvent,
  WanPayConfigurationError,
  WanPayModule,
  WanPayService,
} from 'nestjs-wanpay';
import { type WanPayEmulator } from 'wanpay-emulator';
import { ADAPTERS, type Host, optionsFor, startHostOf } from './host.js';
import { notification, postForm } from './notification.js';
import { startPlatform } from './platform.js';
import { quiet, until } from './until.js';

const A = { merchantNo: 'MERCHANT-A', key: 'key-of-a' };
const B = { merchantNo: 'MERCHANT-B', key: 'key-of-b' };

@Injectable()
class Desk {
  readonly ofA: AtmEvent[] = [];
  readonly ofB: AtmEvent[] = [];

  constructor(
    readonly a: WanPayService,
    @InjectWanPay('b') readonly b: WanPayService,
  ) {}

  @OnAtmEvent('atm.paid', { instance: 'default' })
  paidToA(event: AtmEvent): void {
    this.ofA.push(event);
  }

  @OnAtmEvent('atm.paid', { instance: 'b' })
  paidToB(event: AtmEvent): void {
    this.ofB.push(event);
  }
}

@Injectable()
class Mistyped {
  @OnAtmEvent('atm.paid', { instance: 'bb' })
  onPaid(): void {
    throw new Error('It is never called.');
  }
}

/** Two parts of a host that know nothing of each other. */
@Module({})
class Shop {}
@Module({})
class Tickets {}

describe.each(ADAPTERS)('two instances in one host, on %s', (adapter) => {
  let emulator: WanPayEmulator;
  let host: Host;
  let desk: Desk;
  beforeEach(async () => {
    emulator = await startPlatform({ merchants: [A, B] });
    host = await startHostOf(adapter, {
      imports: (url) => [
        WanPayModule.forRoot(optionsFor(emulator, url, { merchant: A })),
        WanPayModule.forRootAsync({ name: 'b', useFactory: () => optionsFor(emulator, url, { merchant: B }) }),
      ],
      providers: [Desk, Mistyped],
    });
    desk = host.app.get(Desk);
  });

  it('warn once of a handler that names an instance which is not there', () => {
    const warnings = host.log.lines.filter((line) => line.includes('Mistyped'));
    expect(warnings).toEqual([
      'warn The handler Mistyped.onPaid of atm.paid is never called: it names the instance "bb", and this application has ' +
        `"default", "b". Correct @OnAtmEvent('atm.paid', { instance: '…' }), or give WanPayModule that name. WanPayDelivery`,
    ]);
  });

  it('have each a service, a path, a merchant and a ledger of their own', async () => {
    expect(desk.b).not.toBe(desk.a);
    expect(host.app.get(getWanPayToken('b'), { strict: false })).toBe(desk.b);
    // The same order number, for two merchants.
    await desk.a.createPayment({ orderNo: 'N1', amount: 50 });
    await desk.b.createPayment({ orderNo: 'N1', amount: 70 });
    expect(emulator.order('N1', A)).toMatchObject({ amount: 50, notificationUrl: `${host.url}/wanpay/notifications` });
    expect(emulator.order('N1', B)).toMatchObject({
      amount: 70,
      notificationUrl: `${host.url}/wanpay/b/notifications`,
    });

    await emulator.pay('N1', B);
    await until(() => desk.ofB.length === 1, 'B’s handler is called');
    expect(await desk.a.getPayment('N1')).toMatchObject({ state: 'pending', merchantNo: A.merchantNo });
    expect(await desk.b.getPayment('N1')).toMatchObject({ state: 'paid', merchantNo: B.merchantNo });
    expect(desk.ofA).toEqual([]);

    await emulator.pay('N1', A);
    await until(() => desk.ofA.length === 1, 'A’s handler is called');
    await quiet();
    expect(desk.ofB).toHaveLength(1);
    // A handler that names no instance hears of both.
    expect(host.handler.of('atm.paid').map(({ merchantNo }) => merchantNo)).toEqual([B.merchantNo, A.merchantNo]);
  });

  it.each([
    ['a', 'wanpay/b/notifications', A],
    ['b', 'wanpay/notifications', B],
  ])('refuse each other’s notifications: %s’s at %s', async (_, path, { merchantNo, key }) => {
    await desk.a.createPayment({ orderNo: 'N1', amount: 50 });
    await desk.b.createPayment({ orderNo: 'N1', amount: 50 });
    const fields = { orgno: merchantNo, out_trade_no: 'N1', total_fee: '5000' };
    const reply = await postForm(`${host.url}/${path}`, notification(emulator, fields, key));
    expect(reply.status).toBe(401);
    expect(reply.body).not.toMatch(/success/i);
    await quiet();
    expect(host.handler.of('atm.paid')).toEqual([]);
    expect(host.handler.of('atm.unknown_order')).toEqual([]);
  });

  it.each([
    ['wanpay/notifications', A, B],
    ['wanpay/b/notifications', B, A],
  ])('take no other merchant’s key at %s', async (path, { merchantNo }, { key }) => {
    const fields = { orgno: merchantNo, out_trade_no: 'N1', total_fee: '5000' };
    expect(await postForm(`${host.url}/${path}`, notification(emulator, fields, key))).toMatchObject({ status: 401 });
  });

  it('have each their own broadcast events and deliveries', async () => {
    const seen: string[] = [];
    desk.a.events$.subscribe(({ merchantNo }) => seen.push(`a ${merchantNo}`));
    desk.b.events$.subscribe(({ merchantNo }) => seen.push(`b ${merchantNo}`));
    await desk.b.createPayment({ orderNo: 'N2', amount: 50 });
    await until(() => seen.length > 0, 'an event is broadcast');
    await quiet();
    expect(seen).toEqual([`b ${B.merchantNo}`]);
    expect(await desk.a.listDeliveries()).toEqual({ deliveries: [] });
    expect(await desk.a.getPayment('N2')).toBeUndefined();
  });
});

describe('a host with several instances', () => {
  let emulator: WanPayEmulator;
  beforeEach(async () => {
    emulator = await startPlatform({ merchants: [A, B] });
  });

  /** Starts a host with two parts that import an instance each. */
  function startParts(
    ofShop: (url: string) => DynamicModule,
    ofTickets: (url: string) => DynamicModule,
  ): Promise<Host> {
    return startHostOf('Express', {
      imports: (url) => [
        { module: Shop, imports: [ofShop(url)] },
        { module: Tickets, imports: [ofTickets(url)] },
      ],
    });
  }

  it('is refused at start when two have no name, and each would answer for payments of the other', async () => {
    const start = startParts(
      (url) => WanPayModule.forRoot(optionsFor(emulator, url, { merchant: A })),
      (url) => WanPayModule.forRoot(optionsFor(emulator, url, { merchant: B, notificationPath: 'tickets' })),
    );
    await expect(start).rejects.toThrow(WanPayConfigurationError);
    await expect(start).rejects.toThrow(/name is used twice: .*isGlobal/s);
    await expect(start).rejects.not.toThrow(/notificationPath is used twice/);
  });

  it('is refused at start when two have the same name', async () => {
    const named = (url: string): DynamicModule =>
      WanPayModule.forRootAsync({ name: 'b', useFactory: () => optionsFor(emulator, url, { merchant: B }) });
    await expect(startParts(named, named)).rejects.toThrow(/name is used twice: .*"b"/s);
  });

  it('is refused at start when two receive notifications at the same path', async () => {
    const start = startParts(
      (url) => WanPayModule.forRoot(optionsFor(emulator, url, { merchant: A, notificationPath: '/paid' })),
      (url) => WanPayModule.forRoot(optionsFor(emulator, url, { merchant: B, name: 'b', notificationPath: 'Paid/' })),
    );
    await expect(start).rejects.toThrow(WanPayConfigurationError);
    await expect(start).rejects.toThrow(/notificationPath is used twice/);
    await expect(start).rejects.not.toThrow(/name is used twice/);
  });

  it('may import one instance in several parts', async () => {
    let instance: DynamicModule | undefined;
    const shared = (url: string): DynamicModule =>
      (instance ??= WanPayModule.forRoot(optionsFor(emulator, url, { merchant: A })));
    const host = await startParts(shared, shared);
    expect(await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 })).toMatchObject({ state: 'pending' });
  });

  it('has the unnamed one’s service by its class, whichever is imported first', async () => {
    const host = await startParts(
      (url) => WanPayModule.forRoot(optionsFor(emulator, url, { merchant: B, name: 'b' })),
      (url) => WanPayModule.forRoot(optionsFor(emulator, url, { merchant: A })),
    );
    const service = host.app.get(WanPayService, { strict: false });
    expect(await service.createPayment({ orderNo: 'A1', amount: 50 })).toMatchObject({ merchantNo: A.merchantNo });
  });

  it('has no service by its class where each has a name', async () => {
    const host = await startHostOf('Express', {
      imports: (url) => [WanPayModule.forRoot(optionsFor(emulator, url, { merchant: B, name: 'b' }))],
    });
    expect(() => host.app.get(WanPayService, { strict: false })).toThrow(/WanPayService/);
    expect(host.app.get(getWanPayToken('b'), { strict: false })).toBeInstanceOf(WanPayService);
  });
});
