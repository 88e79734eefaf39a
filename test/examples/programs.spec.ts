import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { afterTest } from '../e2e/after-test.js';
import { until } from '../e2e/until.js';
import { type Browser, describeInBrowser, openBrowser, violations } from '../browser/browser.js';
import { answers, Child } from '../processes/child.js';
import { freePort } from '../processes/ports.js';
import { post } from './example.js';

/** Runs on what was built; `npm test` builds first. */
const EXAMPLES = fileURLToPath(new URL('../../apps/examples', import.meta.url));

it('npm run example opentelemetry: starts the emulator too, prints spans, and serves metrics', async () => {
  const [port, emulatorPort, metricsPort] = [await freePort(), await freePort(), await freePort()];
  const example = new Child(
    '--import=tsx',
    ports({ PORT: port, EMULATOR_PORT: emulatorPort, METRICS_PORT: metricsPort }),
    [`${EXAMPLES}/run.ts`, 'opentelemetry'],
  );
  afterTest(() => example.stop());
  await answers(`http://127.0.0.1:${port}`);
  await post(`http://127.0.0.1:${port}/checkout/OTEL1`);
  const paid = await fetch(`http://127.0.0.1:${emulatorPort}/api/orders/21008024/OTEL1/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(paid.status).toBe(200);

  // Spans are printed when they end: the handler's own, and then that of the delivery, which it is in.
  const [, ship] = await example.prints(/traceId: '(\w+)',(?:(?!traceId)[^])*name: 'ship'/);
  const [, delivery] = await example.prints(/traceId: '(\w+)',(?:(?!traceId)[^])*name: 'wanpay delivery'/);
  expect(ship).toBe(delivery);
  expect(await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()).toMatch(
    /wanpay_notifications_total\{.*wanpay_notification_result="acknowledged".*\} 1/,
  );
  await example.stop();
  expect(await example.ended()).toEqual({ code: 0, signal: null });
});

describeInBrowser('react: the payment page', () => {
  let emulator: WanPayEmulator;
  let browser: Browser;
  beforeAll(async () => {
    emulator = await startWanPayEmulator();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await emulator.close();
  });

  it('shows where to pay, and turns to paid without a reload', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const { merchantNo, key } = emulator.merchant;
    const example = new Child(`${EXAMPLES}/dist/react/src/main.js`, {
      ...ports({ PORT: port }),
      WANPAY_MERCHANT_NO: merchantNo,
      WANPAY_KEY: key,
      WANPAY_BASE_URL: emulator.baseUrl,
      WANPAY_PUBLIC_URL: url,
    });
    afterTest(() => example.stop());
    await answers(url);
    await post(`${url}/payments/REACT1`);

    const { page, faults } = await browser.newPage({ width: 360 });
    await page.goto(`${url}/?order=REACT1`);
    const status = page.getByRole('status');
    await until(async () => (await status.innerText()) === '等待轉帳', 'the payment is shown');
    expect(await page.locator('dd').allInnerTexts()).toEqual([
      '$1,280',
      '013',
      expect.stringMatching(/^\d{4} \d{4} \d{4} \d\d$/),
      expect.stringContaining('11:59'),
    ]);
    expect(await violations(page)).toEqual([]);
    await emulator.pay('REACT1');
    await until(async () => (await status.innerText()) === '已付款，謝謝您', 'the page turns to paid');
    expect(faults).toEqual([]);
  });
});

function ports(numbers: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(numbers).map(([name, port]) => [name, String(port)]));
}
