import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Shop } from '../testing/shop.js';

describe('orderquery', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await Shop.open({ clock: { stopped: true, startAt: new Date('2021-02-08T03:00:00+08:00') } });
    await shop.order({ virtualatmvalidity: '1' });
  });
  afterEach(() => shop.close());

  it('answers 5223 to an order number that it does not know', async () => {
    const reply = await shop.query('NONE');
    expect(reply).toMatchObject({ httpStatus: 200, status: '5223', info: '此商戶訂單號不存在' });
    expect(reply.data).toBeUndefined();
  });

  it.each([{ out_trade_no: 'a1' }, { out_trade_no: '' }, { nonce_str: '123456789' }, { secondtimestamp: '1' }])(
    'answers 910 to %p',
    async (fields) => {
      expect(await shop.query('A1', fields)).toMatchObject({ status: '910' });
    },
  );

  it('tells of an order that waits', async () => {
    const reply = await shop.query();
    expect(reply).toMatchObject({ httpStatus: 200, status: '900', info: '查詢訂單成功' });
    expect(reply.data).toEqual({ total_fee: '1280.00', out_trade_no: 'A1', orderstatus: '5801' });
  });

  it('tells what was paid, and by whom', async () => {
    await shop.platform.pay('A1', { amount: 1200, payerBankCode: '004', payerAccount: '9876' });
    expect((await shop.query()).data).toEqual({
      total_fee: '1200.00',
      out_trade_no: 'A1',
      orderstatus: '0000',
      bankno: '004',
      acctno: '9876',
    });
  });

  it('tells of a payment that is under way until it arrives', async () => {
    await shop.platform.pay('A1', { at: new Date(shop.platform.clock.now().getTime() + 60_000) });
    expect((await shop.query()).data).toMatchObject({ orderstatus: '5804' });
    await shop.platform.advance({ seconds: 59 });
    expect((await shop.query()).data).toMatchObject({ orderstatus: '5804' });
    await shop.platform.advance({ seconds: 1 });
    expect((await shop.query()).data).toMatchObject({ orderstatus: '0000' });
  });

  it('tells of an order that failed, for what was asked', async () => {
    await shop.platform.fail('A1');
    expect((await shop.query()).data).toEqual({ total_fee: '1280.00', out_trade_no: 'A1', orderstatus: '5805' });
  });

  it('tells of an order that was closed', async () => {
    await shop.platform.closeOrder('A1');
    expect((await shop.query()).data).toMatchObject({ orderstatus: '5803' });
  });

  it('closes an unpaid order once 23:59:59 of its last day is over, in Taipei', async () => {
    await shop.platform.advance({ hours: 44, minutes: 59, seconds: 59 });
    expect((await shop.query()).data).toMatchObject({ orderstatus: '5801' });
    await shop.platform.advance({ seconds: 1 });
    expect((await shop.query()).data).toMatchObject({ orderstatus: '5803' });
  });

  it('leaves a paid order paid when its account lapses', async () => {
    await shop.platform.pay('A1');
    await shop.platform.advance({ days: 3 });
    expect((await shop.query()).data).toMatchObject({ orderstatus: '0000' });
  });

  it('writes amounts in cents when told to', async () => {
    await shop.close();
    shop = await Shop.open({ queryAmountUnit: 'cents' });
    await shop.order();
    expect((await shop.query()).data).toMatchObject({ total_fee: '128000' });
  });
});
