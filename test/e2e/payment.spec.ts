import { beforeEach, describe, expect, it } from '@jest/globals';
import { PAID_CODE } from 'nestjs-wanpay/protocol';
import { type WanPayEmulator } from 'wanpay-emulator';
import { HeldStore } from './held-store.js';
import { ADAPTERS, type Host, startHost } from './host.js';
import { notification, postForm } from './notification.js';
import { startPlatform } from './platform.js';
import { quiet, until } from './until.js';

describe.each(ADAPTERS)('a payment, on %s', (adapter) => {
  let emulator: WanPayEmulator;
  let host: Host;
  beforeEach(async () => {
    emulator = await startPlatform();
    host = await startHost(adapter, emulator);
  });

  it('is opened, paid and notified; the handler hears of it and the query agrees', async () => {
    const opened = await host.wanpay.createPayment({ orderNo: 'A1', amount: 1280, validDays: 3, description: '茶' });
    expect(opened).toMatchObject({ state: 'pending', orderNo: 'A1', amount: 1280, livemode: false });
    const order = emulator.order('A1');
    expect(order).toMatchObject({ amount: 1280, description: '茶', notificationUrl: host.notificationUrl });
    expect(opened.account).toEqual({ ...order.account, expiresAt: order.expiresAt });

    await emulator.pay('A1');
    expect(emulator.notifications()).toMatchObject([{ acknowledged: true, replyStatus: 200, replyBody: 'success' }]);
    await until(() => host.handler.of('atm.paid').length > 0, 'atm.paid is handled');
    expect(host.handler.types).toEqual(['atm.issued', 'atm.paid']);
    expect(host.handler.of('atm.paid')[0]).toMatchObject({
      merchantNo: emulator.merchant.merchantNo,
      orderNo: 'A1',
      livemode: false,
      late: false,
      payment: { state: 'paid', amount: 1280, paidAt: emulator.clock.now(), payer: { bankCode: '822' } },
    });
    expect(await host.wanpay.queryPayment('A1')).toEqual(host.handler.of('atm.paid')[0]?.payment);
    expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'paid' });
    await quiet();
    expect(host.handler.events).toHaveLength(2);
  });

  it('gives a handler its events in order, even when it takes its time over the first', async () => {
    let finish: () => void = () => undefined;
    host.handler.react = ({ type }) =>
      type === 'atm.amount_mismatch' ? new Promise<void>((resolve) => (finish = resolve)) : undefined;
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    const wrong = notification(emulator, { out_trade_no: 'A1', status: PAID_CODE, total_fee: '1200' });
    await postForm(host.notificationUrl, wrong);
    await until(() => host.handler.of('atm.amount_mismatch').length === 1, 'the first event is handled');
    await emulator.fail('A1');
    await quiet();
    expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'failed' });
    expect(host.handler.types).toEqual(['atm.issued', 'atm.amount_mismatch']);
    finish();
    await until(() => host.handler.of('atm.failed').length === 1, 'the second event is handled');
  });

  it('gives atm.paid to its handler while the handler of atm.issued takes its time', async () => {
    let finish: () => void = () => undefined;
    host.handler.react = ({ type }) =>
      type === 'atm.issued' ? new Promise<void>((resolve) => (finish = resolve)) : undefined;
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    await emulator.pay('A1');
    await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
    finish();
  });

  it('is paid once though the acknowledgement is lost and the notification repeated', async () => {
    emulator.faults.loseAcknowledgements(2);
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    await emulator.pay('A1');
    await emulator.advance({ minutes: 10 });
    expect(emulator.notifications().map(({ replyBody }) => replyBody)).toEqual(['success', 'success', 'success']);
    expect(emulator.notifications().map(({ acknowledged }) => acknowledged)).toEqual([false, false, true]);
    await quiet();
    expect(host.handler.types).toEqual(['atm.issued', 'atm.paid']);
  });

  it('is paid once though the platform notifies again long after', async () => {
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    await emulator.pay('A1');
    await emulator.advance({ days: 2 });
    expect(await emulator.resend('A1')).toMatchObject({ acknowledged: true });
    await quiet();
    expect(host.handler.types).toEqual(['atm.issued', 'atm.paid']);
  });

  it('can be paid, and its notification answered, before createPayment has returned', async () => {
    emulator.faults.payBeforeReply();
    const payment = await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    expect(payment).toMatchObject({ state: 'paid', account: { number: emulator.order('A1').account.number } });
    expect(emulator.notifications()).toMatchObject([{ acknowledged: true }]);
    await until(() => host.handler.events.length > 0, 'atm.paid is handled');
    await quiet();
    // Nobody is to be asked for money that has come.
    expect(host.handler.types).toEqual(['atm.paid']);
  });

  it.each(['5805', '5803', '5801', '5804', '9999'])('stays paid when %s is said of it afterwards', async (status) => {
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    await emulator.pay('A1');
    const before = await host.wanpay.getPayment('A1');
    await emulator.advance({ minutes: 1 });
    const fields = notification(emulator, { out_trade_no: 'A1', status, total_fee: '5000' });
    expect(await postForm(host.notificationUrl, fields)).toMatchObject({ status: 200, body: 'success' });
    await quiet();
    expect(await host.wanpay.getPayment('A1')).toEqual(before);
    expect(host.handler.types).toEqual(['atm.issued', 'atm.paid']);
  });

  it('that failed is paid after all when money comes, and late', async () => {
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    await emulator.fail('A1');
    await until(() => host.handler.of('atm.failed').length > 0, 'atm.failed is handled');
    expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'failed' });
    const fields = notification(emulator, { out_trade_no: 'A1', status: PAID_CODE, total_fee: '5000' });
    await postForm(host.notificationUrl, fields);
    await until(() => host.handler.of('atm.paid').length > 0, 'atm.paid is handled');
    expect(host.handler.of('atm.paid')).toMatchObject([{ late: true, payment: { state: 'paid' } }]);
    expect(host.handler.types).toEqual(['atm.issued', 'atm.failed', 'atm.paid']);
  });

  it('is not acknowledged before the ledger has committed', async () => {
    const ledger = new HeldStore();
    host = await startHost(adapter, emulator, { ledger });
    await host.wanpay.createPayment({ orderNo: 'L1', amount: 50 });
    let commit: () => void = () => undefined;
    ledger.commits = new Promise((resolve) => (commit = resolve));
    await emulator.pay('L1', { wait: false });
    await quiet();
    expect(emulator.notifications()).toEqual([]);
    commit();
    await emulator.idle();
    expect(emulator.notifications()).toMatchObject([{ acknowledged: true }]);
  });

  it('is not acknowledged when the ledger fails, and is when the platform tries again', async () => {
    const ledger = new HeldStore();
    host = await startHost(adapter, emulator, { ledger });
    await host.wanpay.createPayment({ orderNo: 'L1', amount: 50 });
    ledger.commits = Promise.reject(new Error('the disk is full'));
    await emulator.pay('L1');
    expect(emulator.notifications()).toMatchObject([{ acknowledged: false, replyStatus: 503 }]);
    expect(emulator.notifications()[0]?.replyBody).not.toMatch(/success|disk/i);
    await quiet();
    expect(host.handler.types).toEqual(['atm.issued']);

    ledger.commits = Promise.resolve();
    await emulator.advance({ minutes: 1 });
    expect(emulator.notifications()).toMatchObject([{}, { acknowledged: true }]);
    await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
  });

  it('gives every notification of a hundred orders, paid at once, one event each', async () => {
    const orderNos = Array.from({ length: 100 }, (_, n) => `N${n}`);
    await Promise.all(orderNos.map((orderNo) => host.wanpay.createPayment({ orderNo, amount: 11 })));
    await Promise.all(orderNos.map((orderNo) => emulator.pay(orderNo)));
    await until(() => host.handler.of('atm.paid').length >= 100, 'all are handled');
    await quiet();
    expect(new Set(host.handler.of('atm.paid').map(({ orderNo }) => orderNo))).toEqual(new Set(orderNos));
    expect(host.handler.events).toHaveLength(200);
  });
});
