import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Fields, verify } from 'nestjs-wanpay/protocol';
import { type Fault } from '../faults/fault.js';
import { Shop } from '../testing/shop.js';

const START = new Date('2020-04-09T11:56:02.345+08:00');

describe('a notification', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await Shop.open({ clock: { stopped: true, startAt: START } });
  });
  afterEach(() => shop.close());

  /** What the platform believes that it sent, when this goes wrong. */
  async function sent(fault: Fault): Promise<Fields> {
    shop.platform.faults.arm(fault);
    await shop.order();
    await shop.platform.pay('A1');
    return shop.platform.notifications()[0]?.fields ?? {};
  }
  const isSigned = (fields: Fields): boolean => verify(fields, shop.platform.merchant.key);

  it('is posted as multipart', async () => {
    const fields = await sent({ kind: 'multipart-notification' });
    const { body = '', contentType = '' } = shop.received[0] ?? {};
    const form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
    expect(Object.fromEntries(form)).toEqual(fields);
    expect(isSigned(fields)).toBe(true);
  });

  it('is JSON whose numbers are as they are written', async () => {
    shop.platform.faults.arm({ kind: 'odd-amount-notification', amount: 'three-decimals', unit: 'dollars' });
    const fields = await sent({ kind: 'json-notification', numbers: true });
    expect(shop.received[0]?.contentType).toBe('application/json; charset=utf-8');
    expect(shop.received[0]?.body).toContain('"total_fee":1280.000');
    expect(shop.received[0]?.body).toContain('"secondtimestamp":1586404562');
    expect(shop.received[0]?.body).toContain('"status":"0000"');
    expect(isSigned(fields)).toBe(true);
  });

  it.each([
    ['application/x-www-form-urlencoded; charset=utf8', 'application/x-www-form-urlencoded; charset=utf8'],
    ['text/plain', 'text/plain'],
    ['none', undefined],
  ])('has the Content-Type %s', async (contentType, seen) => {
    const fields = await sent({ kind: 'content-type-notification', contentType });
    expect(shop.received[0]).toMatchObject({ contentType: seen, fields });
  });

  it.each([
    ['separated', 'dollars', '1,280'],
    ['separated', 'cents', '128,000'],
    ['padded', 'dollars', '        1280'],
    ['three-decimals', 'dollars', '1280.000'],
    ['three-decimals', 'cents', '128000.000'],
    ['unreadable', 'dollars', '--'],
    ['absent', 'dollars', undefined],
  ] as const)('has an amount that is %s, in %s', async (amount, unit, written) => {
    const fields = await sent({ kind: 'odd-amount-notification', amount, unit });
    expect(fields.total_fee).toBe(written);
    expect(isSigned(fields)).toBe(true);
    expect(shop.received[0]?.fields).toEqual(fields);
  });

  it('has a timestamp in milliseconds', async () => {
    const fields = await sent({ kind: 'millisecond-timestamp-notification' });
    expect(fields.secondtimestamp).toBe('1586404562345');
    expect(isSigned(fields)).toBe(true);
  });

  it('has further fields that are not signed', async () => {
    const fields = await sent({ kind: 'extended-notification', fields: { trxtoken: 'x' }, unsigned: true });
    expect(fields.trxtoken).toBe('x');
    expect(isSigned(fields)).toBe(false);
    const { trxtoken: _, ...known } = fields;
    expect(isSigned(known)).toBe(true);
  });

  it('has a status that is not listed', async () => {
    const fields = await sent({ kind: 'odd-status-notification', status: '900' });
    expect(fields.status).toBe('900');
    expect(isSigned(fields)).toBe(true);
  });

  it('has one field folded into another, under the same signature', async () => {
    const fields = await sent({ kind: 'folded-notification' });
    expect(fields).not.toHaveProperty('bankno');
    expect(fields.acctno).toBe('0000123456789012&bankno=822');
    expect(isSigned(fields)).toBe(true);
  });

  it('has nothing to fold when no payer is known', async () => {
    shop.platform.faults.arm({ kind: 'folded-notification' });
    await shop.order();
    await shop.platform.closeOrder('A1', { notify: true });
    const fields = shop.received[0]?.fields ?? {};
    expect(fields).toMatchObject({ bankno: '', acctno: '' });
    expect(isSigned(fields)).toBe(true);
  });

  it('is as it should be on the next attempt', async () => {
    shop.answers.push({ body: 'no' });
    await sent({ kind: 'odd-status-notification', status: '0' });
    await shop.platform.advance({ minutes: 1 });
    expect(shop.received.map(({ fields }) => fields.status)).toEqual(['0', '0000']);
  });
});

describe('a second transfer', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await Shop.open({ clock: { stopped: true, startAt: START } });
    await shop.order();
  });
  afterEach(() => shop.close());
  const reported = (): unknown[] =>
    shop.received.map(({ fields: { orderdate, bankno, acctno, total_fee } }) => [orderdate, bankno, acctno, total_fee]);

  it('follows the first, from elsewhere, by a fault', async () => {
    shop.platform.faults.arm({
      kind: 'second-transfer',
      delaySeconds: 90,
      payerBankCode: '700',
      payerAccount: '77',
      paidAmount: 500,
    });
    await shop.platform.pay('A1');
    await shop.platform.advance({ minutes: 5 });
    expect(reported()).toEqual([
      ['2020-04-09 11:56:02', '822', '0000123456789012', '128000'],
      ['2020-04-09 11:57:32', '700', '77', '50000'],
    ]);
    expect(shop.platform.order('A1')).toMatchObject({
      transfer: { amount: 500, payerBankCode: '700' },
      earlierTransfers: [{ amount: 1280, payerBankCode: '822' }],
    });
  });

  it('comes at once unless it is told to wait, and after the first was answered', async () => {
    shop.platform.faults.arm({ kind: 'second-transfer', delaySeconds: 0, payerBankCode: '700', payerAccount: '77' });
    await shop.platform.pay('A1');
    expect(reported()).toEqual([
      ['2020-04-09 11:56:02', '822', '0000123456789012', '128000'],
      ['2020-04-09 11:56:02', '700', '77', '128000'],
    ]);
  });

  it('leaves the retries of the first their turn, since each is owed a notification', async () => {
    shop.answers.push({ body: 'no' });
    await shop.platform.pay('A1');
    await shop.platform.pay('A1', { again: true, payerAccount: '77' });
    await shop.platform.advance({ hours: 1 });
    expect(shop.received.map(({ fields }) => fields.acctno)).toEqual(['0000123456789012', '77', '0000123456789012']);
  });
});
