import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startWanPayEmulator } from './emulator.js';
import { InvalidArgumentError, ListenError } from './errors.js';
import { TEST_MERCHANT } from './merchants/merchants.js';
import { portOf, Shop } from './testing/shop.js';

describe('startWanPayEmulator', () => {
  it('listens on this machine only, on a free port, for the vendor’s test merchant', async () => {
    const emulator = await startWanPayEmulator();
    expect(emulator.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(emulator.baseUrl).toBe(`${emulator.url}/wxzfservice`);
    expect(emulator.merchant).toEqual(TEST_MERCHANT);
    expect(emulator.clock.stopped).toBe(false);
    await emulator.close();
  });

  it('says that the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const port = portOf(other);
    const failure: unknown = await startWanPayEmulator({ port }).catch((error: unknown) => error);
    await new Promise((resolve) => other.close(resolve));
    expect(failure).toBeInstanceOf(ListenError);
    expect(failure).toMatchObject({
      code: 'listen_failed',
      message: expect.stringContaining(`${port}: the port is taken`),
    });
  });

  it.each([
    { port: 65_536 },
    { publicHosts: ['https://emulator.example'] },
    { publicHosts: [''] },
    { merchants: [] },
    { merchants: [{ merchantNo: 'M1' }] },
    { merchants: [{ merchantNo: '', key: 'k' }] },
    { merchants: [{ merchantNo: 'M1', keys: ['k', ''] }] },
    { merchants: [TEST_MERCHANT, TEST_MERCHANT] },
    { merchants: [{ ...TEST_MERCHANT, allowedSources: ['nowhere'] }] },
    { clock: { startAt: new Date(NaN) } },
    { retryMinutes: [-1] },
    { notificationTimeoutMs: 0 },
    { defaultValidDays: 31 },
  ])('refuses %p', async (options) => {
    await expect(startWanPayEmulator(options)).rejects.toThrow(InvalidArgumentError);
  });
});

describe('close', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await Shop.open();
  });
  afterEach(() => shop.close());

  it('breaks off a notification that nobody answers, withdraws every timer and frees the port', async () => {
    shop.answers.push('silence');
    await shop.order();
    await shop.order({ out_trade_no: 'A2' });
    await shop.platform.pay('A2', { at: new Date(shop.platform.clock.now().getTime() + 60_000) });
    const paying = shop.platform.pay('A1');
    expect(shop.platform.clock.pendingTimers).toBe(3);
    await shop.platform.close();
    await paying;
    expect(shop.platform.notifications()).toMatchObject([{ acknowledged: false, error: 'The emulator was closed.' }]);
    expect(shop.platform.clock.pendingTimers).toBe(0);
    await expect(shop.query()).rejects.toThrow('fetch failed');
  });

  it('can be called again, and is what disposing does', async () => {
    const emulator = await startWanPayEmulator();
    await Promise.all([emulator.close(), emulator.close()]);
    await emulator[Symbol.asyncDispose]();
    await expect(fetch(emulator.url)).rejects.toThrow('fetch failed');
  });

  it('withdraws the retries that wait', async () => {
    shop.answers.push({ body: 'no' });
    await shop.order();
    await shop.platform.pay('A1');
    await shop.platform.close();
    expect(shop.platform.clock.pendingTimers).toBe(0);
  });
});

describe('the emulator’s clock, in someone else’s hands', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await Shop.open();
  });
  afterEach(() => shop.close());

  it('runs the host’s timers among the platform’s, each at its moment', async () => {
    shop.answers.push({ body: 'no' });
    await shop.order();
    await shop.platform.pay('A1');
    const seen: number[] = [];
    const { clock } = shop.platform;
    clock.after(59_999, () => seen.push(shop.received.length));
    clock.after(60_001, () => seen.push(shop.received.length));
    await shop.platform.advance({ minutes: 2 });
    expect(seen).toEqual([1, 2]);
  });
});
