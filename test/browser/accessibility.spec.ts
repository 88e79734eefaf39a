import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { until } from '../e2e/until.js';
import { type Browser, describeInBrowser, type Look, lookAt, openBrowser, violations } from './browser.js';
import { ContactSheet } from './contact-sheet.js';
import { expectEveryLook, LOOKS } from './every-look.js';
import { placeOrder } from './orders.js';
import { DESK_AUTHORIZATION, type Shop, startShop } from './shop.js';

/** The look in which axe checks the pages of each: dark and narrow, light and wide. */
const LANGUAGES = [
  ['zh', LOOKS[0]],
  ['en', LOOKS[1]],
] as const;

/** Two looks at each of some twenty pages; a busy machine takes its time. */
const TIMEOUT_MS = 120_000;

describeInBrowser('every page of the shop', () => {
  let browser: Browser;
  let shop: Shop;
  let pages: readonly string[];
  const sheet = new ContactSheet('Shop');
  beforeAll(async () => {
    browser = await openBrowser();
    shop = await startShop({ delivery: { maxAttempts: 1 } });
    pages = await everyPage();
  });
  afterAll(async () => {
    await sheet.write();
    await browser.close();
    await shop.close();
  });

  /** Brings about orders in every state; returns the addresses of all kinds of pages. */
  async function everyPage(): Promise<readonly string[]> {
    const { emulator } = shop;
    const order = async (state: string, bringAbout: (orderNo: string) => Promise<unknown>): Promise<string> => {
      const orderNo = await placeOrder(shop);
      await bringAbout(orderNo);
      await until(async () => {
        const page = await (await fetch(`${shop.url}/orders/${orderNo}`)).text();
        return page.includes(`payment-status ${state}"`);
      }, `the order is ${state}`);
      return `/orders/${orderNo}`;
    };
    const expired = await order('expired', () => emulator.advance({ days: 8 }));
    emulator.faults.answer('order', { code: '999' });
    const placed = await order('placed', () => Promise.resolve());
    const paid = await order('paid', (orderNo) => emulator.pay(orderNo));
    await emulator.pay(paid.replace('/orders/', ''), { again: true, payerAccount: '0000999999999999' });
    await until(
      async () => (await (await fetch(shop.url + paid)).text()).includes('另外收到'),
      'the second payment is shown',
    );
    const late = await order('failed', (orderNo) => emulator.fail(orderNo));
    await emulator.pay(late.replace('/orders/', ''));
    await shop.wanpay.createPayment({ orderNo: 'NOTOURS', amount: 11 });
    await emulator.pay('NOTOURS');
    await until(
      async () => (await shop.wanpay.listDeliveries({ state: 'dead' })).deliveries.length === 1,
      'an event is given up',
    );
    return [
      '/',
      '/checkout/teapot',
      '/demonstration',
      '/nowhere',
      placed,
      await order('pending', () => Promise.resolve()),
      paid,
      late,
      await order('mismatched', (orderNo) => emulator.pay(orderNo, { amount: 100 })),
      await order('failed', (orderNo) => emulator.fail(orderNo)),
      await order('closed', (orderNo) => emulator.closeOrder(orderNo, { notify: true })),
      expired,
      '/desk',
      '/desk/payments',
      '/desk/payments?amount=much&from=2026-03-01',
      paid.replace('/orders/', '/desk/payment?order='),
      '/desk/payment?order=NOTOURS',
      '/desk/figures',
      '/desk/reconciliation',
      await deskPageOf('reconciliation', new URLSearchParams({ from: '2026-03-01', to: '2026-03-31' })),
      await deskPageOf('statement', statementForm()),
      '/desk/reconciliation/run?id=none',
    ];
  }

  /** Sends a form to the desk; returns the address of the page that it leads to. */
  async function deskPageOf(path: string, body: URLSearchParams | FormData): Promise<string> {
    const headers = { authorization: DESK_AUTHORIZATION, 'sec-fetch-site': 'same-origin' };
    const response = await fetch(`${shop.url}/desk/${path}`, { method: 'POST', body, headers, redirect: 'manual' });
    return response.headers.get('location') ?? '';
  }

  function statementForm(): FormData {
    const form = new FormData();
    form.set('file', new Blob(['訂單編號,金額\r\nNOTOURS,11\r\n']), '對帳.csv');
    return form;
  }

  it.each(LANGUAGES)(
    'is accessible, narrow and wide, light and dark: %s',
    async (language, checked) => {
      const { page, faults } = await browser.newPage({ width: 360, axe: true });
      for (const path of pages) {
        const response = await page.goto(`${shop.url}${path}${path.includes('?') ? '&' : '?'}lang=${language}`);
        await expectEveryLook(page, path, checked, (look) => sheet.keep(page, path, language, look));
        // Chromium tells of a page that is not there as of an error.
        const expected = response?.ok() ? [] : [expect.stringMatching(/status of 40[04]/)];
        expect({ path, faults: faults.splice(0) }).toEqual({ path, faults: expected });
      }
      await page.context().close();
    },
    TIMEOUT_MS,
  );

  it('would not be found accessible if it were not', async () => {
    const { page } = await browser.newPage({ width: 360 });
    await page.setContent('<p style="color: #999; background: #fff">too faint</p><img src="data:,">');
    const found = (await violations(page)).map((violation) => violation.split(':')[0]);
    expect(found).toEqual(expect.arrayContaining(['color-contrast', 'image-alt', 'html-has-lang', 'region']));
    await page.context().close();
  });

  it('would not be found accessible if it were not so in one look alone', async () => {
    const { page } = await browser.newPage({ width: 1280 });
    await page.setContent(
      '<style>p { color: #000; background: #fff } @media (width < 400px) and (prefers-color-scheme: dark) { p { color: #999 } }</style><p>faint</p>',
    );
    const faint: Look[] = [];
    for (const look of LOOKS) {
      await lookAt(page, look);
      if ((await violations(page)).some((violation) => violation.startsWith('color-contrast:'))) faint.push(look);
    }
    expect(faint).toEqual([{ width: 360, colorScheme: 'dark' }]);
    await page.context().close();
  });
});
