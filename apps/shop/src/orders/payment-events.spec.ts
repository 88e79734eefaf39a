import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { AtmEventOf, AtmHandlerContext, Payment } from 'nestjs-wanpay';
import { type SqliteDatabase, sqlite, type SqliteStore } from 'nestjs-wanpay/sqlite';
import { Catalogue } from '../catalogue/catalogue.js';
import { FailureSwitch } from '../demonstration/failure-switch.js';
import { UnknownOrderError } from './errors.js';
import { OrderTable } from './order-table.js';
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
  let database: SqliteStore;
  let orders: Orders;
  let failures: FailureSwitch;
  let events: PaymentEvents;
  beforeEach(async () => {
    data = mkdtempSync(join(tmpdir(), 'shop-orders-'));
    await open();
    const [item] = new Catalogue().list();
    if (!item) throw new Error('The shop sells something.');
    await orders.place({ orderNo: 'A1', item, quantity: 1, recipient: '王小明' });
  });
  afterEach(async () => {
    await database.stop();
    rmSync(data, { recursive: true });
  });

  async function open(): Promise<void> {
    database = sqlite({ file: join(data, 'shop.db'), driver: 'libsql' });
    await database.start();
    const table = new OrderTable(database);
    await table.onApplicationBootstrap();
    orders = new Orders(table);
    failures = new FailureSwitch();
    events = new PaymentEvents(orders, failures);
  }

  /** As the module does: in the transaction that marks the delivery as done. */
  const deliver = (handle: (context: AtmHandlerContext<SqliteDatabase>) => void): Promise<void> =>
    database.withDatabase((transaction) => {
      handle({ attempt: 1, signal: new AbortController().signal, transaction });
    });
  const paid = (event = PAID): Promise<void> =>
    deliver((context) => {
      events.paid(event, context);
    });
  const closed = (): Promise<void> =>
    deliver((context) => {
      events.closed(CLOSED, context);
    });
  const status = async (): Promise<unknown> => (await orders.find('A1'))?.status;

  it('are still applied after a restart', async () => {
    await paid();
    const before = await orders.find('A1');
    await database.stop();
    await open();
    expect(await orders.find('A1')).toEqual(before);
  });

  it('change nothing when the transaction that marks them as delivered fails', async () => {
    const delivery = deliver((context) => {
      events.paid(PAID, context);
      throw new Error('The disk is full.');
    });
    await expect(delivery).rejects.toThrow('The disk is full.');
    expect(await status()).toEqual({ kind: 'placed' });
  });

  it('are refused while the demonstration’s switch is on', async () => {
    failures.isOn = true;
    await expect(paid()).rejects.toThrow('switch');
    failures.isOn = false;
    await paid();
    expect(await status()).toMatchObject({ kind: 'paid' });
  });

  it('make an order paid, at the time of the payment if it is known', async () => {
    await paid({ ...PAID, payment: { ...PAYMENT, paidAt: new Date(0) } });
    expect(await status()).toEqual({ kind: 'paid', paidAt: new Date(0), late: false, test: false });
  });

  it('mark a payment that is not live as a test', async () => {
    await paid({ ...PAID, livemode: false });
    expect(await status()).toEqual({ kind: 'paid', paidAt: AT, late: false, test: true });
  });

  it('keep an order paid when an event from before the money is delivered after it', async () => {
    await closed();
    await paid({ ...PAID, late: true });
    await closed();
    expect(await status()).toMatchObject({ kind: 'paid', late: true });
  });

  it('follow the other ends of a payment', async () => {
    await deliver((context) => {
      events.failed({ ...HEAD, type: 'atm.failed' }, context);
    });
    expect(await status()).toEqual({ kind: 'failed' });
    await deliver((context) => {
      events.expired({ ...HEAD, type: 'atm.expired' }, context);
    });
    expect(await status()).toEqual({ kind: 'expired' });
  });

  it('keep what came in another amount and a second time, in dollars, and no more often when replayed', async () => {
    const mismatch = { reportedAmount: '47900' };
    const second = { reportedAmount: '480' };
    const mismatched = { ...HEAD, payment: { ...PAYMENT, otherTransfers: [mismatch] }, transfer: mismatch };
    const again = { ...HEAD, payment: { ...PAYMENT, otherTransfers: [mismatch, second] }, transfer: second };
    const mismatch1 = (): Promise<void> =>
      deliver((context) => {
        events.amountMismatch({ ...mismatched, type: 'atm.amount_mismatch', reportedAmount: '47900' }, context);
      });
    await mismatch1();
    expect(await orders.find('A1')).toMatchObject({ status: { kind: 'mismatched' }, received: [479] });
    await paid();
    await deliver((context) => {
      events.paidAgain({ ...again, type: 'atm.duplicate_payment' }, context);
    });
    await mismatch1();
    expect(await orders.find('A1')).toMatchObject({ status: { kind: 'paid' }, received: [479, 480] });
  });

  it('fail for an order that the shop does not know, so that the event is kept for a person', async () => {
    await expect(paid({ ...PAID, payment: { ...PAYMENT, orderNo: 'B2' } })).rejects.toThrow(UnknownOrderError);
  });
});
