import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InvalidArgumentError } from '../errors.js';
import { FAULT_KINDS, readFault } from './fault-input.js';
import { Shop } from '../testing/shop.js';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

describe('faults', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await Shop.open();
  });
  afterEach(() => shop.close());

  it('lose the reply to an order that was accepted', async () => {
    shop.platform.faults.loseOrderReplies();
    await expect(shop.order()).rejects.toThrow('fetch failed');
    expect(shop.platform.order('A1').state).toBe('unpaid');
    expect(await shop.order()).toMatchObject({ status: '6307' });
    expect(await shop.order({ out_trade_no: 'A2' })).toMatchObject({ status: '900' });
  });

  it('leave a refused order its reply, and wait for one that is accepted', async () => {
    shop.platform.faults.loseOrderReplies();
    expect(await shop.order({ total_fee: '1' })).toMatchObject({ status: '910' });
    await expect(shop.order()).rejects.toThrow('fetch failed');
  });

  it('answer with a code, as often as told, and do nothing', async () => {
    shop.platform.faults.answer('order', { code: '992' }, { times: 2 });
    const reply = await shop.order();
    expect(reply).toMatchObject({ httpStatus: 200, status: '992' });
    expect(reply.data).toBe('');
    expect(await shop.query()).toMatchObject({ status: '5223' });
    expect(await shop.order()).toMatchObject({ status: '992' });
    expect(await shop.order()).toMatchObject({ status: '900' });
  });

  it('answer with an HTTP error or a malformed body', async () => {
    const { faults } = shop.platform;
    await shop.order();
    faults.answer('query', { httpStatus: 500, body: 'out of order' });
    faults.answer('query', { httpStatus: 503 });
    faults.answer('query', { body: '{"status":' });
    expect(await shop.query()).toEqual({ httpStatus: 500, text: 'out of order' });
    expect(await shop.query()).toEqual({ httpStatus: 503, text: '' });
    expect(await shop.query()).toEqual({ httpStatus: 200, text: '{"status":' });
    expect(await shop.query()).toMatchObject({ status: '900' });
  });

  it('answer wrongly after having acted', async () => {
    shop.platform.faults.answer('order', { code: '999', info: '失敗' }, { afterActing: true });
    expect(await shop.order()).toMatchObject({ status: '999', info: '失敗' });
    expect(shop.platform.order('A1').state).toBe('unpaid');
  });

  it('lose an acknowledgement, so that the notification comes again', async () => {
    shop.platform.faults.loseAcknowledgements();
    await shop.order();
    await shop.platform.pay('A1');
    expect(shop.platform.notifications()).toMatchObject([
      { acknowledged: false, replyBody: 'success', error: expect.stringContaining('lost') },
    ]);
    await shop.platform.advance({ minutes: 1 });
    expect(shop.received).toHaveLength(2);
    await shop.platform.advance({ hours: 1 });
    expect(shop.platform.notifications().map(({ acknowledged }) => acknowledged)).toEqual([false, true]);
  });

  it('pay an order, and have it notified and acknowledged, before its reply', async () => {
    const seen: string[] = [];
    shop.beforeAnswer = () => {
      seen.push('notification');
      return Promise.resolve();
    };
    shop.platform.faults.payBeforeReply();
    const reply = await shop.order().then((arrived) => {
      seen.push('reply');
      return arrived;
    });
    expect(seen).toEqual(['notification', 'reply']);
    expect(reply).toMatchObject({ status: '900' });
    expect(shop.platform.notifications()).toMatchObject([{ acknowledged: true }]);
    expect(shop.platform.order('A1').state).toBe('paid');
  });

  it('drop a notification with its retries, which can still be sent by hand', async () => {
    shop.platform.faults.dropNotifications();
    await shop.order();
    await shop.platform.pay('A1');
    await shop.platform.advance({ days: 1 });
    expect(shop.received).toEqual([]);
    expect((await shop.query()).data).toMatchObject({ orderstatus: '0000' });
    expect(await shop.platform.resend('A1')).toMatchObject({ attempt: 1, acknowledged: true });
  });

  it('can be disarmed', async () => {
    const { faults } = shop.platform;
    faults.answer('order', { code: '992' });
    faults.loseOrderReplies(3);
    faults.dropNotifications();
    faults.clear();
    expect(await shop.order()).toMatchObject({ status: '900' });
    await shop.platform.pay('A1');
    expect(shop.received).toHaveLength(1);
  });

  it.each(FAULT_KINDS)(
    'of the kind %s can be armed with its kind alone, or lack only a code, and is documented',
    (kind) => {
      const { faults } = shop.platform;
      expect(faults.arm(readFault({ kind, code: '999' })).fault).toMatchObject({ kind });
      expect(README).toContain(`| \`${kind}\``);
    },
  );

  it.each([
    [{ kind: 'odd-amount-notification', amount: 'roman' }, 'amount'],
    [{ kind: 'odd-deadline-reply', deadline: 'never' }, 'deadline'],
    [{ kind: 'odd-account-reply', account: '' }, 'account'],
    [{ kind: 'odd-status-notification', status: '12345' }, 'status'],
    [{ kind: 'content-type-notification', contentType: 'text/plain\r\nx: y' }, 'contentType'],
    [{ kind: 'second-transfer', delaySeconds: -1 }, 'delaySeconds'],
    [{ kind: 'second-transfer', payerBankCode: '12' }, 'payerBankCode'],
    [{ kind: 'second-transfer', payerAccount: '12345678901234567' }, 'payerAccount'],
    [{ kind: 'second-transfer', paidAmount: 0 }, 'paidAmount'],
  ])('refuse %p over the API, and name the part', async (fault, name) => {
    const response = await fetch(`${shop.platform.url}/api/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(name),
    });
  });

  it.each([0, -1, 1.5])('refuse to strike %d times', (times) => {
    expect(() => {
      shop.platform.faults.loseOrderReplies(times);
    }).toThrow(InvalidArgumentError);
  });
});
