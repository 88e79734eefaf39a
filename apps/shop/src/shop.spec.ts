import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { wanpayConfig, type WanPayModuleOptions } from 'nestjs-wanpay';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { AppModule } from './app.module.js';
import { configureApp } from './configure-app.js';
import { shopConfig } from './shop.config.js';

const DEADLINE_MS = 5_000;
const PASSWORD = '高山烏龍茶 and a teapot';

describe('the shop', () => {
  let emulator: WanPayEmulator;
  let data: string;
  let server: Server;
  let app: INestApplication;
  let url: string;
  let deskPassword: string | undefined;

  beforeEach(async () => {
    emulator = await startWanPayEmulator();
    data = await mkdtemp(join(tmpdir(), 'shop-'));
    deskPassword = PASSWORD;
    await open();
  });
  afterEach(async () => {
    await emulator.close();
    await close();
    await rm(data, { recursive: true });
  });

  /** The server comes first, since the module has to know its address. */
  async function open(options: WanPayModuleOptions = {}): Promise<void> {
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const { baseUrl, merchant } = emulator;
    const module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(wanpayConfig.KEY)
      .useValue({ baseUrl, merchant, publicUrl: url, ...options })
      .overrideProvider(shopConfig.KEY)
      .useValue({ data, deskPassword })
      .compile();
    const express = module.createNestApplication<NestExpressApplication>({ logger: false });
    configureApp(express);
    app = await express.init();
    const listener: unknown = express.getHttpAdapter().getInstance();
    if (typeof listener !== 'function') throw new Error('Express is a function.');
    server.on('request', (...exchange) => {
      Reflect.apply(listener, undefined, exchange);
    });
  }

  async function close(): Promise<void> {
    await app.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  const get = async (path: string): Promise<{ status: number; headers: Headers; page: string }> => {
    const response = await fetch(url + path, { headers: { accept: 'text/html' } });
    return { status: response.status, headers: response.headers, page: await response.text() };
  };

  const orderNoOnForm = async (): Promise<string> => {
    const { page } = await get('/checkout/oolong');
    return /name="orderNo" value="([0-9A-Z]{20})"/.exec(page)?.[1] ?? '';
  };

  const post = async (
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; location: string | null; page: string }> => {
    const response = await fetch(`${url}/checkout/oolong`, {
      method: 'POST',
      body: new URLSearchParams({ quantity: '1', recipient: '王小明', ...fields }),
      headers: { accept: 'text/html', ...headers },
      redirect: 'manual',
    });
    return { status: response.status, location: response.headers.get('location'), page: await response.text() };
  };

  const placeOrder = async (fields: Record<string, string> = {}): Promise<string> => {
    const orderNo = await orderNoOnForm();
    expect(await post({ orderNo, ...fields })).toMatchObject({ status: 303, location: `/orders/${orderNo}` });
    return orderNo;
  };

  const orderPage = async (orderNo: string): Promise<string> => (await get(`/orders/${orderNo}`)).page;

  const becomes = async (orderNo: string, text: string): Promise<string> => {
    const deadline = Date.now() + DEADLINE_MS;
    let page = await orderPage(orderNo);
    while (!page.includes(text) && Date.now() < deadline) page = await orderPage(orderNo);
    expect(page).toContain(text);
    return page;
  };

  it('lists its items, and lets nothing run or load from elsewhere', async () => {
    const { status, headers, page } = await get('/');
    expect(status).toBe(200);
    expect(page).toContain('高山烏龍茶');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(page).not.toMatch(/<style|style=|<script>|\son\w+=|https?:/);
    const [cssUrl = ''] = /\/assets\/\w+\/shop\.css/.exec(page) ?? [];
    const css = await get(cssUrl);
    expect([css.status, css.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
    expect(css.headers.get('cache-control')).toContain('immutable');
    expect(await get('/assets/000000000000/shop.css')).toMatchObject({ status: 404 });
  });

  it('shows where to pay an order, and that it is paid', async () => {
    const orderNo = await placeOrder({ quantity: '2' });
    const page = await orderPage(orderNo);
    const { account } = emulator.order(orderNo);
    expect(page).toContain(account.number.replaceAll(/(\d{4})(?=\d)/g, '$1 '));
    expect(page).toContain('NT$960');
    expect(page).toContain(`${emulator.url}/orders/${emulator.merchant.merchantNo}/${orderNo}`);

    await emulator.pay(orderNo);
    expect(await becomes(orderNo, '已付款')).toContain('測試付款，不會出貨');
    await emulator.pay(orderNo, { again: true, payerAccount: '0000999999999999' });
    await becomes(orderNo, '另外收到 NT$960');
  });

  it('shows a wrong amount, a failure, and money that comes after it', async () => {
    const other = await placeOrder();
    await emulator.pay(other, { amount: 100 });
    await becomes(other, '收到 NT$100，訂單金額為 NT$480');

    const orderNo = await placeOrder();
    await emulator.fail(orderNo);
    await becomes(orderNo, '付款失敗');
    await emulator.pay(orderNo);
    expect(await becomes(orderNo, '已付款')).toContain('款項於期限後入帳');
  });

  it('believes nothing that the payer’s browser brings back', async () => {
    const orderNo = await placeOrder();
    expect(emulator.order(orderNo).returnUrl).toBe(`${url}/orders/${orderNo}`);
    const { page } = await get(`/orders/${orderNo}?status=0000&out_trade_no=${orderNo}`);
    expect(page).toContain('等待轉帳');
  });

  it('places one order for a form that is sent twice, also after it is paid', async () => {
    const orderNo = await placeOrder();
    await emulator.pay(orderNo);
    await becomes(orderNo, '已付款');
    expect(await post({ orderNo })).toMatchObject({ status: 303, location: `/orders/${orderNo}` });
    expect(await orderPage(orderNo)).toContain('已付款');
    expect(emulator.orders()).toHaveLength(1);
  });

  it('refuses an order number that is taken by another order', async () => {
    const orderNo = await placeOrder();
    expect(await post({ orderNo, quantity: '9' })).toMatchObject({ status: 409 });
    expect(await orderPage(orderNo)).toContain('NT$480');
  });

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://elsewhere.example' },
    { origin: 'null' },
  ])('refuses a form of another site: %j', async (headers) => {
    const { status, page } = await post({ orderNo: await orderNoOnForm() }, headers);
    expect([status, page]).toEqual([403, expect.stringContaining('請從本店的網頁下單')]);
    expect(emulator.orders()).toEqual([]);
  });

  it('takes its own form from every browser', async () => {
    expect(await post({ orderNo: await orderNoOnForm() }, { 'sec-fetch-site': 'same-origin' })).toMatchObject({
      status: 303,
    });
    expect(await post({ orderNo: await orderNoOnForm() }, { origin: url })).toMatchObject({ status: 303 });
  });

  it('escapes what a customer writes', async () => {
    const orderNo = await placeOrder({ recipient: '"><script>alert(1)</script>' });
    const page = await orderPage(orderNo);
    expect(page).toContain('&lt;script>alert(1)&lt;/script>');
    expect(page).not.toContain('<script>');
  });

  it.each([
    [{ quantity: '0' }, '數量至少為 1'],
    [{ quantity: '1.5' }, '數量必須是整數'],
    [{ quantity: '11' }, '數量最多為 10'],
    [{ recipient: '   ' }, '收件人須為 1 至 40 個字'],
    [{ recipient: 'x'.repeat(41) }, '收件人須為 1 至 40 個字'],
    [{ orderNo: '../x' }, '訂單編號不正確'],
    [{ amount: '1' }, 'property amount should not exist'],
  ])('says what is wrong with %j', async (fields, message) => {
    const { status, page } = await post({ orderNo: await orderNoOnForm(), ...fields });
    expect([status, page]).toEqual([400, expect.stringContaining(message)]);
    expect(emulator.orders()).toEqual([]);
  });

  it.each(['/orders/NOSUCHORDER', '/checkout/nothing', '/%3Cscript%3E'])(
    'has a page for %s, not found',
    async (path) => {
      const { status, page } = await get(path);
      expect([status, page]).toEqual([404, expect.stringContaining('發生問題')]);
      expect(page).not.toContain('<script>');
    },
  );

  it('answers programs in their own terms', async () => {
    const response = await fetch(`${url}/wanpay/notifications`, {
      method: 'POST',
      body: new URLSearchParams({ a: '1' }),
    });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.headers.get('content-type')).toContain('application/json');
  });

  it('speaks the language that an address asks for, and remembers it', async () => {
    const { page, headers } = await get('/?lang=en');
    expect(page).toContain('<html lang="en">');
    expect(headers.get('set-cookie')).toBe('lang=en; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax');
    const cookie = 'theme=dark; lang=en';
    expect((await post({ orderNo: await orderNoOnForm(), quantity: '0' }, { cookie })).page).toContain(
      'The quantity must be at least 1.',
    );
    expect((await get('/?lang=%0d%0aset-cookie:x')).headers.get('set-cookie')).toBeNull();
  });

  it.each([
    ['en-US,en;q=0.9', 'en'],
    ['ja, zh-TW;q=0.8, en;q=0.7', 'zh-Hant-TW'],
    ['zh;q=0.3, en-GB;q=0.6', 'en'],
    ['ja, en;q=0', 'zh-Hant-TW'],
  ])('speaks what the browser prefers: %s', async (preferred, language) => {
    const headers = { accept: 'text/html', 'accept-language': preferred };
    expect(await (await fetch(url, { headers })).text()).toContain(`<html lang="${language}">`);
    const chosen = await fetch(`${url}/?lang=zh`, { headers });
    expect(await chosen.text()).toContain('<html lang="zh-Hant-TW">');
  });

  it('shows the total before it is ordered, also of an order that is ordered again', async () => {
    expect((await get('/checkout/oolong?quantity=3')).page).toMatch(/value="3"[^]*data-price="480"[^>]*>NT\$1,440</);
    expect((await get('/checkout/oolong?quantity=11')).page).toMatch(/value="1"[^]*>NT\$480</);
  });

  it('has no demonstration where it follows no emulator', async () => {
    expect((await get('/demonstration')).status).toBe(404);
    const body = new URLSearchParams({ failure: 'on' });
    expect((await fetch(`${url}/demonstration/failure`, { method: 'POST', body })).status).toBe(404);
  });

  it('says so when the platform can’t be reached, and is no worse for it', async () => {
    await emulator.close();
    const orderNo = await orderNoOnForm();
    const { status, page } = await post({ orderNo });
    expect([status, page]).toEqual([503, expect.stringContaining('暫時連不上收款平台')]);
    expect(await orderPage(orderNo)).toContain('尚未取得轉帳帳號');
  });

  it('tries an order again under the same number when the platform gave no account', async () => {
    emulator.faults.answer('order', { code: '999' });
    const orderNo = await orderNoOnForm();
    const { status, page } = await post({ orderNo, quantity: '2' });
    expect(status).toBe(502);
    expect(page).toContain('重試這筆訂單');
    const inputs = [...page.matchAll(/name="(\w+)" value="([^"]*)"/g)];
    const fields = Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, value] as const));
    expect(fields).toEqual({ orderNo, quantity: '2', recipient: '王小明' });
    expect(await post(fields)).toMatchObject({ status: 303, location: `/orders/${orderNo}` });
    expect(await orderPage(orderNo)).toContain('等待轉帳');
    expect(emulator.orders()).toHaveLength(1);
  });

  it('says so when the platform refuses', async () => {
    await close();
    await open({ merchant: { merchantNo: emulator.merchant.merchantNo, key: 'not the key' } });
    const { status, page } = await post({ orderNo: await orderNoOnForm() });
    expect([status, page]).toEqual([502, expect.stringContaining('收款平台未能核發帳號')]);
  });

  describe('at its merchant’s desk', () => {
    const login = (password: string): string => `Basic ${Buffer.from(`desk:${password}`).toString('base64')}`;
    const desk = (path = '', headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
      fetch(`${url}/desk${path}`, { method, headers: { accept: 'text/html', ...headers }, redirect: 'manual' });

    it.each([
      {},
      { 'x-forwarded-for': '203.0.113.7' },
      { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1', forwarded: 'for=127.0.0.1' },
      { authorization: 'Basic' },
      { authorization: 'Bearer x' },
      { authorization: login('') },
      { authorization: login(PASSWORD.toUpperCase()) },
      { authorization: login(`${PASSWORD}x`) },
      { authorization: `Basic ${Buffer.from(PASSWORD).toString('base64')}` },
    ])('asks for its password, however the request’s headers look: %j', async (headers) => {
      for (const path of ['', '/payments', '/payment?order=A1', '/payments.csv', '/reconciliation']) {
        const response = await desk(path, headers);
        expect([path, response.status]).toEqual([path, 401]);
        expect(response.headers.get('www-authenticate')).toBe('Basic realm="desk", charset="UTF-8"');
        expect(await response.text()).toContain('請輸入店家後台的密碼');
      }
      for (const path of ['/payment/accept', '/payment/replay', '/reconciliation']) {
        expect((await desk(path, headers, 'POST')).status).toBe(401);
      }
    });

    it('opens with the password, whatever the name, and takes its own forms only', async () => {
      const authorization = login(PASSWORD);
      expect((await desk('', { authorization })).status).toBe(200);
      const other = Buffer.from(`店:${PASSWORD}`).toString('base64');
      expect((await desk('', { authorization: `basic ${other}`, 'x-forwarded-for': '203.0.113.7' })).status).toBe(200);
      for (const theirs of [{ origin: 'https://elsewhere.example' }, { 'sec-fetch-site': 'cross-site' }]) {
        expect((await desk('/payment/replay', { authorization, ...theirs }, 'POST')).status).toBe(403);
      }
    });

    it('takes ten wrong passwords, and then not even the right one', async () => {
      for (let n = 0; n < 10; n++) {
        const spoofed = { authorization: login(`guess number ${n}`), 'x-forwarded-for': `203.0.113.${n}` };
        expect((await desk('', spoofed)).status).toBe(401);
      }
      const refused = await desk('', { authorization: login(PASSWORD) });
      expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.closeTo(600, -2)]);
      expect(await refused.text()).toContain('密碼錯誤次數過多');
    });

    it('is closed where no password is set', async () => {
      await close();
      deskPassword = undefined;
      await open();
      const closed = await desk('', { authorization: login('') });
      expect([closed.status, await closed.text()]).toEqual([403, expect.stringContaining('SHOP_DESK_PASSWORD')]);
    });
  });
});
