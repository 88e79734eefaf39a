import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { until } from '../e2e/until.js';
import { type Browser, describeInBrowser, openBrowser, type WatchedPage } from './browser.js';
import { buy, visitNewOrder } from './orders.js';
import { payInConsole } from './pay-in-console.js';
import { keepScreenshot } from './screenshots.js';
import { type Shop, startShop } from './shop.js';

const PHONE = 360;

describeInBrowser('buying, in a browser', () => {
  let browser: Browser;
  let shop: Shop;
  let watched: WatchedPage;
  let page: Page;
  // One shop and one page for all: each case has an order of its own.
  beforeAll(async () => {
    browser = await openBrowser();
    shop = await startShop();
    watched = await browser.newPage({ width: PHONE });
    page = watched.page;
  });
  afterEach(async () => {
    expect(watched.faults.splice(0)).toEqual([]);
    await page.context().clearCookies();
  });
  afterAll(async () => {
    await browser.close();
    await shop.close();
  });

  /** Fails when the page is loaded anew from here on. */
  const staysLoaded = async (): Promise<() => Promise<void>> => {
    await page.evaluate('window.sameDocument = true');
    return async () => {
      expect(await page.evaluate('window.sameDocument')).toBe(true);
    };
  };
  const status = (): Promise<string> => page.getByRole('status').first().innerText();
  const becomes = (kind: string): Promise<unknown> => page.waitForSelector(`.payment-status.${kind}`);

  it('goes from the first page to paid, without a reload', async () => {
    await page.goto(shop.url);
    await keepScreenshot(page, 'shop-items');
    await buy(page, shop);
    await keepScreenshot(page, 'shop-payment');
    expect(await status()).toContain('等待轉帳');
    const stillLoaded = await staysLoaded();
    await payInConsole(page);
    await becomes('paid');
    await keepScreenshot(page, 'shop-paid');
    expect(await status()).toContain('已付款，謝謝您');
    expect(await page.locator('.transfer').count()).toBe(0);
    await stillLoaded();
  });

  it('goes on in English once that was chosen, also in what comes later', async () => {
    await page.goto(shop.url);
    await page.getByRole('link', { name: 'English' }).click();
    const orderNo = await buy(page, shop);
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    await keepScreenshot(page, 'shop-payment-english');
    await shop.emulator.pay(orderNo);
    await becomes('paid');
    expect(await status()).toContain('Paid, thank you');
    await page.getByRole('link', { name: '中文' }).click();
    await page.getByText('已付款，謝謝您').first().waitFor();
    expect(await status()).toContain('已付款，謝謝您');
  });

  it('copies the account by keyboard, shows it on the button, and tells it to screen readers', async () => {
    const orderNo = await visitNewOrder(page, shop);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: shop.url });
    const button = page.getByRole('button', { name: '複製 帳號' });
    await button.press('Enter');
    await page.waitForSelector('.copy.confirmed');
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(shop.emulator.order(orderNo).account.number);
    expect(await page.locator('.copy.confirmed').innerText()).toContain('已複製');
    expect(await page.locator('[data-copy-announcer]').innerText()).toBe('已複製帳號');
    await page.waitForSelector('.copy.confirmed', { state: 'detached' });
    await button.waitFor();
  });

  it('says so when the browser lets nothing be copied', async () => {
    await visitNewOrder(page, shop);
    await page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error("not allowed"))');
    await page.getByRole('button', { name: '複製 金額' }).click();
    await page.waitForSelector('.copy.confirmed');
    expect(await page.locator('[data-copy-announcer]').innerText()).toBe('無法複製');
  });

  it('counts down to the deadline by the server’s clock', async () => {
    const { expiresAt } = shop.emulator.order(await visitNewOrder(page, shop));
    const left = Math.floor((expiresAt.getTime() - shop.emulator.clock.now().getTime()) / 1000);
    const part = async (unit: string): Promise<number> => Number(await page.locator(`[data-unit=${unit}]`).innerText());
    const shown = async (): Promise<number> =>
      (((await part('days')) * 24 + (await part('hours'))) * 60 + (await part('minutes'))) * 60 +
      (await part('seconds'));
    expect(left - (await shown())).toBeLessThan(20);
    const before = await part('seconds');
    await until(async () => (await part('seconds')) !== before, 'a second has passed');
  });

  it('says that another amount came, and asks not to pay again', async () => {
    await visitNewOrder(page, shop);
    const stillLoaded = await staysLoaded();
    await payInConsole(page, { amount: 100 });
    await becomes('mismatched');
    expect(await status()).toMatch(/金額與訂單不符[^]*請勿再次轉帳/);
    expect(await page.locator('.transfer').count()).toBe(0);
    await stillLoaded();
  });

  it('shows a failure, and the money that comes after it as late', async () => {
    const orderNo = await visitNewOrder(page, shop);
    await shop.emulator.fail(orderNo);
    await becomes('failed');
    await shop.emulator.pay(orderNo);
    await becomes('paid');
    expect(await status()).toContain('款項於期限後入帳');
  });

  it('shows no account once the deadline has passed, and what the platform says of it without a reload', async () => {
    const { expiresAt } = shop.emulator.order(await visitNewOrder(page, shop));
    shop.emulator.faults.answer('query', { code: '999' }, { times: 100 });
    await shop.emulator.advance(expiresAt.getTime() - shop.emulator.clock.now().getTime() + 1000);
    await page.reload();
    expect(await status()).toContain('正在確認是否有款項入帳');
    expect(await page.locator('.transfer').count()).toBe(0);
    shop.emulator.faults.clear();
    // Checks that failed come again within a day at the latest.
    for (let hour = 0; hour < 36; hour += 1) {
      await shop.emulator.advance({ hours: 1 });
      await shop.wanpay.sweep();
    }
    await page.getByText('已超過繳費期限').waitFor();
  });

  it('can be walked by keyboard alone', async () => {
    await page.goto(shop.url);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('跳到主要內容');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/checkout/oolong');
    await page.locator('[name=quantity]').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.type('王小明');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/orders/*');
    expect(await status()).toContain('等待轉帳');
  });
});
