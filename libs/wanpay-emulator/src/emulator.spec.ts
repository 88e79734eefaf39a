import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startWanPayEmulator } from './emulator.js';
import { InvalidArgumentError, ListenError, SessionForgottenError } from './errors.js';
import { TEST_MERCHANT } from './merchants/test-merchant.js';
import { portOf, Shop } from './testing/shop.js';
import { Visitor } from './testing/visitor.js';

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
    { historyBytes: 1 },
    { orderLimit: 99 },
    { merchants: [{ merchantNo: 'M1', key: 'k'.repeat(257) }] },
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

describe('what is kept', () => {
  const historyBytes = 250_000;
  let shop: Shop;
  let visitor: Visitor;
  beforeEach(async () => {
    shop = await Shop.open({ historyBytes, orderLimit: 100 });
    visitor = new Visitor(shop.platform.url);
  });
  afterEach(() => shop.close());

  const bytesAt = async (path: string): Promise<number> => Buffer.byteLength((await visitor.get(path)).body);

  it.each([
    ['a long value', { body: 'x'.repeat(65_000) }],
    ['a long value of another script', { body: '茶'.repeat(7_000) }],
    ['a long number', { out_trade_no: 'A'.repeat(65_000) }],
    ['a long merchant number', { orgno: 'M'.repeat(65_000) }],
    ['a long signature', { sign: 'F'.repeat(65_000) }],
    ['many fields', Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`f${n}`, 'x']))],
  ])('is bounded in bytes, whatever strangers post: %s', async (_, fields) => {
    const { status } = await shop.post('/virtualatmpay', { ...shop.signed({ out_trade_no: 'B1' }), ...fields });
    expect(status).toMatch(/^9/);
    for (let n = 0; n < 20; n++) {
      await shop.post('/virtualatmpay', { ...shop.signed({ out_trade_no: 'B1', total_fee: '1100' }), ...fields });
    }
    expect(await bytesAt('/api/requests')).toBeLessThan(1.2 * historyBytes);
    expect(shop.platform.requests().at(-1)).toMatchObject({ interface: 'order', ending: { refusal: { status } } });
  });

  it('is bounded in bytes, whatever a merchant answers', async () => {
    await shop.order();
    await shop.platform.pay('A1');
    for (let n = 0; n < 20; n++) {
      shop.answers.push({ body: 'x'.repeat(60_000) });
      await shop.platform.resend('A1');
    }
    expect(await bytesAt('/api/notifications')).toBeLessThan(1.2 * historyBytes);
    expect(shop.platform.notifications().at(-1)).toMatchObject({ acknowledged: false, replyBody: 'x'.repeat(16_384) });
  });

  it('has the beginning of a long request, which the script of the session leaves out', async () => {
    await shop.post('/virtualatmpay', shop.signed({ out_trade_no: 'B1', total_fee: '1100', body: 'x'.repeat(60_000) }));
    const [request] = shop.platform.requests();
    expect(request?.body).toHaveLength(16_384);
    expect(request?.length).toBeGreaterThan(60_000);
    expect((await visitor.get(`/requests/${request?.number ?? 0}`)).body).toContain(
      `16384 of ${request?.length ?? 0} char`,
    );
    expect(shop.platform.sessionScript()).not.toContain('B1');
    await shop.order({ extension: 'x'.repeat(60_000) });
    expect(() => shop.platform.sessionScript()).toThrow(SessionForgottenError);
  });

  it('forgets the oldest orders that have ended, and opens no more while all are open', async () => {
    for (let n = 0; n < 100; n++) await shop.order({ out_trade_no: `N${n}` });
    expect(await shop.order({ out_trade_no: 'B1' })).toMatchObject({ status: '993' });
    await shop.platform.pay('N7');
    await shop.platform.pay('N8', { at: new Date(shop.platform.clock.now().getTime() + 60_000) });
    expect(await shop.order({ out_trade_no: 'B1' })).toMatchObject({ status: '900' });
    expect(await shop.query('N7')).toMatchObject({ status: '5223' });
    expect(shop.platform.orders()).toHaveLength(100);
    await shop.platform.advance({ days: 30 });
    expect(shop.platform.order('N8').state).toBe('paid');
  });

  it('is bounded where people arm and add', () => {
    const { faults, merchants } = shop.platform;
    expect(() => faults.arm({ kind: 'body-reply', at: 'order', body: 'x'.repeat(140_000) })).toThrow(
      InvalidArgumentError,
    );
    for (let n = 0; n < 500; n++) faults.dropNotifications();
    expect(() => {
      faults.dropNotifications();
    }).toThrow(InvalidArgumentError);
    for (let n = 1; n < 1_000; n++) merchants.add({ merchantNo: `M${n}`, key: 'k' });
    expect(() => merchants.add({ merchantNo: 'M', key: 'k' })).toThrow(InvalidArgumentError);
  });
});
