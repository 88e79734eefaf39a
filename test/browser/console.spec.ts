import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type Page } from 'playwright-core';
import { startWanPayEmulator } from 'wanpay-emulator';
import { freePort } from '../processes/ports.js';
import { type Browser, describeInBrowser, openBrowser } from './browser.js';
import { ConsoleMerchant } from './console-merchant.js';
import { keepScreenshot } from './screenshots.js';

const SCREENSHOT_HEIGHT = 720;
const DESK = 'Pay another amount, from elsewhere or later';

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
  const sees = (text: string | RegExp): Promise<void> =>
    page.getByText(text).filter({ visible: true }).first().waitFor();

  it('shows orders as they come and are paid, without a reload', async () => {
    await page.goto(merchant.emulator.url);
    await mark();
    await sees('No orders yet.');
    for (const orderNo of ['A3', 'A2', 'A1']) await merchant.order(orderNo);
    await page.getByRole('row', { name: /^A1 unpaid NT\$1,280/ }).waitFor();
    await merchant.emulator.closeOrder('A3');
    await merchant.emulator.pay('A1');
    await page.getByRole('row', { name: /^A1 paid/ }).waitFor();
    expect(await isStillTheSame()).toBe(true);
    await keepScreenshot(page, 'console-orders', SCREENSHOT_HEIGHT);
  });

  it('pays another amount from another bank, and shows the retries of a failed notification', async () => {
    merchant.answers.push('no', 'not yet');
    await merchant.order('A1');
    await page.goto(merchant.pageOf('A1'));
    await page.getByText(DESK).click();
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
    await page.getByText(DESK).click();
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
    await page.getByText(DESK).click();
    await page.getByRole('link', { name: 'Let something go wrong for this order' }).click();
    await page.getByText('An attempt is signed by a wrong key.').click();
    expect(await page.getByLabel('Milliseconds').isVisible()).toBe(false);
    await page.getByText('The reply waits, in real time.').click();
    expect(await page.getByLabel('Milliseconds').isVisible()).toBe(true);
    await page.getByText('An attempt is signed by a wrong key.').click();
    expect(await page.getByLabel('Milliseconds').isVisible()).toBe(false);
    await page.locator('#wrongly-signed-notification').getByLabel('How many times').fill('2');
    await click('Arm: wrongly-signed-notification');
    await sees(/2 times, merchant 21008024, order A1/);
    await sees('1 fault is armed');
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
    await page.getByText(DESK).click();
    await page.getByLabel('Account, up to 16 digits').fill('42');
    await merchant.emulator.fail('A1');
    await page.getByRole('status').getByText('failed').waitFor();
    expect(await page.getByLabel('Account, up to 16 digits').inputValue()).toBe('42');
    expect(await page.evaluate('document.activeElement.name')).toBe('payerAccount');
  });

  it('touches nothing that is typed or read while other things change', async () => {
    await page.goto(`${merchant.emulator.url}/merchants`);
    const key = page.getByLabel('New key').first();
    await key.fill('half a k');
    merchant.emulator.merchants.add({ merchantNo: 'M2', key: 'k' });
    await page.getByRole('heading', { name: 'M2' }).waitFor();
    expect(await key.inputValue()).toBe('half a k');
    expect(await page.evaluate('document.activeElement.name')).toBe('key');
    await merchant.order('A1');
    await page.goto(merchant.pageOf('A1'));
    await page.getByText('Reply: HTTP 200').click();
    await page.getByText('"status":"900"').waitFor();
    await merchant.emulator.pay('A1');
    await sees('Notification 1, attempt 1: acknowledged');
    expect(await page.getByText('"status":"900"').isVisible()).toBe(true);
  });

  it('sends the API’s examples', async () => {
    await page.goto(`${merchant.emulator.url}/api/docs`);
    await page.getByText('POST /api/orders', { exact: true }).click();
    await click('Send POST /api/orders');
    await sees('HTTP 200');
    expect(merchant.emulator.orders()).toMatchObject([{ amount: 1280 }]);
    await page.route('**/api/orders', (route) => route.abort());
    await click('Send POST /api/orders');
    await sees(`No answer. See whether the emulator still runs at ${merchant.emulator.url}`);
    // Chromium tells of the connection that broke, as it should.
    faults.splice(0);
  });

  it('works without scripts, though then nothing is live', async () => {
    await merchant.order('A1');
    const { page: plain } = await browser.newPage({ width: 360, locale: 'en-US', javaScript: false });
    await plain.goto(merchant.pageOf('A1'));
    await plain.getByRole('button', { name: 'Pay NT$1,280' }).click();
    await plain.getByText('Notification 1, attempt 1: acknowledged').waitFor();
    expect(plain.url()).toBe(merchant.pageOf('A1'));
    await plain.context().close();
  });

  it('says that the emulator is gone, stays, and comes back by itself with what there is then', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'console-'));
    const options = { port: await freePort(), dataFile: join(folder, 'state.json') };
    const first = await startWanPayEmulator(options);
    await page.goto(`${first.url}/merchants`);
    await mark();
    first.merchants.add({ merchantNo: 'M2', key: 'k' });
    await page.getByRole('heading', { name: 'M2' }).waitFor();
    await first.close();
    await page.getByRole('alert').getByText('The emulator is not there.').waitFor();
    await click('+1 day');
    await page.getByRole('link', { name: 'Requests' }).click();
    const second = await startWanPayEmulator(options);
    second.merchants.add({ merchantNo: 'M4', key: 'k' });
    await page.getByRole('heading', { name: 'M4' }).waitFor();
    expect(await page.getByRole('alert').isVisible()).toBe(false);
    expect(await isStillTheSame()).toBe(true);
    await second.close();
    const third = await startWanPayEmulator(options);
    third.merchants.add({ merchantNo: 'M3', key: 'k' });
    await page.getByRole('heading', { name: 'M3' }).waitFor();
    // A page that is left has no connection that could break, of which Chromium would tell late.
    await page.goto('about:blank');
    await third.close();
    await rm(folder, { recursive: true });
    // Chromium tells of the connections that broke before, as it should.
    faults.splice(0);
  });
});
