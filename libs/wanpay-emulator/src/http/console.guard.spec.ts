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
    { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site', origin: 'null' },
  ])('refuses a change that comes with %p', async (headers) => {
    const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
    for (const path of [`/api${orderPath}/pay`, '/api/clock', '/api/faults', '/api/merchants']) {
      expect(await visitor.rawStatus('POST', path, headers)).toBe(403);
      expect(await visitor.rawStatus('POST', path, form)).toBe(403);
    }
    expect(shop.platform.order('A1').state).toBe('unpaid');
  });

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:1' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://evil.example', host: 'evil.example' },
    { 'sec-fetch-site': 'same-origin', origin: 'http://evil.example', host: 'evil.example' },
    { 'sec-fetch-site': 'none', host: 'evil.example' },
  ])('refuses an order that a page signed with the published key: %p', async (headers) => {
    const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams(shop.signed({ total_fee: '1100', out_trade_no: 'B1' })).toString();
    const { status, text } = await visitor.raw('POST', '/wxzfservice/virtualatmpay', form, body);
    expect([status, JSON.parse(text)]).toEqual([
      403,
      {
        code: expect.stringMatching(/^(?:cross_site|foreign_host)$/),
        message: expect.stringContaining('--public-host'),
      },
    ]);
    expect(await visitor.rawStatus('POST', '/wxzfservice/orderquery', form)).toBe(403);
    expect(shop.platform.orders()).toHaveLength(1);
    expect(shop.platform.requests()).toHaveLength(1);
  });

  it.each([{}, { host: 'platform.internal' }, { host: 'wanpay:80', 'x-forwarded-for': '203.0.113.7' }])(
    'takes an order of a merchant’s server with %p',
    async (headers) => {
      const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
      const body = new URLSearchParams(shop.signed({ total_fee: '1100', out_trade_no: 'B1' })).toString();
      const { text } = await visitor.raw('POST', '/wxzfservice/virtualatmpay', form, body);
      expect(JSON.parse(text)).toMatchObject({ status: '900' });
    },
  );

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

  it.each([
    ['evil.example', 403],
    ['wanpay-emulator:4010', 403],
    ['bad host', 403],
    ['localhost:4010', 200],
    ['192.168.1.5:4010', 200],
    ['[fd00::5]:4010', 200],
    ['Emulator.Example', 200],
  ])('is reached by %s with %d when it is not bound to loopback', async (host, status) => {
    await shop.close();
    shop = await Shop.open({ host: '0.0.0.0', publicHosts: ['emulator.example'] });
    expect(shop.platform.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    visitor = new Visitor(shop.platform.url);
    for (const path of ['/', '/api/orders']) expect(await visitor.rawStatus('GET', path, { host })).toBe(status);
    expect(await visitor.rawStatus('POST', '/api/clock', { host })).toBe(status === 200 ? 400 : status);
  });

  it.each([
    { host: 'emulator.example', origin: 'https://emulator.example', 'sec-fetch-site': 'same-origin' },
    { host: '127.0.0.1:4010', origin: 'https://emulator.example', 'sec-fetch-site': 'same-origin' },
    { host: 'emulator.example', origin: 'https://emulator.example' },
  ])('works behind a proxy of a public name: %p', async (headers) => {
    await shop.close();
    shop = await Shop.open({ publicHosts: ['emulator.example'] });
    const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
    const changing = new Visitor(shop.platform.url).raw('POST', '/api/clock', form, 'stop=true');
    expect((await changing).status).toBe(303);
  });
});
