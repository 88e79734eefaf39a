import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type Page } from 'playwright-core';
import { startWanPayEmulator } from 'wanpay-emulator';
import { freePort } from '../processes/ports.js';
import { type Browser, describeInBrowser, lookAt, openBrowser, violations } from './browser.js';
import { ConsoleMerchant } from './console-merchant.js';
import { keepScreenshot } from './screenshots.js';

const SCREENSHOT_HEIGHT = 720;
const HOSTILE = `"><script>alert('x')</script><img src=x onerror=alert(1)>`;
/** Colours do not depend on the width. */
const LOOKS = [
  { width: 360, colorScheme: 'dark' },
  { width: 1280, colorScheme: 'light' },
] as const;
/** Two looks at each of a dozen pages; a busy machine takes its time. */
const TIMEOUT_MS = 120_000;

describeInBrowser('the emulator’s console', () => {
  let browser: Browser;
  let merchant: ConsoleMerchant;
  let page: Page;
  let faults: string[];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    merchant = await ConsoleMerchant.open();
    ({ page, faults } = await browser.newPage({ width: 960, locale: 'en-US' }));
  });
  afterEach(async () => {
    await page.context().close();
    await merchant.close();
    expect(faults).toEqual([]);
  });

  /** Marks the window, so that a reload is noticed. */
  const mark = (): Promise<unknown> => page.evaluate('void (window.isStillTheSame = true)');
  const isStillTheSame = (): Promise<unknown> => page.evaluate('window.isStillTheSame');
  const click = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const sees = (text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor();

  it('shows orders as they come and are paid, without a reload', async () => {
    await page.goto(merchant.emulator.url);
    await mark();
    await sees('No orders yet.');
    for (const orderNo of ['A3', 'A2', 'A1']) await merchant.order(orderNo);
    await page.getByRole('row', { name: /A1.*NT\$1,280.*unpaid/ }).waitFor();
    await merchant.emulator.closeOrder('A3');
    await merchant.emulator.pay('A1');
    await page.getByRole('row', { name: /A1.*paid/ }).waitFor();
    expect(await isStillTheSame()).toBe(true);
    await keepScreenshot(page, 'console-orders', SCREENSHOT_HEIGHT);
  });

  it('pays another amount from another bank, and shows the retries of a failed notification', async () => {
    merchant.answers.push('no', 'not yet');
    await merchant.order('A1');
    await page.goto(merchant.pageOf('A1'));
    await page.getByLabel('Amount in NT$').fill('1000');
    await page.getByLabel('Bank, three digits').fill('013');
    await click('Pay as filled in');
    await sees('Notification 1, attempt 1: not acknowledged');
    expect(merchant.emulator.order('A1').transfer).toMatchObject({ amount: 1000, payerBankCode: '013' });
    await click('To the next event');
    await sees('Notification 1, attempt 2: not acknowledged');
    await mark();
    await merchant.emulator.advance({ minutes: 3 });
    await sees('Notification 1, attempt 3: acknowledged');
    expect(await isStillTheSame()).toBe(true);
    await page.getByRole('button', { name: 'Send again: notification 1' }).first().click();
    await sees('Notification 1, attempt 4: acknowledged');
  });

  it('pays at a chosen time, lets accounts lapse in a click, and pays after the deadline', async () => {
    await merchant.order('A1');
    await merchant.order('A2');
    await page.goto(merchant.pageOf('A1'));
    await page.getByLabel('Arrives at').fill('2026-03-02T10:00:00');
    await click('Pay as filled in');
    await page.getByRole('status').getByText('paying').waitFor();
    await click('+1 day');
    await page.getByRole('status').getByText('paid', { exact: true }).waitFor();
    await page.goto(merchant.pageOf('A2'));
    await click('Pay after the deadline');
    await page.getByRole('status').getByText('paying').waitFor();
    await click('+30 days');
    await page.getByRole('status').getByText('paid', { exact: true }).waitFor();
    expect(merchant.emulator.timeline('A2').flatMap((entry) => (entry.kind === 'state' ? [entry.state] : []))).toEqual([
      'unpaid',
      'paying',
      'closed',
      'paid',
    ]);
  });

  it('lets things go wrong, for one order, by its form', async () => {
    await merchant.order('A1');
    await page.goto(merchant.pageOf('A1'));
    await page.getByRole('link', { name: 'Let something go wrong for this order' }).click();
    await page.getByLabel('What goes wrong').selectOption('wrongly-signed-notification');
    await page.getByText('An attempt is signed by a wrong key.').waitFor();
    expect(await page.getByLabel('Milliseconds').isVisible()).toBe(false);
    await page.getByLabel('What goes wrong').selectOption('slow-reply');
    expect(await page.getByLabel('Milliseconds').isVisible()).toBe(true);
    expect(await page.getByText('An attempt is signed by a wrong key.').isVisible()).toBe(false);
    await page.getByLabel('What goes wrong').selectOption('wrongly-signed-notification');
    await page.getByLabel('How many times').fill('2');
    await click('Arm');
    await sees(/2 times, merchant 21008024, order A1/);
    await mark();
    await merchant.emulator.pay('A1');
    await page.getByRole('cell', { name: '1', exact: true }).waitFor();
    expect(await isStillTheSame()).toBe(true);
    await click('Disarm wrongly-signed-notification');
    await sees('All goes well');
  });

  it('shows why an order was refused, and the difference', async () => {
    await merchant.order('A1', {}, { total_fee: '110000' });
    await merchant.order('A2', {}, { body: 'filled in later' });
    await page.goto(`${merchant.emulator.url}/requests`);
    await page.getByRole('link', { name: 'A2' }).click();
    await sees('body was not signed');
    await keepScreenshot(page, 'console-refused', SCREENSHOT_HEIGHT);
    expect(await page.locator('ins').allTextContents()).toContain('body=filled in later&');
    await page.goto(merchant.pageOf('A1'));
    await sees('No usual mistake explains the signature');
  });

  it('shows the time go by while the clock runs', async () => {
    await page.goto(merchant.emulator.url);
    await click('Let it run');
    const face = page.locator('#clock-face');
    const before = await face.textContent();
    await page.locator('#clock-face', { hasNotText: before ?? '' }).waitFor();
    await click('Stop');
    await sees('stopped');
  });

  it('is used by keyboard alone', async () => {
    await merchant.order('A1');
    await page.goto(merchant.pageOf('A1'));
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Skip to the content');
    await page.locator('#pay').focus();
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle !== 'none'")).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('paid', { exact: true }).waitFor();
  });

  it('keeps what is half filled in, and the focus, while the page changes', async () => {
    await merchant.order('A1');
    await page.goto(merchant.pageOf('A1'));
    await page.getByLabel('Account, up to 16 digits').fill('42');
    await merchant.emulator.fail('A1');
    await page.getByRole('status').getByText('failed').waitFor();
    expect(await page.getByLabel('Account, up to 16 digits').inputValue()).toBe('42');
    expect(await page.evaluate('document.activeElement.name')).toBe('payerAccount');
  });

  it('works without scripts, though then nothing is live', async () => {
    await merchant.order('A1');
    const { page: plain } = await browser.newPage({ width: 360, javaScript: false });
    await plain.goto(merchant.pageOf('A1'));
    await plain.getByRole('button', { name: 'Pay NT$1,280' }).click();
    await plain.getByText('Notification 1, attempt 1: acknowledged').waitFor();
    expect(plain.url()).toBe(merchant.pageOf('A1'));
    await plain.context().close();
  });

  it('connects again by itself when the emulator was gone, and finds its state again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'console-'));
    const options = { port: await freePort(), dataFile: join(folder, 'state.json') };
    const first = await startWanPayEmulator(options);
    await page.goto(first.url);
    first.merchants.add({ merchantNo: 'M2', key: 'k' });
    await first.close();
    const second = await startWanPayEmulator(options);
    await page.getByRole('link', { name: 'Merchants' }).click();
    await page.getByRole('heading', { name: 'M2' }).waitFor();
    await second.close();
    const third = await startWanPayEmulator(options);
    third.merchants.add({ merchantNo: 'M3', key: 'k' });
    await page.getByRole('heading', { name: 'M3' }).waitFor();
    await third.close();
    await rm(folder, { recursive: true });
    // Chromium tells of the connection that broke, as it should.
    faults.splice(0);
  });

  it(
    'is accessible on every page, narrow and dark, wide and light, whatever strangers have written',
    async () => {
      const { emulator } = merchant;
      merchant.answers.push(HOSTILE);
      await merchant.order('A1', { body: HOSTILE, returnurl: `https://shop.example/?q=${HOSTILE}` });
      await emulator.pay('A1');
      await merchant.order('A2');
      await merchant.order('A3', {}, { body: HOSTILE });
      await merchant.order('A4', {}, { orgno: HOSTILE, out_trade_no: HOSTILE });
      await emulator.pay('A2', { at: new Date(emulator.clock.now().getTime() + 60_000) });
      for (let n = 0; n < 60; n++) await merchant.order(`N${n}`);
      emulator.faults.arm({ kind: 'body-reply', at: 'query', body: HOSTILE }, { orderNo: HOSTILE });
      emulator.merchants.add({ merchantNo: HOSTILE.slice(0, 30), key: 'k' });
      emulator.merchants.addKey(emulator.merchant.merchantNo, 'newer');
      const refused = emulator.requests().find(({ ending }) => ending?.refusal !== undefined);
      const paths = [
        '/',
        '/?page=2',
        '/requests',
        `/requests/${refused?.id ?? 0}`,
        '/faults',
        '/merchants',
        '/api/docs',
        ...['A1', 'A2', 'A3'].map((orderNo) => merchant.pageOf(orderNo).slice(emulator.url.length)),
        `/orders/${encodeURIComponent(HOSTILE)}/${encodeURIComponent(HOSTILE)}`,
        '/orders/M1/NONE',
      ];
      const watched = await browser.newPage({ width: 360, locale: 'en-US' });
      watched.page.on('dialog', (dialog) => watched.faults.push(dialog.message()));
      for (const path of paths) {
        const response = await watched.page.goto(emulator.url + path);
        for (const look of LOOKS) {
          await lookAt(watched.page, look);
          expect({ path, look, found: await violations(watched.page) }).toEqual({ path, look, found: [] });
          const overflow = await watched.page.evaluate('document.documentElement.scrollWidth > innerWidth');
          expect({ path, look, overflow }).toEqual({ path, look, overflow: false });
        }
        // Chromium tells of a page that is not there as of an error.
        const expected = response?.ok() ? [] : [expect.stringContaining('404')];
        expect({ path, faults: watched.faults.splice(0) }).toEqual({ path, faults: expected });
      }
      await watched.page.context().close();
    },
    TIMEOUT_MS,
  );
});
