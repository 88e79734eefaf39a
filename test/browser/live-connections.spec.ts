import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../e2e/until.js';
import { placeOrder } from './orders.js';
import { DESK_AUTHORIZATION, type Shop, startShop } from './shop.js';

const MANY = 40;

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

  it('are told of a change, and end when nothing can change any more', async () => {
    const orderNo = await placeOrder(shop);
    const page = await listen(`/orders/${orderNo}/live?seen=pending`);
    expect(page.heard()).not.toContain('event: status');
    await shop.emulator.pay(orderNo);
    await page.ended;
    expect(page.heard()).toMatch(/event: status[^]*已付款[^]*event: transfer[^]*event: end/);
    expect(shop.streams.open).toBe(0);
  });

  it('are told at once what happened between the page and the connection', async () => {
    const orderNo = await placeOrder(shop);
    await shop.emulator.pay(orderNo);
    await until(() => shop.wanpay.deliveryCounts.delivered === 1, 'the shop has heard of the money');
    const page = await listen(`/orders/${orderNo}/live?seen=pending&lang=en`);
    await page.ended;
    expect(page.heard()).toContain('Paid, thank you');
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
