import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { until } from '../e2e/until.js';
import { type Browser, describeInBrowser, openBrowser, type WatchedPage } from './browser.js';
import { placeOrder } from './orders.js';
import { keepScreenshot } from './screenshots.js';
import { type Shop, startShop } from './shop.js';

const WIDTH = 560;
/** What a handler says while the demonstration's switch is on. */
const FAILURE = /switch makes this handler fail/;
/** Enough to see what it is; the README's pictures are kept small. */
const PICTURE_HEIGHT = 620;

describeInBrowser('the merchant’s desk, in a browser', () => {
  let browser: Browser;
  let shop: Shop;
  let watched: WatchedPage;
  let page: Page;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  beforeEach(async () => {
    shop = await startShop({ delivery: { maxAttempts: 2, baseDelayMs: 1000 } });
    watched = await browser.newPage({ width: WIDTH });
    page = watched.page;
  });
  afterEach(async () => {
    expect(watched.faults).toEqual([]);
    await page.context().close();
    await shop.close();
  });
  afterAll(() => browser.close());

  /** Lets the time of the retries pass. */
  function untilGivenUp(): Promise<void> {
    return until(async () => {
      await shop.emulator.advance({ seconds: 2 });
      return (await shop.wanpay.listDeliveries({ state: 'dead' })).deliveries.length === 1;
    }, 'the delivery is given up');
  }

  it('finds payments by their state, marks its place, and leaves the list by keyboard', async () => {
    const orderNo = await placeOrder(shop);
    await placeOrder(shop);
    await shop.emulator.pay(orderNo);
    await page.goto(`${shop.url}/desk`);
    await page.getByText('目前沒有需要人工處理的事項').waitFor();
    await page.getByRole('link', { name: '付款', exact: true }).click();
    expect(await page.locator('nav [aria-current=page]').innerText()).toBe('付款');
    await keepScreenshot(page, 'desk-orders', PICTURE_HEIGHT);
    await page.getByLabel('已付款').check();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/desk/payments?*state=paid*');
    expect(await page.locator('tbody tr').count()).toBe(1);
    await page.locator('tbody a').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('img', { name: '這筆付款的歷程' }).waitFor();
    await page.locator('.timeline').getByText('款項入帳').waitFor();
  });

  it('shows each time that the platform said it, when it did not hear our answer', async () => {
    const orderNo = await placeOrder(shop);
    shop.emulator.faults.loseAcknowledgements(2);
    await shop.emulator.pay(orderNo);
    await shop.emulator.advance({ minutes: 4 });
    await page.goto(`${shop.url}/desk/payment?order=${orderNo}`);
    const said = page.locator('.timeline > .outcome');
    expect(await said.count()).toBe(1);
    expect(await said.innerText()).toContain('待付款 → 已付款');
    expect(await said.innerText()).toContain('共 3 次');
    expect(await page.locator('.timeline').getByText('atm.paid').count()).toBe(1);
    await keepScreenshot(page, 'desk-timeline', PICTURE_HEIGHT);
  });

  it('shows a handler that failed once it is given up, and tells the truth after a replay, without a reload', async () => {
    const orderNo = await placeOrder(shop);
    await page.goto(`${shop.url}/desk`);
    await shop.failHandlers(true);
    await shop.emulator.pay(orderNo);
    await untilGivenUp();
    await page.getByText(FAILURE).waitFor();
    await page.getByText('處理了 2 次都失敗').waitFor();
    expect(await page.locator('#needs-count').innerText()).toContain('1');
    await page.getByRole('button', { name: '重送' }).click();
    // The handler fails again, so nothing is delivered.
    await untilGivenUp();
    await page.getByText(FAILURE).waitFor();
    await shop.failHandlers(false);
    await page.getByRole('button', { name: '重送' }).click();
    await page.getByText('目前沒有需要人工處理的事項').waitFor();
    await page.goto(`${shop.url}/desk/payment?order=${orderNo}`);
    expect(await page.locator('.timeline > .action').first().innerText()).toContain('（desk）');
  });

  it('shows money for an account that never came, and lets a person accept it', async () => {
    shop.emulator.faults.arm({ kind: 'order-taken' }, { times: 1 });
    const orderNo = await placeOrder(shop);
    await shop.emulator.pay(orderNo);
    await page.goto(`${shop.url}/desk`);
    await page.getByRole('heading', { name: `款項待認領：${orderNo}` }).waitFor();
    await page.getByRole('link', { name: orderNo }).click();
    await page.getByText('6307').first().waitFor();
    await page.getByLabel('認領理由').fill('客人提供了轉帳證明');
    await page.getByRole('button', { name: '認領款項' }).click();
    await page.locator('.badge.paid').first().waitFor();
    await page.getByText('客人提供了轉帳證明').first().waitFor();
    expect(await page.getByRole('button', { name: '認領款項' }).count()).toBe(0);
  });

  it('asks the platform after the orders of a day in the background, and tells what came of it', async () => {
    const [paid, lost] = [await placeOrder(shop), await placeOrder(shop), await placeOrder(shop)];
    await shop.emulator.pay(paid);
    shop.emulator.faults.dropNotifications();
    await shop.emulator.pay(lost);
    await page.goto(`${shop.url}/desk/reconciliation`);
    expect(await page.getByLabel('訂單起始日').inputValue()).toBe('2026-03-02');
    await page.getByRole('button', { name: '開始對帳' }).click();
    await page.locator('#payments').waitFor();
    const figure = async (name: string): Promise<string> => page.locator(`#${name} dd`).innerText();
    expect(await figure('payments')).toBe('3');
    expect(await figure('checked')).toBe('2');
    expect(await figure('settledByNotification')).toBe('1');
    expect(await figure('settledByQuery')).toBe('1');
    expect(await figure('stillOpen')).toBe('1');
    await page.locator('#changed').getByRole('link', { name: lost }).click();
    await page.getByText('待付款 → 已付款').waitFor();
  });
});
