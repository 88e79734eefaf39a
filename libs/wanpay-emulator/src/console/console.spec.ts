import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
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
    expect(body).toContain('class="label paid" role="status"');
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
    const forms = new Map(body.split('<details class="fault"').map((form) => [/ id="([\w-]+)"/.exec(form)?.[1], form]));
    for (const kind of FAULT_KINDS) expect(forms.get(kind)).toMatch(/<summary>[^<]+\. <code/);
    const asks = (kind: string): boolean => forms.get(kind)?.includes('Seconds until then') ?? false;
    expect(FAULT_KINDS.filter(asks)).toEqual(['delayed-notification', 'second-transfer']);
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
    expect((await visitor.get('/merchants')).body).toContain('aria-label="Merchant M2"');
    await visitor.postForm('/api/clock', { advanceSeconds: '60' });
    expect(shop.platform.clock.now()).toEqual(new Date(START.getTime() + 60_000));
  });

  it('shows every attempt, the reply, the latency and the time of the next', async () => {
    shop.answers.push({ status: 500, body: 'broken' });
    await shop.platform.pay('A1');
    const { body } = await visitor.get(orderPath);
    expect(body).toContain('>not acknowledged<');
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
    expect(body).not.toContain('<del>total_fee');
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
    const paths = ['/', orderPath, '/notifications', '/requests', '/faults', '/merchants', '/session', '/api/docs'];
    for (const path of [...paths, '/orders/M1/NONE']) {
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
    expect(assets).toHaveLength(5);
    for (const url of assets) {
      const { status, headers } = await visitor.get(url);
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toContain('immutable');
    }
    expect((await visitor.get('/assets/0/htmx.js')).status).toBe(404);
  });

  it('says beside its field what was wrong with a form, on the page that it is on, and keeps what was filled in', async () => {
    const taken = { merchantNo: shop.platform.merchant.merchantNo, key: 'typed by hand' };
    const response = await visitor.postForm('/api/merchants', taken, '/merchants');
    expect(response.status).toBe(400);
    const body = await response.text();
    expect(body).toMatch(
      /name="merchantNo"[^>]*aria-invalid="true" aria-describedby="problem-merchantNo"[^>]*value="21008024"/,
    );
    expect(body).toContain('<p class="bad" id="problem-merchantNo">is taken.</p>');
    expect(body).toContain('value="typed by hand"');
    expect(body).toContain('<a href="/merchants" aria-current="page">');
    const unkeyed = await visitor.postForm('/api/faults', { kind: 'code-reply', code: 'x' }, '/faults');
    expect(await unkeyed.text()).toMatch(/id="code-reply" open[^]*?problem-code/);
  });

  it('finds orders by number, account and amount, and filters them by state', async () => {
    await shop.order({ out_trade_no: 'B2', total_fee: '500000' });
    await shop.platform.pay('B2');
    const { number } = shop.platform.order('B2').account;
    for (const query of ['q=b2', `q=${number}`, 'q=5,000', 'q=NT$5000', 'state=paid', 'q=B&state=paid']) {
      const { body } = await visitor.get(`/?${query}`);
      expect([query, body.includes('>B2<'), body.includes('>A1<')]).toEqual([query, true, false]);
    }
    expect((await visitor.get('/?q=NOPE')).body).toContain('No order matches.');
  });

  it('opens orders and plays what may become of them', async () => {
    const ends = [
      ['paid', 'paid', 1],
      ['wrong-amount', 'paid', 1],
      ['twice', 'paid', 2],
      ['late', 'paying', 0],
      ['failed', 'failed', 1],
      ['lost-reply', 'unpaid', 0],
      ['taken-number', 'unpaid', 0],
    ] as const;
    for (const [index, [scenario, state, notified]] of ends.entries()) {
      const orderNo = `S${index}`;
      const fields = { orderNo, amount: '2000', notificationUrl: shop.notificationUrl, scenario };
      const response = await visitor.postForm('/api/orders', fields);
      expect(response.headers.get('location')).toBe(orderPath.replace('A1', orderNo));
      expect([scenario, shop.platform.order(orderNo).state, shop.received.splice(0).length]).toEqual([
        scenario,
        state,
        notified,
      ]);
    }
    expect(shop.platform.order('S1').transfer?.amount).toBe(2001);
    expect((await visitor.postForm('/api/orders', { orderNo: 'S0' })).status).toBe(400);
  });

  it('tells on an empty page what to configure, and a command that works', async () => {
    await shop.close();
    shop = await Shop.open({ clock: { stopped: true, startAt: START } });
    const { body } = await new Visitor(shop.platform.url).get('/');
    for (const value of [shop.platform.baseUrl, shop.platform.merchant.merchantNo, shop.platform.merchant.key]) {
      expect(body).toContain(`<code>${value}</code>`);
    }
    const command = (/<pre class="curl">([^]*?)<\/pre>/.exec(body)?.[1] ?? '')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&');
    const { stdout } = await promisify(execFile)('sh', ['-c', `${command} --silent`]);
    expect(JSON.parse(stdout)).toMatchObject({ status: '900' });
    expect(shop.platform.orders()).toMatchObject([{ amount: 1280 }]);
  });

  it('lists every attempt to notify, and sends again all that failed since a time', async () => {
    for (const orderNo of ['A2', 'A3']) await shop.order({ out_trade_no: orderNo });
    shop.answers.push({ status: 500, body: 'broken' }, { body: 'no' });
    await shop.platform.pay('A1');
    await shop.platform.advance({ seconds: 30 });
    await shop.platform.pay('A2');
    await shop.platform.pay('A3');
    const { body } = await visitor.get('/notifications?result=failed');
    expect(body).toContain('2 notifications were never acknowledged.');
    expect(body).toMatch(/>A1<[^]*>HTTP 500<[^]*ms<[^]*2026-03-01 12:01:00/);
    expect(body).not.toContain('>A3<');
    const since = await visitor.postForm(
      '/api/notifications/resend',
      { since: '2026-03-01T12:00:15' },
      '/notifications',
    );
    expect(since.headers.get('location')).toBe('/notifications');
    await visitor.post('/api/notifications/resend');
    expect(shop.received.slice(3).map(({ fields }) => fields.out_trade_no)).toEqual(['A2', 'A1']);
    expect((await visitor.get('/notifications')).body).toContain('0 notifications were never acknowledged.');
  });

  it('draws the course of an order: what was, the retries to come, and the deadline', async () => {
    shop.answers.push({ status: 500, body: 'broken' });
    await shop.platform.pay('A1');
    const { body } = await visitor.get(orderPath);
    expect(body).toContain('Next: next attempt, in 1 minute');
    const stops = [...body.matchAll(/<li class="stop (\w+)"><span class="what">([^<]+)<[^]*?<time[^>]*>([^<]+)</g)];
    expect(stops.map(([, kind, what, at]) => [kind, what, at?.slice(11)])).toEqual([
      ['plain', 'opened', '12:00:00'],
      ['good', 'NT$1,280 arrived', '12:00:00'],
      ['bad', 'attempt 1 failed (500)', '12:00:00'],
      ['due', 'next attempt', '12:01:00'],
      ['maybe', 'another attempt', '12:04:00'],
      ['maybe', 'another attempt', '12:09:00'],
    ]);
    await shop.order({ out_trade_no: 'A2' });
    expect((await visitor.get(orderPath.replace('A1', 'A2'))).body).toContain('Next: deadline, in 3 days');
  });

  it('compares what was signed by the names of the fields, not by their order', async () => {
    await shop.post('/virtualatmpay', shop.signed({ total_fee: '128000', out_trade_no: 'K1' }, 'another key'));
    const { body } = await visitor.get(orderPath.replace('A1', 'K1'));
    expect(body).toContain('Every field is there with its value.');
    expect(body).not.toMatch(/<(?:ins|del)>\w+=/);
  });

  it('shows armed faults and clocks that differ on every page, and says how to go back to now', async () => {
    shop.platform.faults.dropNotifications();
    await shop.platform.advance({ days: 30 });
    await shop.query('A1', { secondtimestamp: String(START.getTime() / 1000) });
    for (const path of ['/', '/notifications', '/merchants', '/api/docs']) {
      const { body } = await visitor.get(path);
      expect(body).toContain('1 fault is armed');
      expect(body).toContain(
        `The clock of ${new URL(shop.notificationUrl).origin} (merchant 21008024) is 30 days behind`,
      );
    }
    expect((await visitor.get('/session')).body).toContain('Merchants, keys and addresses stay.');
    await visitor.postForm('/api/session', {}, '/session');
    const { body } = await visitor.get('/session');
    expect(body).toMatch(/--data \S+wanpay-session-\w+\.json/);
    expect(body).not.toContain('is armed');
    expect(body).not.toContain('behind this one');
  });

  it('speaks the language of the browser, or the one that was chosen', async () => {
    const page = async (headers: Record<string, string>): Promise<string> =>
      (await visitor.raw('GET', orderPath, headers)).text;
    expect(await page({ 'accept-language': 'zh-TW,zh;q=0.9,en;q=0.8' })).toMatch(/<html lang="zh-TW">[^]*未付款/);
    expect(await page({ 'accept-language': 'de, en;q=0.5' })).toContain('<html lang="en">');
    const chosen = await visitor.raw('GET', '/language/zh-TW', { referer: shop.platform.url + orderPath });
    expect(chosen.status).toBe(303);
    expect(await page({ 'accept-language': 'en', cookie: 'wanpay_emulator_language=zh-TW' })).toContain('lang="zh-TW"');
    expect((await visitor.get('/language/xx')).status).toBe(404);
  });

  it('renders the API’s words, with an example for each operation', async () => {
    const { body } = await visitor.get('/api/docs');
    expect(body).not.toContain('`');
    expect(body).toContain('<code>{ code, message }</code>');
    expect(body.match(/class="curl"/g)).toHaveLength(body.match(/class="operation"/g)?.length ?? 0);
    expect(body).toContain(`data-method="POST" data-path="/api${orderPath}/pay"`);
  });

  it('renders the API in Chinese, words for fields included', async () => {
    const { text } = await visitor.raw('GET', '/api/docs', { 'accept-language': 'zh-TW' });
    const described = [...text.matchAll(/<dd>([^]*?)<\/dd>|<span class="soft">([^]*?)<\/span> *<\/summary>/g)];
    expect(described.length).toBeGreaterThan(80);
    for (const [, field = '', operation = ''] of described) expect(field + operation).toMatch(/\p{Script=Han}/u);
  });

  it.each([
    ['/orders/A/pay', { amount: 'lots' }, 'amount：必須是新臺幣整數元。'],
    ['/orders/A/pay', { amount: '0' }, 'amount：必須是新臺幣整數元。'],
    ['/orders/A/pay', { payerBankCode: '8' }, 'payerBankCode：必須是三位數字。'],
    ['/orders/A/pay', { at: 'soon' }, 'at：必須是日期，或 after-deadline。'],
    ['/orders/A/pay', { card: '1' }, 'card：不是這個操作的欄位。'],
    ['/orders/A/resend', { notification: 'x' }, 'notification：必須是整數。'],
    ['/orders/A/resend', {}, '沒有可重送的通知。'],
    ['/orders/21008024/NONE/pay', {}, '沒有訂單 NONE。'],
    ['/orders', { orderNo: 'A1' }, 'orderNo：已被使用。'],
    ['/orders', { orderNo: 'a' }, 'orderNo：必須是 1 到 20 個數字與大寫英文字母。'],
    ['/orders', { amount: '1' }, 'amount：必須是新臺幣整數元，至少 11。'],
    ['/orders', { validDays: '0' }, 'validDays：不可小於 1。'],
    ['/orders', { validDays: '99' }, '平台拒絕了這筆訂單：'],
    ['/orders', { merchantNo: 'M9' }, '這裡沒有商戶 M9。'],
    ['/orders', { scenario: 'x' }, 'scenario：必須是下列之一：paid'],
    ['/clock', {}, '內容必須有 advanceSeconds'],
    ['/clock', { advanceSeconds: 'x' }, 'advanceSeconds：不可小於 0。'],
    ['/clock', { stop: 'false' }, 'stop：只能是 true。'],
    ['/faults', { kind: 'x' }, 'kind：必須是下列之一：code-reply'],
    ['/faults', { kind: 'code-reply', code: 'x' }, 'code：必須是三或四位數字。'],
    ['/faults', { kind: 'http-error-reply', httpStatus: '200' }, 'httpStatus：必須是 400 到 599 的整數。'],
    ['/faults', { kind: 'long-account', times: 'x' }, 'times：必須是整數，或 always。'],
    ['/faults', { kind: 'long-account', times: '0' }, 'times：必須是從 1 起的整數，或 always。'],
    ['/faults', { kind: 'long-account', share: '2' }, 'share：必須大於 0，且不大於 1。'],
    ['/faults', { kind: 'extended-notification', fields: 'status=1' }, 'fields：的名稱須為'],
    ['/faults', { kind: 'odd-status-notification', status: '#' }, 'status：必須是 1 到 4 個英文字母或數字。'],
    ['/merchants', { merchantNo: '21008024', key: 'k' }, 'merchantNo：已被使用。'],
    ['/merchants', { merchantNo: 'M2' }, 'key：未填寫。'],
    ['/merchants', { merchantNo: 'M'.repeat(31), key: 'k' }, 'merchantNo：必須有 1 到 30 個字元。'],
    ['/merchants', { merchantNo: 'M2', key: 'k'.repeat(257) }, 'key：最多 256 個字元。'],
    ['/merchants/21008024/keys', { key: 'QGbZvggxNdGgMUnp' }, 'key：是空的，或已存在。'],
    ['/merchants/21008024/keys/k1/remove', {}, 'keyId：是唯一的金鑰：請先新增另一把。'],
    ['/merchants/21008024/keys/k9/remove', {}, 'keyId：不存在。'],
    ['/merchants/21008024/sources', { allowedSources: 'nowhere' }, 'allowedSources：含有 "nowhere"，它不是'],
    ['/nothing', {}, '沒有這個操作。'],
  ])('says in Chinese what is wrong with a form: %s %j', async (path, fields, words) => {
    const headers = { 'accept-language': 'zh-TW', referer: shop.platform.url + orderPath };
    const form = new URLSearchParams(fields);
    const response = await visitor.post(`/api${path.replace('/orders/A/', `${orderPath}/`)}`, form, headers);
    expect(response.status).toBeGreaterThanOrEqual(400);
    const [, said = ''] = /未能完成： ([^<]*)/.exec(await response.text()) ?? [];
    expect(said.replaceAll('&quot;', '"')).toContain(words);
  });

  it('says on a page what went wrong', async () => {
    const missing = await visitor.get('/orders/M1/NONE');
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(missing.body).toContain('<nav aria-label="Console">');
    const refused = await visitor.postForm(`/api${orderPath}/pay`, { amount: 'lots' });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('amount must be a whole number of New Taiwan dollars.');
    expect((await visitor.postForm(`/api${orderPath}/resend`, { notification: '1' })).status).toBe(409);
    await shop.platform.pay('A1');
    expect((await visitor.postForm(`/api${orderPath}/pay`, { amount: '' })).status).toBe(409);
  });
});
