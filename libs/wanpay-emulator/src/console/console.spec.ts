import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FAULT_KINDS } from '../faults/fault-input.js';
import { Shop } from '../testing/shop.js';
import { Visitor } from '../testing/visitor.js';

const START = new Date('2026-03-01T12:00:00+08:00');
const EVIL = `"><script>alert('x')</script><img src=x onerror=alert(1)>`;

describe('the console', () => {
  let shop: Shop;
  let visitor: Visitor;
  let orderPath: string;
  beforeEach(async () => {
    shop = await Shop.open({ clock: { stopped: true, startAt: START } });
    visitor = new Visitor(shop.platform.url);
    await shop.order();
    orderPath = `/orders/${shop.platform.merchant.merchantNo}/A1`;
  });
  afterEach(() => shop.close());

  it('lists the orders', async () => {
    const { status, body } = await visitor.get('/');
    expect(status).toBe(200);
    expect(body).toContain(`href="${orderPath}"`);
    expect(body).toContain('NT$1,280');
    expect(body).toContain(shop.platform.order('A1').account.number);
    expect(body).toContain('2026-03-04 23:59:59');
  });

  it('shows many orders on pages of fifty, the newest first, and finds one by its number', async () => {
    for (let n = 0; n < 60; n++) await shop.order({ out_trade_no: `N${n}` });
    const first = (await visitor.get('/')).body;
    expect(first).toContain('>N59<');
    expect(first).not.toContain('>N9<');
    expect(first).toContain('Page 1 of 2');
    expect((await visitor.get('/?page=2')).body).toContain('>A1<');
    expect((await visitor.get('/?page=99')).body).toContain('Page 2 of 2');
    const found = (await visitor.get('/?q=n9')).body;
    expect(found).toContain('>N9<');
    expect(found).not.toContain('>N59<');
  });

  it('pays, shows what became of it, and comes back to the page', async () => {
    const response = await visitor.postForm(`/api${orderPath}/pay`, {}, orderPath);
    expect([response.status, response.headers.get('location')]).toEqual([303, orderPath]);
    const { body } = await visitor.get(orderPath);
    expect(body).toContain('class="paid"');
    expect(body).toContain('<code>success</code>');
    expect(shop.received).toHaveLength(1);
  });

  it.each([
    'https://evil.example/orders',
    'http://HOST//evil.example/x',
    'http://HOST///evil.example/x',
    String.raw`http://HOST/\evil.example/x`,
    String.raw`http://HOST\\evil.example/x`,
    'http://HOST/\t/evil.example/x',
    'http://HOST/./\t/evil.example/x',
    'http://HOST/a/..//evil.example/x',
    'http://HOST@evil.example/x',
    'http://evil.example/?http://HOST/x',
    '//evil.example/x',
    String.raw`/\evil.example/x`,
    'javascript:alert(1)',
    'data:text/html,x',
  ])('goes to its own first page after a form that came from %j', async (referer) => {
    const { host } = new URL(shop.platform.url);
    const form = new URLSearchParams({ stop: 'true' });
    const response = await visitor.post('/api/clock', form, { referer: referer.replace('HOST', host) });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/']);
  });

  it('follows no address in a query after a form', async () => {
    const page = '/?returnUrl=https://evil.example/&q=//evil.example';
    const response = await visitor.postForm('/api/clock?returnUrl=https://evil.example/', { stop: 'true' }, page);
    expect(response.headers.get('location')).toBe(page);
  });

  it('takes what a person fills in, and leaves out what is empty', async () => {
    const fields = { amount: '1000', payerBankCode: '', payerAccount: '', at: '2026-03-01T13:00:00', again: '' };
    expect((await visitor.postForm(`/api${orderPath}/pay`, fields, orderPath)).status).toBe(303);
    await shop.platform.advance({ hours: 1 });
    expect(shop.platform.order('A1').transfer).toMatchObject({ amount: 1000, payerBankCode: '822' });
  });

  it('says of every fault what goes wrong, and asks only for what it takes', async () => {
    const { body } = await visitor.get('/faults');
    for (const kind of FAULT_KINDS) expect(body).toMatch(new RegExp(`<p class="needed for-${kind}">.*?\\.</p>`));
    expect(body).toContain(
      '<div class="needed for-delayed-notification for-second-transfer"><label>Seconds until then<br/>',
    );
    const style = /href="(\/assets\/[^"]+\.css)"/.exec(body)?.[1] ?? '';
    expect((await visitor.get(style)).body).toContain(
      ".faults:has(option[value='second-transfer']:checked) .for-second-transfer { display: block; }",
    );
  });

  it('arms faults, adds merchants and moves the clock by its forms', async () => {
    const fault = {
      kind: 'extended-notification',
      at: 'order',
      fields: 'a=1&b=2',
      times: '2',
      share: '0.5',
      code: '999',
    };
    expect((await visitor.postForm('/api/faults', fault)).status).toBe(303);
    expect(shop.platform.faults.armed()).toMatchObject([
      { fault: { kind: 'extended-notification', fields: { a: '1', b: '2' } }, trigger: { times: 2, share: 0.5 } },
    ]);
    expect((await visitor.get('/faults')).body).toContain('50 %, 2 times');
    await visitor.postForm('/api/merchants', { merchantNo: 'M2', key: 'k' });
    await visitor.postForm('/api/merchants/M2/sources', { allowedSources: '10.0.0.0/8\r\n::1\r\n' });
    expect(shop.platform.merchants.list()[1]).toMatchObject({ allowedSources: ['10.0.0.0/8', '::1'] });
    expect((await visitor.get('/merchants')).body).toContain('Merchant M2');
    await visitor.postForm('/api/clock', { advanceSeconds: '60' });
    expect(shop.platform.clock.now()).toEqual(new Date(START.getTime() + 60_000));
  });

  it('shows every attempt, the reply, the latency and the time of the next', async () => {
    shop.answers.push({ status: 500, body: 'broken' });
    await shop.platform.pay('A1');
    const { body } = await visitor.get(orderPath);
    expect(body).toContain('not acknowledged');
    expect(body).toContain('HTTP 500 ');
    expect(body).toContain('<code>broken</code>');
    expect(body).toMatch(/\d+\.\d ms/);
    expect(body).toContain('2026-03-01 12:01:00');
    expect(body).toContain('aria-label="Send again: notification 1"');
  });

  it('shows a refused order: the rule, what was to be signed without the key, and the difference', async () => {
    const fields = shop.signed({ total_fee: '128000', out_trade_no: 'B1' });
    await shop.post('/virtualatmpay', { ...fields, body: 'added' });
    const { status, body } = await visitor.get(orderPath.replace('A1', 'B1'));
    expect(status).toBe(200);
    expect(body).toContain('refused, 913');
    expect(body).toContain('body was not signed: it was added or filled in afterwards.');
    expect(body).toContain('<ins>body=added&amp;</ins>');
    expect(body).toContain('total_fee=128000&amp;key=</pre>');
    expect(body).not.toContain(shop.platform.merchant.key);
    const [{ number } = { number: 0 }] = shop.platform.requests().slice(-1);
    expect((await visitor.get(`/requests/${number}`)).body).toContain('<ins>body=added&amp;</ins>');
  });

  it('says that it asks for no password, and who may reach it', async () => {
    expect((await visitor.get('/')).body).toContain('bound to loopback: only this machine reaches it');
    await shop.close();
    shop = await Shop.open({ host: '0.0.0.0' });
    expect((await new Visitor(shop.platform.url).get('/')).body).toContain('whoever reaches it can pay');
  });

  it('shows what strangers have chosen as text, everywhere', async () => {
    shop.platform.merchants.add({ merchantNo: EVIL.slice(0, 30), key: 'k' });
    shop.platform.faults.arm({ kind: 'body-reply', at: 'query', body: EVIL }, { orderNo: EVIL, times: 9 });
    shop.answers.push({ body: EVIL });
    await shop.order({ out_trade_no: 'A2', body: EVIL, returnurl: `https://shop.example/?q=">${EVIL}` });
    await shop.platform.pay('A2');
    await shop.post('/virtualatmpay', { orgno: EVIL, out_trade_no: EVIL, body: EVIL, sign: EVIL });
    await shop.post('/virtualatmpay', shop.signed({ out_trade_no: 'A3', body: EVIL, sign: 'f'.repeat(32) }));
    await shop.send('/orderquery', EVIL, 'text/html');
    const [refused, badlySigned, noForm] = shop.platform.requests().slice(-3);
    const pages = [
      '/',
      `/?q=${encodeURIComponent(EVIL)}`,
      orderPath.replace('A1', 'A2'),
      orderPath.replace('A1', 'A3'),
      `/orders/${encodeURIComponent(EVIL)}/${encodeURIComponent(EVIL)}`,
      `/orders/${encodeURIComponent(EVIL)}/none`,
      '/requests',
      ...[refused, badlySigned, noForm].map((request) => `/requests/${request?.number ?? 0}`),
      '/faults',
      `/faults?orderNo=${encodeURIComponent(EVIL)}&merchantNo=${encodeURIComponent(EVIL)}`,
      '/merchants',
      `/requests/${encodeURIComponent(EVIL)}`,
    ];
    for (const page of pages) {
      const { body } = await visitor.get(page);
      expect(body).not.toContain('<script>');
      expect(body).not.toContain('<img');
      expect(body).not.toContain('q=">');
    }
    expect((await visitor.get(orderPath.replace('A1', 'A2'))).body).toContain('&lt;script>alert(');
    const error = await visitor.postForm('/api/faults', { kind: EVIL });
    expect(await error.text()).not.toContain('<script>');
  });

  it('allows nothing inline, nothing from elsewhere and no frame', async () => {
    for (const path of ['/', orderPath, '/requests', '/faults', '/merchants', '/api/docs', '/orders/M1/NONE']) {
      const { headers, body } = await visitor.get(path);
      const policy = headers.get('content-security-policy');
      for (const directive of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
      ]) {
        expect(policy).toContain(directive);
      }
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      expect(headers.get('x-powered-by')).toBeNull();
      expect(body).not.toMatch(/<script(?! src="\/assets\/)|<style|style=| on\w+=/);
    }
  });

  it('serves what its pages need, to be kept for ever', async () => {
    const { body } = await visitor.get('/');
    const assets = [...body.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, url = '']) => url);
    expect(assets).toHaveLength(4);
    for (const url of assets) {
      const { status, headers } = await visitor.get(url);
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toContain('immutable');
    }
    expect((await visitor.get('/assets/0/htmx.js')).status).toBe(404);
  });

  it('says on a page what went wrong', async () => {
    const missing = await visitor.get('/orders/M1/NONE');
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    const refused = await visitor.postForm(`/api${orderPath}/pay`, { amount: 'lots' });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('amount must be a whole number of New Taiwan dollars.');
    expect((await visitor.postForm(`/api${orderPath}/resend`, { notification: '1' })).status).toBe(409);
    await shop.platform.pay('A1');
    expect((await visitor.postForm(`/api${orderPath}/pay`, { amount: '' })).status).toBe(409);
  });
});
