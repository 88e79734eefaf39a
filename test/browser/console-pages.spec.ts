import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Browser, describeInBrowser, openBrowser } from './browser.js';
import { ConsoleMerchant } from './console-merchant.js';
import { ContactSheet } from './contact-sheet.js';
import { expectEveryLook, LOOKS } from './every-look.js';

const HOSTILE = `"><script>alert('x')</script><img src=x onerror=alert(1)>`;
/** The look in which axe checks the pages of each: dark and narrow, light and wide. */
const LANGUAGES = [
  ['en', LOOKS[0]],
  ['zh-TW', LOOKS[1]],
] as const;
/** Two looks at each of twenty pages; a busy machine takes its time. */
const TIMEOUT_MS = 120_000;

describeInBrowser('every page of the emulator’s console', () => {
  let browser: Browser;
  let merchant: ConsoleMerchant;
  let empty: ConsoleMerchant;
  let addresses: readonly string[];
  const sheet = new ContactSheet('Console');
  beforeAll(async () => {
    browser = await openBrowser();
    empty = await ConsoleMerchant.open();
    merchant = await ConsoleMerchant.open();
    addresses = [`${empty.emulator.url}/`, ...(await everyPage()).map((path) => merchant.emulator.url + path)];
  });
  afterAll(async () => {
    await sheet.write();
    await browser.close();
    await empty.close();
    await merchant.close();
  });

  /** Brings about what the pages can show, whatever strangers have written; returns the paths of all kinds of pages. */
  async function everyPage(): Promise<readonly string[]> {
    const { emulator } = merchant;
    // The oldest, so that all kinds of rows come first, where axe looks at them.
    for (let n = 0; n < 60; n++) await merchant.order(`N${n}`);
    merchant.answers.push(HOSTILE, 'success', 'not yet', 'not yet');
    await merchant.order('A1', { body: HOSTILE, returnurl: `https://shop.example/?q=${HOSTILE}` });
    await emulator.pay('A1');
    await merchant.order('A2');
    await merchant.order('A3', {}, { body: HOSTILE });
    await merchant.order('A4', {}, { orgno: HOSTILE, out_trade_no: HOSTILE });
    await merchant.order('A5');
    await merchant.order('A6');
    await merchant.order('A7', { virtualatmvalidity: '2' });
    await emulator.pay('A2', { at: new Date(emulator.clock.now().getTime() + 60_000) });
    await emulator.pay('A5');
    await emulator.pay('A6', { amount: 1000 });
    await emulator.advance({ minutes: 1 });
    await emulator.fail('A7');
    await merchant.order('LATE', { secondtimestamp: '1700000000' });
    emulator.faults.arm({ kind: 'body-reply', at: 'query', body: HOSTILE }, { orderNo: HOSTILE });
    emulator.merchants.add({ merchantNo: HOSTILE.slice(0, 30), key: 'k' });
    emulator.merchants.addKey(emulator.merchant.merchantNo, 'newer');
    const refused = emulator.requests().find(({ ending }) => ending?.refusal !== undefined);
    return [
      '/',
      '/?page=2',
      '/?q=NOPE',
      '/notifications',
      '/requests',
      `/requests/${refused?.number ?? 0}`,
      '/faults',
      '/merchants',
      '/session',
      '/api/docs',
      ...['A1', 'A2', 'A3', 'A5', 'A7', 'N0'].map((orderNo) => merchant.pageOf(orderNo).slice(emulator.url.length)),
      `/orders/${encodeURIComponent(HOSTILE)}/${encodeURIComponent(HOSTILE)}`,
      '/orders/M1/NONE',
    ];
  }

  it.each(LANGUAGES)(
    'is accessible, and fits a narrow and a wide screen: %s',
    async (locale, checked) => {
      const { page, faults } = await browser.newPage({ width: 360, locale, axe: true });
      page.on('dialog', (dialog) => faults.push(dialog.message()));
      for (const address of addresses) {
        const path = new URL(address).pathname + new URL(address).search;
        const response = await page.goto(address);
        const shown = address === addresses[0] ? '/ (empty)' : decodeURIComponent(path);
        await expectEveryLook(page, path, checked, (look) => sheet.keep(page, shown, locale, look));
        // Chromium tells of a page that is not there as of an error.
        const expected = response?.ok() ? [] : [expect.stringContaining('404')];
        expect({ path, faults: faults.splice(0) }).toEqual({ path, faults: expected });
      }
      await page.context().close();
    },
    TIMEOUT_MS,
  );
});
