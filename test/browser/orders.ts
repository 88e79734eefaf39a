import { type Page } from 'playwright-core';
import { createOrderNo } from 'nestjs-wanpay/protocol';
import type { Shop } from './shop.js';

/** Orders as a customer does, from the shop's first page to the page of the order; returns the order's number. */
export async function buy(page: Page, shop: Shop, recipient = '王小明'): Promise<string> {
  await page.goto(shop.url);
  await page.locator('a[href="/checkout/oolong"]').click();
  await page.locator('[name=recipient]').fill(recipient);
  await page.locator('form[method=post] button').click();
  await page.waitForURL('**/orders/*');
  return new URL(page.url()).pathname.replace('/orders/', '');
}

/** Orders without the pages before, and opens the page of the order; returns the order's number. */
export async function visitNewOrder(page: Page, shop: Shop, recipient?: string): Promise<string> {
  const orderNo = await placeOrder(shop, recipient);
  await page.goto(`${shop.url}/orders/${orderNo}`);
  return orderNo;
}

/** Orders without a browser; returns the order's number. */
export async function placeOrder(shop: Shop, recipient = '王小明'): Promise<string> {
  const orderNo = createOrderNo(shop.emulator.clock.now());
  await fetch(`${shop.url}/checkout/oolong`, {
    method: 'POST',
    body: new URLSearchParams({ orderNo, quantity: '1', recipient }),
  });
  return orderNo;
}
