import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { notification, postForm } from '../e2e/notification.js';
import { until } from '../e2e/until.js';
import { type Browser, describeInBrowser, openBrowser, type WatchedPage } from './browser.js';
import { placeOrder, visitNewOrder } from './orders.js';
import { type Shop, startShop } from './shop.js';

/** Short enough for a recipient; as an element's text, in an attribute, and past the end of a script. */
const HOSTILE = [`<img src=x onerror=alert(1)>`, `"><script>alert(1)</script>`, `' onclick='alert(1)`];

describeInBrowser('what a stranger wrote, in a browser', () => {
  let browser: Browser;
  let shop: Shop;
  let watched: WatchedPage;
  let page: Page;
  let asked: string[];
  // One shop and one page for all: each case has an order of its own, or a text that no other has.
  beforeAll(async () => {
    browser = await openBrowser();
    shop = await startShop({ payerAccount: 'full', delivery: { maxAttempts: 1 } });
    watched = await browser.newPage({ width: 720 });
    page = watched.page;
    asked = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.message());
      void dialog.dismiss();
    });
  });
  afterEach(() => {
    // A script that was let in, and one that only the content security policy stopped, are both too far in.
    expect([asked.splice(0), watched.faults.splice(0)]).toEqual([[], []]);
  });
  afterAll(async () => {
    await browser.close();
    await shop.close();
  });

  const expectText = async (text: string): Promise<void> => {
    expect(await page.locator('main').innerText()).toContain(text);
    expect(await page.locator('[src=x], main script, [onclick], [onerror]').count()).toBe(0);
  };
  const visit = (path: string): Promise<unknown> => page.goto(shop.url + path);
  const notify = (fields: Record<string, string>): ReturnType<typeof postForm> =>
    postForm(`${shop.url}/wanpay/notifications`, notification(shop.emulator, fields));

  it.each(HOSTILE)('is text as a recipient, also in what comes later: %s', async (text) => {
    const orderNo = await visitNewOrder(page, shop, text);
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
    const orderNo = `N${text}`;
    await notify({ out_trade_no: orderNo, total_fee: '1' });
    await visit(`/desk/payment?order=${encodeURIComponent(orderNo)}`);
    await expectText(orderNo);
    await visit('/desk');
    await expectText(orderNo);
  });

  it.each(HOSTILE)('is text in the failure of a handler, and where it is listed: %s', async (text) => {
    const orderNo = await placeOrder(shop);
    const message = `no room for ${text}`;
    const writeAgain = shop.failToWrite(message);
    await shop.emulator.pay(orderNo);
    await until(async () => {
      const { deliveries } = await shop.wanpay.listDeliveries({ state: 'dead' });
      return deliveries.some(({ event }) => event.orderNo === orderNo);
    }, 'the event is given up');
    writeAgain();
    await visit('/desk');
    await expectText(message);
    await visit(`/desk/payment?order=${orderNo}`);
    await expectText(message);
  });

  it('is not found as an address, and harmless', async () => {
    // All in one: each is still found where it gets in.
    const hostile = encodeURIComponent(HOSTILE.join(''));
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
