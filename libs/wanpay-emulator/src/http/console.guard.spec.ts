import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Shop } from '../testing/shop.js';
import { Visitor } from '../testing/visitor.js';

describe('the console, against other pages', () => {
  let shop: Shop;
  let visitor: Visitor;
  let orderPath: string;
  beforeEach(async () => {
    shop = await Shop.open();
    visitor = new Visitor(shop.platform.url);
    await shop.order();
    orderPath = `/orders/${shop.platform.merchant.merchantNo}/A1`;
  });
  afterEach(() => shop.close());

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'http://127.0.0.1:1' },
    { origin: 'null' },
  ])('refuses a change that comes with %p', async (headers) => {
    const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
    for (const path of [`/api${orderPath}/pay`, '/api/clock', '/api/faults', '/api/merchants']) {
      expect(await visitor.rawStatus('POST', path, headers)).toBe(403);
      expect(await visitor.rawStatus('POST', path, form)).toBe(403);
    }
    expect(shop.platform.order('A1').state).toBe('unpaid');
  });

  it('takes a change from its own pages', async () => {
    const headers = {
      'sec-fetch-site': 'same-origin',
      origin: shop.platform.url,
      'content-type': 'application/x-www-form-urlencoded',
    };
    expect(await visitor.rawStatus('POST', `/api${orderPath}/pay`, headers)).toBe(303);
  });

  it('lets a link from the shop show the order', async () => {
    expect(await visitor.rawStatus('GET', orderPath, { 'sec-fetch-site': 'cross-site' })).toBe(200);
  });

  it.each([
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost.evil.example:80', 403],
    ['203.0.113.7', 403],
    ['bad host', 403],
    ['localhost', 200],
    ['localhost:4010', 200],
    ['127.0.0.1:4010', 200],
    ['[::1]:4010', 200],
  ])('answers the host name %s with %d', async (host, status) => {
    for (const path of ['/', '/faults', '/api/orders', '/api/openapi.json']) {
      expect(await visitor.rawStatus('GET', path, { host })).toBe(status);
    }
  });

  it('is reached by any name when it is not bound to loopback', async () => {
    await shop.close();
    shop = await Shop.open({ host: '0.0.0.0' });
    expect(shop.platform.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    const status = await new Visitor(shop.platform.url).rawStatus('GET', '/', { host: 'wanpay-emulator:4010' });
    expect(status).toBe(200);
  });
});
