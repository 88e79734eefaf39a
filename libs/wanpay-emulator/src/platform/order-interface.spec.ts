import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Fields, toTimestamp } from 'nestjs-wanpay/protocol';
import { Shop } from '../testing/shop.js';

const LONG_URL = `https://shop.example/${'x'.repeat(236)}`;
const START = new Date('2021-02-08T03:00:00+08:00');

describe('virtualatmpay', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await Shop.open({ clock: { stopped: true, startAt: START } });
  });
  afterEach(() => shop.close());

  it('opens an account and replies in the shape of the vendor’s sample', async () => {
    const reply = await shop.order({ virtualatmvalidity: '1' });
    expect(reply).toMatchObject({ httpStatus: 200, status: '900', info: '下单成功' });
    expect(reply.data).toEqual({
      code_url: expect.stringMatching(/^\d{14}$/),
      expiredate: '2021-02-09 23:59:59',
      bankcode: '013',
      bankname: '國泰世華商業銀行',
      branchcode: '2022',
      branchname: '大昌分行',
      receiver: '旺沛大數位股份有限公司',
      out_trade_no: 'A1',
    });
    expect(Object.keys(JSON.parse(reply.text) as object)).toEqual(['status', 'info', 'data']);
  });

  it('gives every order an account of its own', async () => {
    const replies = await Promise.all(Array.from({ length: 50 }, (_, n) => shop.order({ out_trade_no: `N${n}` })));
    expect(new Set(replies.map(({ data }) => data?.code_url)).size).toBe(50);
  });

  it('keeps what was asked for', async () => {
    await shop.order({ body: '茶葉 & 茶壺', returnurl: 'https://shop.example/back' });
    expect(shop.platform.order('A1')).toMatchObject({
      merchantNo: shop.platform.merchant.merchantNo,
      amount: 1280,
      description: '茶葉 & 茶壺',
      returnUrl: 'https://shop.example/back',
      notificationUrl: shop.notificationUrl,
      openedAt: START,
      state: 'unpaid',
    });
  });

  it.each<[string, Fields]>([
    ['the smallest amount', { total_fee: '1100' }],
    ['the greatest amount that fits', { total_fee: '999999999900' }],
    ['an order number of 20 characters', { out_trade_no: '0123456789ABCDEFGHIJ' }],
    ['30 days', { virtualatmvalidity: '30' }],
    ['URLs of 256 characters', { backurl: LONG_URL.slice(0, 256), returnurl: LONG_URL.slice(0, 256) }],
    ['a description of 256 characters of any script', { body: '𠮷'.repeat(256) }],
    ['an extension field, signed with the rest', { extension: 'new' }],
    ['no URLs at all', { backurl: '', returnurl: '' }],
  ])('accepts %s', async (_, fields) => {
    expect(await shop.order(fields)).toMatchObject({ status: '900' });
  });

  it('lets an account be valid for 7 days when the order does not say', async () => {
    const reply = await shop.order({ virtualatmvalidity: '' });
    expect(reply.data).toMatchObject({ expiredate: '2021-02-15 23:59:59' });
  });

  it.each<[string, Fields]>([
    ['secondtimestamp', { secondtimestamp: '' }],
    ['secondtimestamp', { secondtimestamp: 'soon' }],
    ['secondtimestamp', { secondtimestamp: '16127244000' }],
    ['nonce_str', { nonce_str: '' }],
    ['nonce_str', { nonce_str: '123456789' }],
    ['total_fee', { total_fee: '' }],
    ['total_fee', { total_fee: '1099' }],
    ['total_fee', { total_fee: '1150' }],
    ['total_fee', { total_fee: '-1100' }],
    ['total_fee', { total_fee: '1280.00' }],
    ['total_fee', { total_fee: '１１００' }],
    ['total_fee', { total_fee: '1000000000000' }],
    ['out_trade_no', { out_trade_no: '' }],
    ['out_trade_no', { out_trade_no: 'a1' }],
    ['out_trade_no', { out_trade_no: 'A_1' }],
    ['out_trade_no', { out_trade_no: 'A1\n' }],
    ['out_trade_no', { out_trade_no: '0123456789ABCDEFGHIJK' }],
    ['returnurl', { returnurl: '/relative' }],
    ['returnurl', { returnurl: 'javascript:alert(1)' }],
    ['returnurl', { returnurl: LONG_URL }],
    ['backurl', { backurl: 'ftp://shop.example/' }],
    ['backurl', { backurl: 'https://' }],
    ['backurl', { backurl: LONG_URL }],
    ['virtualatmvalidity', { virtualatmvalidity: '0' }],
    ['virtualatmvalidity', { virtualatmvalidity: '31' }],
    ['virtualatmvalidity', { virtualatmvalidity: '-1' }],
    ['virtualatmvalidity', { virtualatmvalidity: '100' }],
    ['body', { body: 'x'.repeat(257) }],
    ['orgno', { orgno: '' }],
    ['orgno', { orgno: '1'.repeat(31) }],
  ])('answers 910 and names %s: %p', async (name, fields) => {
    const reply = await shop.order(fields);
    expect(reply).toEqual({
      httpStatus: 200,
      text: reply.text,
      status: '910',
      info: expect.stringMatching(new RegExp(`^參數錯誤：${name} `)),
      data: '',
    });
    expect(reply.info?.length).toBeLessThanOrEqual(50);
    expect(shop.platform.orders()).toEqual([]);
  });

  it.each(['1', '1234567', '12345678'])('takes a nonce of up to 8 characters: %s', async (nonce_str) => {
    expect(await shop.order({ nonce_str })).toMatchObject({ status: '900' });
  });

  it('answers 6307 to an order number that it has seen, whatever became of it', async () => {
    await shop.order();
    expect(await shop.order({ total_fee: '990000' })).toMatchObject({ status: '6307', info: '此訂單號已存在' });
    await shop.platform.closeOrder('A1');
    expect(await shop.order()).toMatchObject({ status: '6307' });
    expect(shop.platform.order('A1').amount).toBe(1280);
  });

  it('accepts one of two orders with one number that come at once', async () => {
    const replies = await Promise.all([shop.order(), shop.order()]);
    expect(replies.map(({ status }) => status).toSorted()).toEqual(['6307', '900']);
  });

  it.each([
    [-600, '900'],
    [600, '900'],
    [-601, '910'],
    [601, '910'],
  ])('answers a timestamp that is %d seconds off with %s', async (seconds, status) => {
    const secondtimestamp = toTimestamp(new Date(START.getTime() + seconds * 1000));
    expect(await shop.order({ secondtimestamp })).toMatchObject({ status });
  });
});
