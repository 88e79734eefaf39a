import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Browser, describeInBrowser, openBrowser } from './browser.js';
import { buy } from './orders.js';
import { payInConsole } from './pay-in-console.js';
import { type Shop, startShop } from './shop.js';

describeInBrowser('the shop, in a browser that runs no script', () => {
  let browser: Browser;
  let shop: Shop;
  beforeAll(async () => {
    browser = await openBrowser();
    shop = await startShop();
  });
  afterAll(async () => {
    await browser.close();
    await shop.close();
  });

  it('sells, in either language, and shows a payment when it is looked at again', async () => {
    const { page, faults } = await browser.newPage({ width: 360, javaScript: false });
    await page.goto(shop.url);
    await page.getByRole('link', { name: 'English' }).click();
    await buy(page, shop);
    expect(await page.locator('main').innerText()).toContain('Waiting for your transfer');
    expect(await page.locator('.copy:visible, .countdown:visible').count()).toBe(0);
    await payInConsole(page);
    await page.getByRole('link', { name: /look again/ }).click();
    await page.getByText('Paid, thank you').waitFor();
    await page.getByRole('link', { name: 'Merchant’s desk' }).click();
    await page.getByRole('link', { name: 'Payments', exact: true }).click();
    await page.locator('tbody a').first().click();
    await page.locator('.timeline').getByText('Money arrived').waitFor();
    expect(faults).toEqual([]);
  });
});
