import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { AtmEventOf, Payment } from 'nestjs-wanpay';
import { Catalogue } from '../catalogue/catalogue.js';
import { UnknownOrderError } from './errors.js';
import { OrderFile } from './order-file.js';
import { Orders } from './orders.js';
import { PaymentEvents } from './payment-events.js';

Logger.overrideLogger(false);

const AT = new Date('2026-03-02T04:00:00Z');
const PAYMENT: Payment = {
  merchantNo: '21008024',
  orderNo: 'A1',
  state: 'paid',
  amount: 480,
  livemode: true,
  createdAt: AT,
  updatedAt: AT,
};
const HEAD = { id: 'evt_1', merchantNo: '21008024', orderNo: 'A1', occurredAt: AT, livemode: true, payment: PAYMENT };
const PAID: AtmEventOf<'atm.paid'> = { ...HEAD, type: 'atm.paid', late: false };
const CLOSED: AtmEventOf<'atm.closed'> = { ...HEAD, type: 'atm.closed', id: 'evt_2' };

describe('the events of payments', () => {
  let data: string;
  let orders: Orders;
  let events: PaymentEvents;
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'shop-orders-'));
    orders = new Orders(new OrderFile({ data }));
    events = new PaymentEvents(orders);
    const [item] = new Catalogue().list();
    if (!item) throw new Error('The shop sells something.');
    orders.place({ orderNo: 'A1', item, quantity: 1, recipient: '王小明' });
  });

  afterEach(() => {
    rmSync(data, { recursive: true });
  });

  it('are still applied after a restart', () => {
    events.paid(PAID);
    const restarted = new Orders(new OrderFile({ data }));
    expect(restarted.find('A1')).toEqual(orders.find('A1'));
    expect(restarted.apply(PAID, { kind: 'closed' })).toBe(false);
  });

  it('are not applied when the disk does not take them', () => {
    rmSync(data, { recursive: true });
    writeFileSync(data, 'in the way');
    expect(() => {
      events.paid(PAID);
    }).toThrow();
    rmSync(data);
    events.paid(PAID);
    expect(status()).toMatchObject({ kind: 'paid' });
  });

  const status = (): unknown => orders.find('A1')?.status;

  it('makes an order paid, at the time of the payment if it is known', () => {
    events.paid({ ...PAID, payment: { ...PAYMENT, paidAt: new Date(0) } });
    expect(status()).toEqual({ kind: 'paid', paidAt: new Date(0), late: false, test: false });
  });

  it('marks a payment that is not live as a test', () => {
    events.paid({ ...PAID, livemode: false });
    expect(status()).toEqual({ kind: 'paid', paidAt: AT, late: false, test: true });
  });

  it('applies an event once, however often it comes', () => {
    events.closed(CLOSED);
    events.paid({ ...PAID, late: true });
    events.closed(CLOSED);
    expect(status()).toMatchObject({ kind: 'paid', late: true });
  });

  it('keeps an order paid when an event from before the money is delivered after it', () => {
    events.paid(PAID);
    events.closed(CLOSED);
    expect(status()).toMatchObject({ kind: 'paid' });
  });

  it('follows the other ends of a payment', () => {
    events.failed({ ...HEAD, type: 'atm.failed' });
    expect(status()).toEqual({ kind: 'failed' });
    events.expired({ ...HEAD, type: 'atm.expired', id: 'evt_3' });
    expect(status()).toEqual({ kind: 'expired' });
    const transfer = { reportedAmount: '1' };
    events.amountMismatch({ ...HEAD, type: 'atm.amount_mismatch', id: 'evt_4', ...transfer, transfer });
    expect(status()).toEqual({ kind: 'mismatched' });
  });

  it('fails for an order that the shop does not know, so that the event is kept for a person', () => {
    expect(() => {
      events.paid({ ...PAID, orderNo: 'B2' });
    }).toThrow(UnknownOrderError);
  });
});
