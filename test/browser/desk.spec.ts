import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { until } from '../e2e/until.js';
import { type Browser, describeInBrowser, openBrowser, type WatchedPage } from './browser.js';
import { placeOrder } from './orders.js';
import { keepScreenshot } from './screenshots.js';
import { type Shop, startShop } from './shop.js';

const WIDTH = 560;
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

  /** While it runs, the shop can't write down what becomes of its orders, so that its handlers fail. */
  async function withFullDisk(work: () => Promise<void>): Promise<void> {
    const inTheWay = join(shop.data, 'orders.json.next');
    await mkdir(inTheWay);
    await work();
    await rmdir(inTheWay);
  }

  /** Lets the time of the retries pass. */
  function untilGivenUp(): Promise<void> {
    return until(async () => {
      await shop.emulator.advance({ seconds: 2 });
      return (await shop.wanpay.listDeliveries({ state: 'dead' })).deliveries.length === 1;
    }, 'the delivery is given up');
  }

  it('lists orders as they come and as they are paid, without a reload, and by their state', async () => {
    await page.goto(`${shop.url}/desk`);
    await page.getByText('目前沒有訂單').waitFor();
    const orderNo = await placeOrder(shop);
    await page.locator('.badge.pending').waitFor();
    await shop.emulator.pay(orderNo);
    await page.locator('.badge.paid').waitFor();
    await placeOrder(shop);
    await placeOrder(shop);
    await page.locator('tbody tr').nth(2).waitFor();
    await keepScreenshot(page, 'desk-orders', PICTURE_HEIGHT);
    await page.getByLabel('狀態').selectOption('paid');
    await page.getByRole('button', { name: '篩選' }).click();
    await page.waitForURL('**/desk?*state=paid*');
    expect(await page.locator('tbody tr').count()).toBe(1);
    expect(await page.getByLabel('狀態').inputValue()).toBe('paid');
  });

  it('shows each time that the platform said it, when it did not hear our answer', async () => {
    const orderNo = await placeOrder(shop);
    shop.emulator.faults.loseAcknowledgements(2);
    await shop.emulator.pay(orderNo);
    await shop.emulator.advance({ minutes: 4 });
    await page.goto(`${shop.url}/desk/orders/${orderNo}`);
    const said = page.locator('.timeline .outcome');
    expect(await said.count()).toBe(1);
    expect(await said.innerText()).toContain('待付款 → 已付款');
    expect(await said.innerText()).toContain('共 3 次');
    expect(await page.locator('.timeline').getByText('atm.paid').count()).toBe(1);
    await keepScreenshot(page, 'desk-timeline', PICTURE_HEIGHT);
  });

  it('shows a handler that failed, until the event is given up, and replays it', async () => {
    const orderNo = await placeOrder(shop);
    const customer = await page.context().newPage();
    await customer.goto(`${shop.url}/orders/${orderNo}`);
    await withFullDisk(async () => {
      await shop.emulator.pay(orderNo);
      await page.goto(`${shop.url}/desk/orders/${orderNo}`);
      await page.getByText('PaymentEvents.paid').waitFor();
      await page.getByText(/EISDIR/).waitFor();
      expect(await page.locator('.timeline .badge.pending').count()).toBe(1);
      await untilGivenUp();
      await page.locator('.badge.dead').waitFor();
      await page.getByRole('link', { name: '到未送達事件重新處理' }).click();
      await page.getByText('嘗試 2 次').waitFor();
      await page.getByRole('button', { name: '重新處理' }).click();
      // The handler fails again, so nothing is delivered: the page says so, and that the delivery waits.
      await page.locator('.letters .badge.pending').waitFor();
      await page.getByText('已放棄 0 筆，待處理 1 筆。').waitFor();
      await untilGivenUp();
      await page.locator('.letters .badge.dead').waitFor();
    });

    await page.getByRole('button', { name: '重新處理' }).click();
    await page.getByText('所有事件都已送達').waitFor();
    await customer.waitForSelector('.payment-status.paid');
  });

  it('shows money for an account that never came, and lets a person accept it', async () => {
    shop.emulator.faults.arm({ kind: 'order-taken' }, { times: 1 });
    const orderNo = await placeOrder(shop);
    await shop.emulator.pay(orderNo);
    await page.goto(`${shop.url}/desk/orders/${orderNo}`);
    await page.getByText('失敗原因 6307').waitFor();
    await page.getByText('atm.unclaimed_payment').waitFor();
    await page.getByLabel('認領理由').fill('客人提供了轉帳證明');
    await page.getByRole('button', { name: '認領款項' }).click();
    await page.locator('.badge.paid').first().waitFor();
    await page.getByText('人工認領：客人提供了轉帳證明').waitFor();
    expect(await page.getByRole('button', { name: '認領款項' }).count()).toBe(0);
  });

  it('asks the platform after the orders of a day, and tells what came of it', async () => {
    const [paid, lost] = [await placeOrder(shop), await placeOrder(shop), await placeOrder(shop)];
    await shop.emulator.pay(paid);
    shop.emulator.faults.dropNotifications();
    await shop.emulator.pay(lost);
    await page.goto(`${shop.url}/desk/reconciliation`);
    expect(await page.getByLabel('訂單起始日').inputValue()).toBe('2026-03-02');
    await page.getByRole('button', { name: '向平台查詢' }).click();
    const figure = async (name: string): Promise<string> => page.locator(`#${name} dd`).innerText();
    expect(await figure('payments')).toBe('3');
    expect(await figure('checked')).toBe('2');
    expect(await figure('settledByNotification')).toBe('1');
    expect(await figure('settledByQuery')).toBe('1');
    expect(await figure('stillOpen')).toBe('1');
    await page.getByLabel('至', { exact: true }).fill('2026-03-01');
    await page.getByRole('button', { name: '向平台查詢' }).click();
    await page.getByText('日期不正確').waitFor();
    watched.faults.length = 0;
  });
});
