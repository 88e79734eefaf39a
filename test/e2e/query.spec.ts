import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  NotificationRefusedError,
  PaymentNotFoundError,
  PlatformRefusedError,
  ResultUnknownError,
  UnknownMerchantError,
} from 'nestjs-wanpay';
import { type WanPayEmulator } from 'wanpay-emulator';
import { startForwardProxy } from './forward-proxy.js';
import { ADAPTERS, type Host, startHost } from './host.js';
import { form, notification } from './notification.js';
import { startPlatform } from './platform.js';
import { quiet, until } from './until.js';

describe.each(ADAPTERS)('asking the platform, on %s', (adapter) => {
  let emulator: WanPayEmulator;
  let host: Host;
  beforeEach(async () => {
    emulator = await startPlatform();
    host = await startHost(adapter, emulator, { reconciliation: { enabled: false } });
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 1280, validDays: 1 });
    await until(() => host.handler.events.length === 1, 'atm.issued is handled');
  });

  it.each(['dollars', 'cents'] as const)(
    'settles a payment whose notifications were all lost, amounts in %s',
    async (queryAmountUnit) => {
      emulator = await startPlatform({ queryAmountUnit });
      host = await startHost(adapter, emulator);
      await host.wanpay.createPayment({ orderNo: 'A1', amount: 1280, validDays: 1 });
      emulator.faults.dropNotifications();
      await emulator.pay('A1');
      expect(emulator.notifications()).toEqual([]);
      const payments = await Promise.all([host.wanpay.queryPayment('A1'), host.wanpay.queryPayment('A1')]);
      expect(payments).toMatchObject([
        { state: 'paid', amountUnit: queryAmountUnit },
        { state: 'paid', amountUnit: queryAmountUnit },
      ]);
      await host.wanpay.queryPayment('A1');
      await until(() => host.handler.of('atm.paid').length > 0, 'atm.paid is handled');
      await quiet();
      expect(host.handler.types).toEqual(['atm.issued', 'atm.paid']);
    },
  );

  it('many times at once asks once', async () => {
    const proxy = await startForwardProxy();
    host = await startHost(adapter, emulator, { proxy: `http://127.0.0.1:${proxy.port}` });
    await host.wanpay.createPayment({ orderNo: 'Q1', amount: 50 });
    await Promise.all([1, 2, 3].map(() => host.wanpay.queryPayment('Q1')));
    await host.wanpay.queryPayment('Q1');
    expect(proxy.seen.map(({ target }) => target.replace(/.*\//, ''))).toEqual([
      'virtualatmpay',
      'orderquery',
      'orderquery',
    ]);
  });

  it('and being notified of the same money records one atm.paid', async () => {
    await emulator.pay('A1', { wait: false });
    await host.wanpay.queryPayment('A1');
    await emulator.idle();
    await quiet();
    expect(host.handler.types).toEqual(['atm.issued', 'atm.paid']);
  });

  it('changes nothing while the payer has not paid or is paying', async () => {
    expect(await host.wanpay.queryPayment('A1')).toMatchObject({ state: 'pending' });
    await emulator.pay('A1', { at: new Date(emulator.clock.now().getTime() + 60_000) });
    expect(emulator.order('A1').state).toBe('paying');
    expect(await host.wanpay.queryPayment('A1')).toMatchObject({ state: 'pending' });
    await quiet();
    expect(host.handler.types).toEqual(['atm.issued']);
  });

  it.each([
    ['failed', () => emulator.fail('A1')],
    ['closed', () => emulator.closeOrder('A1')],
    ['expired', () => emulator.advance({ days: 2 })],
  ] as const)('learns that a payment has %s', async (state, happen) => {
    emulator.faults.dropNotifications();
    await happen();
    expect(await host.wanpay.queryPayment('A1')).toMatchObject({ state });
    await host.wanpay.queryPayment('A1');
    await until(() => host.handler.of(`atm.${state}`).length > 0, 'the event is handled');
    await quiet();
    expect(host.handler.types).toEqual(['atm.issued', `atm.${state}`]);
  });

  it('expires an account that nobody paid, an hour of grace after its deadline, though the platform says unpaid', async () => {
    emulator.faults.answer('query', { body: '{"status":"900","info":"","data":{"orderstatus":"5801"}}' }, { times: 2 });
    const { expiresAt } = emulator.order('A1');
    await emulator.advance(expiresAt.getTime() + 3_600_000 - emulator.clock.now().getTime());
    expect(await host.wanpay.queryPayment('A1')).toMatchObject({ state: 'pending' });
    await emulator.advance({ seconds: 1 });
    expect(await host.wanpay.queryPayment('A1')).toMatchObject({ state: 'expired' });
  });

  it('reports the wrong amount as a mismatch', async () => {
    emulator.faults.dropNotifications();
    await emulator.pay('A1', { amount: 12 });
    expect(await host.wanpay.queryPayment('A1')).toMatchObject({
      state: 'pending',
      otherTransfers: [{ reportedAmount: '12.00' }],
    });
    await until(() => host.handler.of('atm.amount_mismatch').length === 1, 'atm.amount_mismatch is handled');
  });

  it('is tried again while the platform gives no answer', async () => {
    emulator.faults.answer('query', { httpStatus: 503 }, { times: 2 });
    expect(await host.wanpay.queryPayment('A1')).toMatchObject({ state: 'pending' });
    emulator.faults.answer('query', { httpStatus: 503 }, { times: 3 });
    await expect(host.wanpay.queryPayment('A1')).rejects.toThrow(ResultUnknownError);
  });

  it('says what is wrong: no such payment, a refusal, a merchant that is not ours', async () => {
    await expect(host.wanpay.queryPayment('B1')).rejects.toThrow(PaymentNotFoundError);
    emulator.faults.answer('query', { code: '991', info: '轉發異常' });
    await expect(host.wanpay.queryPayment('A1')).rejects.toThrow(PlatformRefusedError);
    await expect(host.wanpay.queryPayment('A1', { merchantNo: 'nobody' })).rejects.toThrow(UnknownMerchantError);
    expect(await host.wanpay.getPayment('B1')).toBeUndefined();
  });

  describe('the payer’s return', () => {
    it('is verified and read, for display only', async () => {
      const fields = notification(emulator, {
        out_trade_no: 'A1',
        total_fee: '128000',
        result: '支付成功',
        trxtoken: '',
      });
      const query = Object.fromEntries(new URL(`http://shop/return?${form(fields)}`).searchParams);
      const shown = await host.wanpay.parseReturn(query);
      expect(shown).toMatchObject({
        displayOnly: true,
        orderNo: 'A1',
        message: '支付成功',
        outcome: { status: 'paid' },
      });
      await quiet();
      expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'pending' });
      expect(host.handler.types).toEqual(['atm.issued']);
    });

    it('is read with parameters of the host’s own beside it, and of others', async () => {
      const fields = notification(emulator, { out_trade_no: 'A1', total_fee: '128000' });
      const foreign = { order: '17', utm_source: 'mail', tags: ['a', 'b'], note: 'a&status=5805' };
      const shown = await host.wanpay.parseReturn({ ...fields, ...foreign });
      expect(shown).toMatchObject({ displayOnly: true, orderNo: 'A1', outcome: { status: 'paid' } });
    });

    it.each([
      ['of another key', () => notification(emulator, { out_trade_no: 'A1' }, 'another key')],
      ['that was tampered with', () => ({ ...notification(emulator, { out_trade_no: 'A1' }), out_trade_no: 'A2' })],
      ['without a signature', () => ({ ...notification(emulator, { out_trade_no: 'A1' }), sign: '' })],
      ['that repeats a field', () => ({ ...notification(emulator, { out_trade_no: 'A1' }), status: ['0000', '0000'] })],
      [
        'from which a signed field was taken',
        () => ({ ...notification(emulator, { out_trade_no: 'A1', extra: '1' }), extra: '2' }),
      ],
      ['of a merchant that is not ours', () => notification(emulator, { out_trade_no: 'A1', orgno: 'nobody' })],
      ['that is nothing', () => undefined],
    ])('%s is refused', async (_, make) => {
      await expect(host.wanpay.parseReturn(make())).rejects.toThrow(NotificationRefusedError);
    });
  });
});
