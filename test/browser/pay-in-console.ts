import type { Page } from 'playwright-core';
import { only } from './only.js';

/** How a payer pays. */
export interface Transfer {
  /** Whole New Taiwan dollars; left out, what the order asks for. */
  readonly amount?: number;
}

/** Pays as a developer does: by the link on the shop's page, in the emulator's console, in a tab of its own. */
export async function payInConsole(shopPage: Page, { amount }: Transfer = {}): Promise<void> {
  const address = await shopPage.getByRole('link', { name: /模擬器|emulator/ }).getAttribute('href');
  const console = await shopPage.context().newPage();
  await console.goto(only(address));
  const form = console.locator('form[action$="/pay"]');
  if (amount === undefined) {
    await form.first().getByRole('button').first().click();
  } else {
    await console.locator('details.panel summary').click();
    await form.getByLabel('NT$').fill(String(amount));
    await form
      .filter({ has: console.getByLabel('NT$') })
      .getByRole('button')
      .click();
  }
  await console.waitForLoadState();
  await console.close();
}
