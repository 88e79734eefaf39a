import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { verify } from 'nestjs-wanpay/protocol';
import { NothingToResendError, UnknownOrderError } from '../errors.js';
import { Shop } from '../testing/shop.js';

const START = new Date('2020-04-09T11:56:02+08:00');

describe('notifications', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await Shop.open({ clock: { stopped: true, startAt: START } });
  });
  afterEach(() => shop.close());

  /** Seconds after the start at which each attempt so far was made. */
  const attemptTimes = (): number[] =>
    shop.platform.notifications().map(({ at }) => (at.getTime() - START.getTime()) / 1000);

  it('are posted as a signed form when an order is paid', async () => {
    await shop.order();
    await shop.platform.pay('A1', { payerBankCode: '013', payerAccount: '0000111122223333' });
    const [notification, ...more] = shop.received;
    expect(more).toEqual([]);
    expect(notification?.contentType).toBe('application/x-www-form-urlencoded; charset=utf-8');
    expect(notification?.connection).toBe('close');
    expect(notification?.fields).toEqual({
      orgno: shop.platform.merchant.merchantNo,
      secondtimestamp: '1586404562',
      nonce_str: expect.stringMatching(/^.{8}$/),
      sign: expect.stringMatching(/^[0-9A-F]{32}$/),
      out_trade_no: 'A1',
      status: '0000',
      result: '支付成功',
      total_fee: '128000',
      orderdate: '2020-04-09 11:56:02',
      bankno: '013',
      acctno: '0000111122223333',
    });
    expect(verify(notification?.fields ?? {}, shop.platform.merchant.key)).toBe(true);
  });

  it('end with the first acknowledgement', async () => {
    await shop.order();
    await shop.platform.pay('A1');
    await shop.platform.advance({ days: 1 });
    expect(shop.platform.notifications()).toEqual([
      {
        merchantNo: shop.platform.merchant.merchantNo,
        orderNo: 'A1',
        url: shop.notificationUrl,
        notification: 1,
        fields: shop.received[0]?.fields,
        attempt: 1,
        at: START,
        latencyMs: expect.any(Number),
        replyStatus: 200,
        replyBody: 'success',
        acknowledged: true,
      },
    ]);
  });

  it('are sent again 1, 3 and 5 minutes after the attempt before, then never', async () => {
    shop.answers.push({ body: 'no' }, { body: 'no' }, { body: 'no' }, { body: 'no' });
    await shop.order();
    await shop.platform.pay('A1');
    expect(attemptTimes()).toEqual([0]);
    await shop.platform.advance({ seconds: 59 });
    expect(attemptTimes()).toEqual([0]);
    await shop.platform.advance({ seconds: 1 });
    expect(attemptTimes()).toEqual([0, 60]);
    await shop.platform.advance({ days: 30 });
    expect(attemptTimes()).toEqual([0, 60, 240, 540]);
    expect(shop.platform.notifications().map(({ attempt, nextAttemptAt }) => [attempt, nextAttemptAt])).toEqual([
      [1, new Date(START.getTime() + 60_000)],
      [2, new Date(START.getTime() + 240_000)],
      [3, new Date(START.getTime() + 540_000)],
      [4, undefined],
    ]);
  });

  it('have a timestamp, a nonce and a signature of their own on every attempt', async () => {
    shop.answers.push({ body: 'no' }, { body: 'no' });
    await shop.order();
    await shop.platform.pay('A1');
    await shop.platform.advance({ hours: 1 });
    const fields = shop.received.map((notification) => notification.fields);
    expect(fields.map(({ secondtimestamp }) => secondtimestamp)).toEqual(['1586404562', '1586404622', '1586404802']);
    expect(new Set(fields.map(({ nonce_str }) => nonce_str)).size).toBe(3);
    expect(fields.every((each) => verify(each, shop.platform.merchant.key))).toBe(true);
    expect(new Set(fields.map(({ orderdate }) => orderdate))).toEqual(new Set(['2020-04-09 11:56:02']));
  });

  it('can count every retry from the first attempt, after other minutes', async () => {
    await shop.close();
    shop = await Shop.open({
      clock: { stopped: true, startAt: START },
      retryMinutes: [2, 10],
      retryFrom: 'first',
    });
    shop.answers.push({ body: 'no' }, { body: 'no' }, { body: 'no' });
    await shop.order();
    await shop.platform.pay('A1');
    await shop.platform.advance({ days: 1 });
    expect(attemptTimes()).toEqual([0, 120, 600]);
  });

  it.each<[string, Parameters<Shop['answers']['push']>[0]]>([
    ['a line break after it', { body: 'success\n' }],
    ['upper case', { body: 'SUCCESS' }],
    ['quotation marks', { body: '"success"' }],
    ['nothing', { body: '' }],
    ['HTTP 201', { status: 201, body: 'success' }],
    ['HTTP 500', { status: 500, body: 'success' }],
    ['a redirect, which is not followed', { status: 307, body: 'success', location: '/elsewhere' }],
  ])('are not acknowledged by %s', async (_, answer) => {
    shop.answers.push(answer);
    await shop.order();
    await shop.platform.pay('A1');
    expect(shop.received).toHaveLength(1);
    expect(shop.platform.notifications()).toMatchObject([
      {
        acknowledged: false,
        replyBody: answer === 'silence' ? '' : answer.body,
        nextAttemptAt: new Date(START.getTime() + 60_000),
      },
    ]);
  });

  it('fail when nobody listens, and when nobody answers in time', async () => {
    await shop.close();
    shop = await Shop.open({ notificationTimeoutMs: 50 });
    shop.answers.push('silence');
    await shop.order();
    await shop.order({ out_trade_no: 'A2', backurl: 'http://127.0.0.1:1/' });
    await shop.platform.pay('A1');
    await shop.platform.pay('A2');
    expect(shop.platform.notifications()).toMatchObject([
      { orderNo: 'A1', acknowledged: false, error: 'No reply within 0.05 s.' },
      { orderNo: 'A2', acknowledged: false, error: 'No reply: ECONNREFUSED.' },
    ]);
    expect(shop.platform.notifications().some((attempt) => 'replyStatus' in attempt)).toBe(false);
  });

  it('are not sent without a backurl', async () => {
    await shop.order({ backurl: '' });
    await shop.platform.pay('A1');
    await shop.platform.advance({ hours: 1 });
    expect(shop.platform.notifications()).toEqual([]);
    await expect(shop.platform.resend('A1')).rejects.toThrow(NothingToResendError);
  });

  it('report a failure with what was asked', async () => {
    await shop.order();
    await shop.platform.fail('A1');
    expect(shop.received[0]?.fields).toMatchObject({ status: '5805', result: '支付失敗', total_fee: '128000' });
  });

  it('report a closing only when that is asked for', async () => {
    await shop.order();
    await shop.order({ out_trade_no: 'A2' });
    await shop.platform.closeOrder('A1');
    expect(shop.received).toEqual([]);
    await shop.platform.closeOrder('A2', { notify: true });
    expect(shop.received[0]?.fields).toMatchObject({ out_trade_no: 'A2', status: '5803', bankno: '', orderdate: '' });
    expect(verify(shop.received[0]?.fields ?? {}, shop.platform.merchant.key)).toBe(true);
  });

  it('write the amount in dollars when told to', async () => {
    await shop.close();
    shop = await Shop.open({ notificationAmountUnit: 'dollars' });
    await shop.order();
    await shop.platform.pay('A1', { amount: 1000 });
    expect(shop.received[0]?.fields.total_fee).toBe('1000.00');
  });

  it('give way to a newer result of the same order', async () => {
    shop.answers.push({ body: 'no' });
    await shop.order();
    await shop.platform.fail('A1');
    await shop.platform.pay('A1');
    await shop.platform.advance({ hours: 1 });
    expect(shop.received.map(({ fields }) => fields.status)).toEqual(['5805', '0000']);
  });

  it('can be sent again by hand, beside their retries', async () => {
    shop.answers.push({ body: 'no' }, { body: 'no' });
    await shop.order();
    await shop.platform.pay('A1');
    const again = await shop.platform.resend('A1');
    expect(again).toMatchObject({ attempt: 2, acknowledged: false, nextAttemptAt: new Date(START.getTime() + 60_000) });
    expect(await shop.platform.resend('A1')).toMatchObject({ attempt: 3, acknowledged: true });
    await shop.platform.advance({ hours: 1 });
    expect(attemptTimes()).toEqual([0, 0, 0]);
    await expect(shop.platform.resend('A2')).rejects.toThrow(UnknownOrderError);
  });

  it('of an older result can be sent again too', async () => {
    await shop.order();
    await shop.platform.fail('A1');
    await shop.platform.pay('A1');
    expect(await shop.platform.resend('A1', { notification: 1 })).toMatchObject({ fields: { status: '5805' } });
    expect(await shop.platform.resend('A1')).toMatchObject({ fields: { status: '0000' } });
    await expect(shop.platform.resend('A1', { notification: 3 })).rejects.toThrow(NothingToResendError);
  });

  it('that are in flight can be waited for', async () => {
    await shop.order();
    await shop.platform.pay('A1', { wait: false });
    expect(shop.platform.notifications()).toEqual([]);
    await shop.platform.idle();
    expect(shop.platform.notifications()).toMatchObject([{ acknowledged: true }]);
  });
});
