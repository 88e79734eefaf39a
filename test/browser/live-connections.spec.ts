import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../e2e/until.js';
import { placeOrder } from './orders.js';
import { DESK_AUTHORIZATION, type Shop, startShop } from './shop.js';

const MANY = 40;
const DAY_MS = 86_400_000;

/** Without a browser: what a page hears while it is open, and what is left of it when it is closed. */
describe('the connections of open pages', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await startShop();
  });
  afterEach(() => shop.close());

  /** Opens a page's connection; what it has heard so far, and a way to close the page. */
  async function listen(
    path: string,
  ): Promise<{ status: number; heard: () => string; hangUp: () => void; ended: Promise<void> }> {
    const page = new AbortController();
    const response = await fetch(shop.url + path, {
      signal: page.signal,
      headers: { authorization: DESK_AUTHORIZATION },
    });
    let text = '';
    const decoder = new TextDecoder();
    const read = async (): Promise<void> => {
      for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
    };
    const ended = read().catch(() => undefined);
    return {
      status: response.status,
      heard: () => text,
      hangUp: () => {
        page.abort();
      },
      ended,
    };
  }

  it('are told of a change, and of money that comes after it is paid', async () => {
    const orderNo = await placeOrder(shop);
    const page = await listen(`/orders/${orderNo}/live?seen=pending`);
    expect(page.heard()).not.toContain('event: status');
    await shop.emulator.pay(orderNo);
    await until(
      () => /event: status[^]*已付款[^]*event: transfer/.test(page.heard()),
      'the page hears that it is paid',
    );
    await shop.emulator.pay(orderNo, { again: true, payerAccount: '0000999988887777' });
    await until(() => page.heard().includes('另外收到 NT$480'), 'the page hears of the second payment');
    page.hangUp();
    await until(() => shop.streams.open === 0, 'the shop has noticed that the page is closed');
  });

  it('are told at once what happened between the page and the connection', async () => {
    const orderNo = await placeOrder(shop);
    await shop.emulator.pay(orderNo);
    await until(() => shop.wanpay.deliveryCounts.delivered === 1, 'the shop has heard of the money');
    const page = await listen(`/orders/${orderNo}/live?seen=pending&lang=en`);
    await until(() => page.heard().includes('Paid, thank you'), 'the page hears of the money');
  });

  it('say that the emulator has forgotten an order, once it went back to now', async () => {
    await shop.emulator.clock.set(new Date(Date.now() + DAY_MS));
    const orderNo = await placeOrder(shop);
    const see = async (): Promise<string> => (await fetch(`${shop.url}/orders/${orderNo}`)).text();
    expect(await see()).toContain('到模擬器付款');
    await fetch(`${shop.emulator.url}/api/session`, { method: 'POST' });
    expect(await see()).toMatch(/不再認得這筆訂單[^]*重新下單/);
  });

  it('leave nothing behind, however many come and go', async () => {
    const orderNo = await placeOrder(shop);
    const paths = Array.from({ length: MANY }, () => `/orders/${orderNo}/live?seen=pending`);
    const pages = await Promise.all(paths.map(listen));
    expect(shop.streams.open).toBe(MANY);
    for (const { hangUp } of pages) hangUp();
    await until(() => shop.streams.open === 0, 'the shop has noticed that all have gone');
  });

  it('are for orders that are there', async () => {
    expect((await listen('/orders/NOSUCHORDER/live')).status).toBe(404);
  });
});
