import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { notification, postForm } from '../e2e/notification.js';
import { until } from '../e2e/until.js';
import { type Browser, describeInBrowser, openBrowser, type WatchedPage } from './browser.js';
import { buy, placeOrder } from './orders.js';
import { type Shop, startShop } from './shop.js';

/** Short enough for a recipient; as an element's text, in an attribute, and past the end of a script. */
const HOSTILE = [`<img src=x onerror=alert(1)>`, `"><script>alert(1)</script>`, `' onclick='alert(1)`];

describeInBrowser('what a stranger wrote, in a browser', () => {
  let browser: Browser;
  let shop: Shop;
  let watched: WatchedPage;
  let page: Page;
  let asked: string[];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  beforeEach(async () => {
    shop = await startShop({ payerAccount: 'full', delivery: { maxAttempts: 1 } });
    watched = await browser.newPage({ width: 720 });
    page = watched.page;
    asked = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.message());
      void dialog.dismiss();
    });
  });
  afterEach(async () => {
    // A script that was let in, and one that only the content security policy stopped, are both too far in.
    expect([asked, watched.faults]).toEqual([[], []]);
    await page.context().close();
    await shop.close();
  });
  afterAll(() => browser.close());

  const expectText = async (text: string): Promise<void> => {
    expect(await page.locator('main').innerText()).toContain(text);
    expect(await page.locator('[src=x], main script, [onclick], [onerror]').count()).toBe(0);
  };
  const visit = (path: string): Promise<unknown> => page.goto(shop.url + path);
  const notify = (fields: Record<string, string>): ReturnType<typeof postForm> =>
    postForm(`${shop.url}/wanpay/notifications`, notification(shop.emulator, fields));

  it.each(HOSTILE)('is text as a recipient, also in what comes later: %s', async (text) => {
    const orderNo = await buy(page, shop, text);
    await expectText(text);
    await shop.emulator.pay(orderNo);
    await page.waitForSelector('.payment-status.paid');
    await expectText(text);
  });

  it.each(HOSTILE)('is text in a notification’s fields: %s', async (text) => {
    const orderNo = await placeOrder(shop);
    const fields = { bankno: text, acctno: text, result: text, orderdate: text };
    for (const more of [{ total_fee: text }, { total_fee: '1', status: text }]) {
      await notify({ out_trade_no: orderNo, ...fields, ...more });
    }
    await until(async () => (await shop.wanpay.getPaymentTimeline(orderNo)).length > 3, 'the notifications are noted');
    await visit(`/desk/payment?order=${orderNo}`);
    await expectText(text);
    await visit(`/orders/${orderNo}`);
    await page.waitForSelector('.payment-status.pending');
  });

  it.each(HOSTILE)('is text as the number of an order that is nobody’s: %s', async (text) => {
    await notify({ out_trade_no: text, total_fee: '1' });
    await visit(`/desk/payment?order=${encodeURIComponent(text)}`);
    await expectText(text);
    await visit('/desk');
    await expectText(text);
  });

  it.each(HOSTILE)('is text in the failure of a handler, and where it is listed: %s', async (text) => {
    const orderNo = await placeOrder(shop);
    shop.failToWrite(text);
    await shop.emulator.pay(orderNo);
    await until(
      async () => (await shop.wanpay.listDeliveries({ state: 'dead' })).deliveries.length === 1,
      'the event is given up',
    );
    await visit('/desk');
    await expectText(text);
    await visit(`/desk/payment?order=${orderNo}`);
    await expectText(text);
  });

  it.each(HOSTILE)('is not found as an address, and harmless: %s', async (text) => {
    const hostile = encodeURIComponent(text);
    const paths = [`/${hostile}`, `/orders/${hostile}`, `/orders/${hostile}/live`, `/checkout/${hostile}`];
    for (const path of [
      ...paths,
      `/?lang=${hostile}`,
      `/desk/payments?order=${hostile}&amount=${hostile}`,
      `/desk/payments?after=${hostile}`,
    ]) {
      await visit(path);
      expect(await page.locator('[src=x], main script, [onclick], [onerror]').count()).toBe(0);
      // A page that is not there is an error on the console.
      watched.faults.splice(0).forEach((fault) => {
        expect(fault).toMatch(/status of 40[04]/);
      });
    }
  });
});
