import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Shop } from '../testing/shop.js';

const START = new Date('2026-03-01T12:00:00+08:00');

describe('the desk', () => {
  let shop: Shop;
  let orderPath: string;
  beforeEach(async () => {
    shop = await Shop.open({ clock: { stopped: true, startAt: START } });
    await shop.order();
    orderPath = `/orders/${shop.platform.merchant.merchantNo}/A1`;
  });
  afterEach(() => shop.close());

  const get = async (path: string): Promise<{ status: number; body: string; headers: Headers }> => {
    const response = await fetch(shop.platform.url + path);
    return { status: response.status, body: await response.text(), headers: response.headers };
  };

  const post = (
    path: string,
    body?: string | URLSearchParams,
    headers: Record<string, string> = {},
  ): Promise<Response> =>
    fetch(shop.platform.url + path, { method: 'POST', redirect: 'manual', headers, ...(body ? { body } : {}) });

  const postJson = (path: string, value: unknown): Promise<Response> =>
    post(path, JSON.stringify(value), { 'content-type': 'application/json' });

  /** Sends headers that fetch would not. */
  const rawStatus = (method: string, path: string, headers: Record<string, string>): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request(shop.platform.url + path, { method, headers, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });

  describe('for people', () => {
    it('lists the orders', async () => {
      const { status, body } = await get('/');
      expect(status).toBe(200);
      expect(body).toContain(`href="${orderPath}"`);
      expect(body).toContain('NT$ 1280');
      expect(body).toContain(shop.platform.order('A1').account.number);
      expect(body).toContain('2026-03-04 23:59:59');
    });

    it('pays the right amount, and shows what became of it', async () => {
      const response = await post(`${orderPath}/pay`);
      expect([response.status, response.headers.get('location')]).toEqual([303, orderPath]);
      const { body } = await get(orderPath);
      expect(body).toContain('class="paid"');
      expect(body).toContain('<code>success</code>');
      expect(shop.received).toHaveLength(1);
    });

    it('pays another amount', async () => {
      await post(`${orderPath}/pay`, new URLSearchParams({ amount: '1000' }));
      expect(shop.platform.order('A1').transfer?.amount).toBe(1000);
    });

    it.each([
      ['fail', 'failed'],
      ['close', 'closed'],
    ])('lets an order %s', async (action, state) => {
      expect((await post(`${orderPath}/${action}`)).status).toBe(303);
      expect(shop.platform.order('A1').state).toBe(state);
    });

    it('sends a notification again', async () => {
      await shop.platform.pay('A1');
      expect((await post(`${orderPath}/resend`)).status).toBe(303);
      expect(shop.received).toHaveLength(2);
    });

    it('moves the clock', async () => {
      expect((await post('/clock', new URLSearchParams({ advanceSeconds: '60' }))).status).toBe(303);
      expect(shop.platform.clock.now()).toEqual(new Date(START.getTime() + 60_000));
      await post('/clock', new URLSearchParams({ resume: 'true' }));
      expect(shop.platform.clock.stopped).toBe(false);
    });

    it('escapes what strangers have chosen', async () => {
      const evil = `"><script>alert('x')</script>`;
      shop.answers.push({ body: evil });
      await shop.order({ out_trade_no: 'A2', body: evil, returnurl: `https://shop.example/?q=">${evil}` });
      await shop.platform.pay('A2');
      const { body } = await get(`/orders/${shop.platform.merchant.merchantNo}/A2`);
      expect(body).not.toContain('<script');
      expect(body).not.toContain('q=">');
      expect(body.match(/&quot;&gt;&lt;script&gt;alert\(&#39;x&#39;\)/g)?.length).toBeGreaterThanOrEqual(2);
    });

    it('allows no script, nothing inline and no frame', async () => {
      for (const path of ['/', orderPath, '/desk.css', '/orders/M1/NONE']) {
        const { headers, body } = await get(path);
        const policy = headers.get('content-security-policy');
        expect(policy).toContain("default-src 'none'");
        expect(policy).toContain("frame-ancestors 'none'");
        expect(policy).not.toContain('unsafe');
        expect(headers.get('x-powered-by')).toBeNull();
        expect(body).not.toMatch(/<script|<style|style=|onclick=/);
      }
    });

    it('says on a page what went wrong', async () => {
      const missing = await get('/orders/M1/NONE');
      expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
      expect((await post(`${orderPath}/pay`, new URLSearchParams({ amount: 'lots' }))).status).toBe(400);
      expect((await post(`${orderPath}/refund`)).status).toBe(404);
      expect((await post(`${orderPath}/constructor`)).status).toBe(404);
      expect((await post(`${orderPath}/resend`)).status).toBe(409);
      await shop.platform.pay('A1');
      expect((await post(`${orderPath}/pay`)).status).toBe(409);
    });
  });

  describe('for programs', () => {
    it('tells of orders and notifications', async () => {
      await shop.platform.pay('A1');
      expect(JSON.parse((await get('/api/orders')).body)).toEqual([
        expect.objectContaining({ orderNo: 'A1', amount: 1280, state: 'paid', openedAt: START.toISOString() }),
      ]);
      expect(JSON.parse((await get(`/api${orderPath}`)).body)).toMatchObject({ orderNo: 'A1' });
      expect(JSON.parse((await get('/api/notifications')).body)).toMatchObject([{ orderNo: 'A1', acknowledged: true }]);
    });

    it('pays, for what it is told', async () => {
      const payment = { amount: 5, payerBankCode: '700', payerAccount: '42' };
      const response = await postJson(`/api${orderPath}/pay`, payment);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ state: 'paid', transfer: payment });
      expect((await postJson(`/api${orderPath}/pay`, {})).status).toBe(409);
      expect((await postJson(`/api${orderPath}/pay`, { again: true })).status).toBe(200);
      expect((await post(`/api${orderPath}/resend`)).status).toBe(200);
      expect(shop.received).toHaveLength(3);
    });

    it('tells and changes the clock', async () => {
      const lapse = '2026-03-04T16:00:00.000Z';
      expect(JSON.parse((await get('/api/clock')).body)).toEqual({
        now: START.toISOString(),
        stopped: true,
        nextTimerAt: lapse,
      });
      const moved = await postJson('/api/clock', { advanceSeconds: 86_400 });
      expect(await moved.json()).toMatchObject({ now: '2026-03-02T04:00:00.000Z', stopped: true });
      expect(await (await postJson('/api/clock', { resume: true })).json()).toMatchObject({ stopped: false });
      expect(await (await postJson('/api/clock', { stop: true })).json()).toMatchObject({ stopped: true });
    });

    it.each<[string, unknown, number, string]>([
      ['/api/orders/M1/NONE/pay', {}, 404, 'unknown_order'],
      ['/api/orders/M1/NONE/refund', {}, 404, 'http_error'],
      ['/api/clock', {}, 400, 'invalid_argument'],
      ['/api/clock', { advanceSeconds: -1 }, 400, 'invalid_argument'],
      ['/api/clock', { advanceSeconds: 1, stop: true }, 400, 'invalid_argument'],
      ['/api/clock', { stop: false }, 400, 'invalid_argument'],
      ['/api/clock', [], 400, 'invalid_argument'],
      ['/api/clock', { x: 'y'.repeat(100_000) }, 413, 'body_too_long'],
    ])('answers %s with %p by a clear error', async (path, value, status, code) => {
      const response = await postJson(path, value);
      expect(response.status).toBe(status);
      expect(await response.json()).toEqual({ code, message: expect.any(String) });
    });

    it.each([{ amount: 'lots' }, { amount: 0 }, { payerBankCode: 13 }, { amounts: 1 }, { again: false }])(
      'refuses to pay %p',
      async (payment) => {
        expect((await postJson(`/api${orderPath}/pay`, payment)).status).toBe(400);
        expect(shop.platform.order('A1').state).toBe('unpaid');
      },
    );

    it('takes no form and no broken JSON', async () => {
      expect((await post('/api/clock', new URLSearchParams({ stop: 'true' }))).status).toBe(400);
      expect((await post('/api/clock', '{', { 'content-type': 'application/json' })).status).toBe(400);
    });
  });

  describe('against other pages', () => {
    it.each([
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'http://127.0.0.1:1' },
      { origin: 'null' },
    ])('refuses a change that comes with %p', async (headers) => {
      expect(await rawStatus('POST', `${orderPath}/pay`, headers)).toBe(403);
      expect(await rawStatus('POST', `/api${orderPath}/pay`, headers)).toBe(403);
      expect(await rawStatus('POST', '/api/clock', headers)).toBe(403);
      expect(shop.platform.order('A1').state).toBe('unpaid');
    });

    it('takes a change from its own pages', async () => {
      const headers = { 'sec-fetch-site': 'same-origin', origin: shop.platform.url };
      expect(await rawStatus('POST', `${orderPath}/pay`, headers)).toBe(303);
    });

    it('lets a link from the shop show the order', async () => {
      expect(await rawStatus('GET', orderPath, { 'sec-fetch-site': 'cross-site' })).toBe(200);
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
      expect(await rawStatus('GET', '/', { host })).toBe(status);
      expect(await rawStatus('GET', '/api/orders', { host })).toBe(status);
    });
  });

  it('is reached by any name when it is not bound to loopback', async () => {
    await shop.close();
    shop = await Shop.open({ host: '0.0.0.0' });
    expect(shop.platform.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    expect(await rawStatus('GET', '/', { host: 'wanpay-emulator:4010' })).toBe(200);
  });
});
