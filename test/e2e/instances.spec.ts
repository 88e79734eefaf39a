import { beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { type AtmEvent, getWanPayToken, InjectWanPay, OnAtmEvent, WanPayModule, WanPayService } from 'nestjs-wanpay';
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
      providers: [Desk],
    });
    desk = host.app.get(Desk);
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
    expect(host.handler.of('atm.unmatched')).toEqual([]);
  });

  it.each([
    ['wanpay/notifications', A, B],
    ['wanpay/b/notifications', B, A],
  ])('take no other merchant’s key at %s', async (path, { merchantNo }, { key }) => {
    const fields = { orgno: merchantNo, out_trade_no: 'N1', total_fee: '5000' };
    expect(await postForm(`${host.url}/${path}`, notification(emulator, fields, key))).toMatchObject({ status: 401 });
  });

  it('have each their own news and dead letters', async () => {
    const news: string[] = [];
    desk.a.events$.subscribe(({ merchantNo }) => news.push(`a ${merchantNo}`));
    desk.b.events$.subscribe(({ merchantNo }) => news.push(`b ${merchantNo}`));
    await desk.b.createPayment({ orderNo: 'N2', amount: 50 });
    await until(() => news.length > 0, 'there is news');
    await quiet();
    expect(news).toEqual([`b ${B.merchantNo}`]);
    expect(await desk.a.deadLetters()).toEqual([]);
    expect(await desk.a.getPayment('N2')).toBeUndefined();
  });
});
