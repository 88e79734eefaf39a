import { beforeEach, describe, expect, it } from '@jest/globals';
import { type WanPayEmulator, type WanPayEmulatorOptions } from 'wanpay-emulator';
import { ADAPTERS, type Host, startHost } from './host.js';
import { notification, postForm } from './notification.js';
import { startPlatform } from './platform.js';
import { quiet, until } from './until.js';

describe.each(ADAPTERS)('what a notification says, on %s', (adapter) => {
  let emulator: WanPayEmulator;
  let host: Host;
  beforeEach(() => open({}));

  async function open(options: WanPayEmulatorOptions): Promise<void> {
    emulator = await startPlatform(options);
    host = await startHost(adapter, emulator);
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 1280, validDays: 1 });
  }

  describe('of transfers', () => {
    it('that come after the first is an event for each, and a repeat is none', async () => {
      await emulator.pay('A1');
      await emulator.pay('A1', { again: true, payerBankCode: '013' });
      await emulator.pay('A1', { again: true, amount: 99 });
      for (let i = 0; i < 2; i += 1)
        for (const { fields } of emulator.notifications()) await postForm(host.notificationUrl, fields);
      await until(() => host.handler.of('atm.duplicate_payment').length === 2, 'both events are handled');
      await quiet();
      expect(host.handler.types.filter((type) => type !== 'atm.issued')).toEqual([
        'atm.paid',
        'atm.duplicate_payment',
        'atm.duplicate_payment',
      ]);
    });
  });

  describe('of an amount', () => {
    it.each(['dollars', 'cents'] as const)('matches in %s, and says so', async (notificationAmountUnit) => {
      emulator = await startPlatform({ notificationAmountUnit });
      host = await startHost(adapter, emulator);
      await host.wanpay.createPayment({ orderNo: 'A1', amount: 1280 });
      await emulator.pay('A1');
      await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
      expect(host.handler.of('atm.paid')).toMatchObject([{ payment: { amountUnit: notificationAmountUnit } }]);
      expect(host.handler.of('atm.amount_mismatch')).toEqual([]);
    });

    it('that is wrong records atm.amount_mismatch once and leaves the payment open for the right one', async () => {
      emulator.faults.loseAcknowledgements();
      await emulator.pay('A1', { amount: 1279 });
      await emulator.advance({ minutes: 1 });
      await emulator.resend('A1');
      expect(emulator.notifications().map(({ replyBody }) => replyBody)).toEqual(['success', 'success', 'success']);
      await quiet();
      expect(host.handler.types).toEqual(['atm.issued', 'atm.amount_mismatch']);
      expect(host.handler.of('atm.amount_mismatch')).toMatchObject([{ reportedAmount: '127900' }]);
      expect(await host.wanpay.getPayment('A1')).toMatchObject({
        state: 'pending',
        otherTransfers: [{ reportedAmount: '127900' }],
      });

      await emulator.pay('A1', { again: true });
      await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
      expect(host.handler.types).toEqual(['atm.issued', 'atm.amount_mismatch', 'atm.paid']);
      expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'paid' });
    });

    it.each(['', '0', '1280.001', '-128000', '1,28,0', '12800000', '128000.0.0', '１２８０', 'NaN', '0x500', '1e3'])(
      'that is %p is never taken for the amount asked',
      async (total) => {
        emulator.faults.answer('query', { code: '991' });
        const fields = notification(emulator, { out_trade_no: 'A1', total_fee: total });
        await postForm(host.notificationUrl, fields);
        await quiet();
        expect(host.handler.of('atm.paid')).toEqual([]);
        expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'pending' });
      },
    );

    it.each(['1,280', ' 1280 ', '1280.000', '128,000', '0000128000'])(
      'that is %j is the amount asked',
      async (total) => {
        await postForm(host.notificationUrl, notification(emulator, { out_trade_no: 'A1', total_fee: total }));
        await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
        expect(host.handler.of('atm.amount_mismatch')).toEqual([]);
      },
    );

    it('that is missing is asked for before anyone hears of money', async () => {
      emulator.faults.dropNotifications();
      await emulator.pay('A1');
      const fields = notification(emulator, { out_trade_no: 'A1' });
      expect(await postForm(host.notificationUrl, fields)).toMatchObject({ status: 200, body: 'success' });
      await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
      expect(host.handler.of('atm.paid')).toMatchObject([{ payment: { state: 'paid', amountUnit: 'dollars' } }]);
    });

    it('that is missing and that the query denies is no money', async () => {
      const fields = notification(emulator, { out_trade_no: 'A1' });
      expect(await postForm(host.notificationUrl, fields)).toMatchObject({ status: 200 });
      await quiet();
      expect(host.handler.types).toEqual(['atm.issued']);
      expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'pending' });
    });

    it('that is missing is confirmed when the platform is back, though the notification is not sent again', async () => {
      emulator.faults.dropNotifications();
      await emulator.pay('A1');
      emulator.faults.answer('query', { httpStatus: 500 });
      const lost = notification(emulator, { out_trade_no: 'A1' });
      expect(await postForm(host.notificationUrl, lost)).toMatchObject({ status: 200, body: 'success' });
      await quiet();
      expect(host.handler.types).toEqual(['atm.issued']);
      expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'pending' });

      await emulator.advance({ minutes: 2 });
      await host.wanpay.sweep();
      await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
    });
  });

  describe('while nobody asks the platform', () => {
    beforeEach(async () => {
      emulator = await startPlatform();
      host = await startHost(adapter, emulator, { reconciliation: { enabled: false } });
      await host.wanpay.createPayment({ orderNo: 'A1', amount: 1280, validDays: 1 });
    });

    it('of a late payment is atm.paid, and late', async () => {
      const { expiresAt } = emulator.order('A1');
      expect(expiresAt).toEqual(new Date('2026-03-03T23:59:59+08:00'));
      await emulator.advance(expiresAt.getTime() - emulator.clock.now().getTime() + 1000);
      await emulator.pay('A1');
      await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
      expect(host.handler.of('atm.paid')).toMatchObject([{ late: true, payment: { paidAt: emulator.clock.now() } }]);
    });

    it('of a payment in the last valid second is not late, though it arrives later', async () => {
      const { expiresAt } = emulator.order('A1');
      await emulator.advance({ days: 3 });
      await emulator.pay('A1', { at: expiresAt });
      await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
      expect(host.handler.of('atm.paid')).toMatchObject([{ late: false, payment: { paidAt: expiresAt } }]);
    });
  });

  it('of a failure or a closing records its event once', async () => {
    await host.wanpay.createPayment({ orderNo: 'A2', amount: 50 });
    await emulator.fail('A1');
    await emulator.resend('A1');
    await emulator.closeOrder('A2', { notify: true });
    await emulator.resend('A2');
    await until(() => host.handler.of('atm.closed').length === 1, 'atm.closed is handled');
    await quiet();
    expect(host.handler.of('atm.failed')).toMatchObject([{ orderNo: 'A1', payment: { state: 'failed' } }]);
    expect(host.handler.of('atm.closed')).toMatchObject([{ orderNo: 'A2', payment: { state: 'closed' } }]);
  });

  it('of an order that is not known here is recorded, with one atm.unknown_order, and is acknowledged', async () => {
    const said = { out_trade_no: 'nobody-Knows_this/1', total_fee: '5000', bankno: '013', acctno: '0004123456789012' };
    for (let n = 0; n < 3; n++) {
      const reply = await postForm(host.notificationUrl, notification(emulator, { ...said, result: `第${n}次` }));
      expect(reply).toMatchObject({ status: 200, body: 'success' });
      await emulator.advance({ minutes: 3 });
    }
    await quiet();
    expect(host.handler.of('atm.unknown_order')).toMatchObject([
      {
        orderNo: said.out_trade_no,
        livemode: false,
        outcome: { status: 'paid', reportedAmount: '5000', payer: { bankCode: '013', account: '***********89012' } },
      },
    ]);
    expect(await host.wanpay.getPayment(said.out_trade_no)).toBeUndefined();
    expect(host.handler.of('atm.paid')).toEqual([]);
  });

  it('keeps the whole of a payer’s account when the host asks for it', async () => {
    host = await startHost(adapter, emulator, { payerAccount: 'full' });
    await host.wanpay.createPayment({ orderNo: 'F1', amount: 50 });
    await emulator.pay('F1', { payerAccount: '0004123456789012' });
    await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
    expect(host.handler.of('atm.paid')).toMatchObject([{ payment: { payer: { account: '0004123456789012' } } }]);
  });
});
