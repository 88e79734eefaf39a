import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InvalidArgumentError, OrderStateError, UnknownOrderError } from '../errors.js';
import { Shop } from '../testing/shop.js';

const START = new Date('2026-03-01T12:00:00+08:00');

describe('what happens to orders', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await Shop.open({ clock: { stopped: true, startAt: START } });
    await shop.order();
  });
  afterEach(() => shop.close());

  it('pays an order, for what was asked unless told otherwise', async () => {
    const paid = await shop.platform.pay('A1');
    expect(paid).toMatchObject({ state: 'paid', transfer: { amount: 1280, at: START } });
    expect(shop.platform.order('A1')).toEqual(paid);
    expect(shop.received).toHaveLength(1);
  });

  it('refuses to pay twice by accident, and notifies afresh when it is meant', async () => {
    await shop.platform.pay('A1');
    await expect(shop.platform.pay('A1')).rejects.toThrow(OrderStateError);
    expect(shop.received).toHaveLength(1);
    await shop.platform.pay('A1', { again: true });
    expect(shop.received).toHaveLength(2);
  });

  it('takes money after the deadline, and after a failure', async () => {
    await shop.platform.advance({ days: 10 });
    expect(shop.platform.order('A1').state).toBe('closed');
    expect(await shop.platform.pay('A1')).toMatchObject({ state: 'paid' });
    await shop.order({ out_trade_no: 'A2' });
    await shop.platform.fail('A2');
    expect(await shop.platform.pay('A2')).toMatchObject({ state: 'paid' });
  });

  it('lets money arrive later, even after the order was closed', async () => {
    const at = new Date(START.getTime() + 5 * 86_400_000);
    expect(await shop.platform.pay('A1', { at })).toMatchObject({ state: 'paying' });
    await shop.platform.advance({ days: 4 });
    expect(shop.platform.order('A1').state).toBe('closed');
    await shop.platform.advance({ days: 1 });
    expect(shop.platform.order('A1')).toMatchObject({ state: 'paid', transfer: { at } });
    expect(shop.platform.notifications()).toMatchObject([{ at, acknowledged: true }]);
  });

  it('reports a payment as earlier when told to', async () => {
    await shop.platform.pay('A1', { at: new Date('2026-03-01T11:58:00+08:00') });
    expect(shop.received[0]?.fields.orderdate).toBe('2026-03-01 11:58:00');
  });

  it('replaces a scheduled payment by the next one', async () => {
    await shop.platform.pay('A1', { at: new Date(START.getTime() + 60_000) });
    await shop.platform.pay('A1', { amount: 7 });
    await shop.platform.advance({ hours: 1 });
    expect(shop.platform.order('A1').transfer?.amount).toBe(7);
    expect(shop.received).toHaveLength(1);
  });

  it('withdraws a scheduled payment that fails', async () => {
    await shop.platform.pay('A1', { at: new Date(START.getTime() + 60_000) });
    await shop.platform.fail('A1');
    await shop.platform.advance({ hours: 1 });
    expect(shop.platform.order('A1').state).toBe('failed');
  });

  it('fails and closes only orders that wait for money', async () => {
    await shop.platform.pay('A1');
    await expect(shop.platform.fail('A1')).rejects.toThrow(OrderStateError);
    await expect(shop.platform.closeOrder('A1')).rejects.toThrow(OrderStateError);
    expect(shop.platform.order('A1').state).toBe('paid');
  });

  it('knows only its orders', async () => {
    await expect(shop.platform.pay('A2')).rejects.toThrow(UnknownOrderError);
    await expect(shop.platform.pay('A1', { merchantNo: 'M2' })).rejects.toThrow(UnknownOrderError);
    expect(() => shop.platform.order('A2')).toThrow(UnknownOrderError);
  });

  it.each([
    { amount: 0 },
    { amount: 1.5 },
    { amount: NaN },
    { payerBankCode: '12' },
    { payerBankCode: 'abc' },
    { payerAccount: '' },
    { payerAccount: '12345678901234567' },
    { at: new Date(NaN) },
  ])('refuses a payment no bank would take: %p', async (payment) => {
    await expect(shop.platform.pay('A1', payment)).rejects.toThrow(InvalidArgumentError);
    expect(shop.platform.order('A1').state).toBe('unpaid');
  });
});
