import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  AccountLostError,
  type CreatePayment,
  InvalidFieldError,
  MalformedReplyError,
  OrderNumberTakenError,
  OrderTermsConflictError,
  PaymentEndedError,
  PlatformRefusedError,
  PlatformUnreachableError,
  ReplySignatureError,
  ResultUnknownError,
} from 'nestjs-wanpay';
import { expiryAfter, sign } from 'nestjs-wanpay/protocol';
import { type FaultyAnswer, type WanPayEmulator } from 'wanpay-emulator';
import { startFakePlatform } from './fake-platform.js';
import { type ForwardProxy, startForwardProxy } from './forward-proxy.js';
import { ADAPTERS, type Host, startHost } from './host.js';
import { postForm } from './notification.js';
import { startPlatform } from './platform.js';
import { quiet, until } from './until.js';

const TERMS: CreatePayment = {
  orderNo: 'A1',
  amount: 50,
  validDays: 3,
  description: '茶',
  returnUrl: 'https://a.example',
};
const KEY = 'QGbZvggxNdGgMUnp';

const ACCOUNT = {
  code_url: '46710722851832',
  expiredate: '2026-03-05 23:59:59',
  bankcode: '013',
  bankname: '國泰世華商業銀行',
  branchcode: '2022',
  branchname: '大昌分行',
  receiver: '旺沛大數位股份有限公司',
  out_trade_no: 'A1',
};

describe.each(ADAPTERS)('createPayment, on %s', (adapter) => {
  let emulator: WanPayEmulator;
  let host: Host;
  /** Everything that the module sends goes by here, so that it can be counted. */
  let proxy: ForwardProxy;
  beforeEach(async () => {
    emulator = await startPlatform();
    proxy = await startForwardProxy();
    host = await startHost(adapter, emulator, {
      proxy: `http://127.0.0.1:${proxy.port}`,
      reconciliation: { enabled: false },
    });
  });

  function requests(): string[] {
    return proxy.seen.map(({ target }) => target.replace(/.*\//, ''));
  }

  describe('called again', () => {
    it('at the same time, opens one order', async () => {
      const payments = await Promise.all(Array.from({ length: 10 }, () => host.wanpay.createPayment(TERMS)));
      expect(new Set(payments.map(({ account }) => account.number))).toEqual(
        new Set([emulator.order('A1').account.number]),
      );
      expect(requests()).toEqual(['virtualatmpay']);
      await until(() => host.handler.events.length === 1, 'atm.issued is handled');
      await quiet();
      expect(host.handler.types).toEqual(['atm.issued']);
    });

    it('later, gives the same account and asks nobody', async () => {
      const payment = await host.wanpay.createPayment(TERMS);
      await emulator.advance({ days: 1 });
      expect(await host.wanpay.createPayment(TERMS)).toEqual(payment);
      expect(await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 })).toEqual(payment);
      expect(requests()).toEqual(['virtualatmpay']);
    });

    it('after it was paid, gives the payment as it is', async () => {
      await host.wanpay.createPayment(TERMS);
      await emulator.pay('A1');
      expect(await host.wanpay.createPayment(TERMS)).toMatchObject({ state: 'paid' });
      expect(requests()).toEqual(['virtualatmpay']);
    });

    it.each<[string, Partial<CreatePayment>]>([
      ['amount', { amount: 51 }],
      ['validDays', { validDays: 4 }],
      ['description', { description: '咖啡' }],
      ['returnUrl', { returnUrl: 'https://b.example' }],
      ['notificationUrl', { notificationUrl: 'https://b.example' }],
    ])('on another %s, is a conflict', async (term, other) => {
      const first = host.wanpay.createPayment(TERMS);
      const meanwhile = expect(host.wanpay.createPayment({ ...TERMS, ...other })).rejects;
      await meanwhile.toThrow(OrderTermsConflictError);
      await first;
      const later = host.wanpay.createPayment({ ...TERMS, ...other });
      await expect(later).rejects.toThrow(OrderTermsConflictError);
      await expect(later).rejects.toMatchObject({ code: 'order_terms_conflict', orderNo: 'A1', terms: [term] });
      expect(requests()).toEqual(['virtualatmpay']);
      expect(emulator.order('A1')).toMatchObject({ amount: 50, description: '茶' });
    });
  });

  it('makes an order number where none is given, another each time', async () => {
    const payments = await Promise.all([1, 2, 3].map(() => host.wanpay.createPayment({ amount: 50 })));
    const orderNos = new Set(payments.map(({ orderNo }) => orderNo));
    expect(orderNos.size).toBe(3);
    for (const orderNo of orderNos) expect(emulator.order(orderNo)).toMatchObject({ amount: 50 });
  });

  it.each<[string, CreatePayment]>([
    ['amount', { amount: 10 }],
    ['amount', { amount: 11.5 }],
    ['amount', { amount: NaN }],
    ['amount', { amount: 10_000_000_000 }],
    ['orderNo', { amount: 50, orderNo: '' }],
    ['orderNo', { amount: 50, orderNo: 'a1' }],
    ['orderNo', { amount: 50, orderNo: 'A_1' }],
    ['orderNo', { amount: 50, orderNo: 'A'.repeat(21) }],
    ['validDays', { amount: 50, validDays: 0 }],
    ['validDays', { amount: 50, validDays: 31 }],
    ['description', { amount: 50, description: '茶'.repeat(257) }],
    ['returnUrl', { amount: 50, returnUrl: `https://a.example/${'a'.repeat(256)}` }],
    ['notificationUrl', { amount: 50, notificationUrl: `https://a.example/${'a'.repeat(256)}` }],
    ['description', { amount: 50, description: 'A&B=C' }],
    ['description', { amount: 50, description: ('x'.repeat(255) + '😀').slice(0, 256) }],
    ['description', { amount: 50, description: 'tea\0' }],
    ['returnUrl', { amount: 50, returnUrl: 'https://a.example/done?order=1' }],
    ['notificationUrl', { amount: 50, notificationUrl: 'https://a.example/#atm' }],
    ['merchantNo', { amount: 50, merchantNo: 'M'.repeat(31) }],
  ])('refuses a wrong %s: nothing is sent', async (field, asked) => {
    const refused = host.wanpay.createPayment({ orderNo: 'A1', ...asked });
    await expect(refused).rejects.toThrow(InvalidFieldError);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_field', field });
    expect(proxy.seen).toEqual([]);
    expect(await host.wanpay.getPayment('A1')).toBeUndefined();
  });

  it('takes the limits themselves', async () => {
    await host.wanpay.createPayment({ orderNo: 'Z'.repeat(20), amount: 9_999_999_999, validDays: 30 });
    await host.wanpay.createPayment({ orderNo: '0', amount: 11, validDays: 1, description: '茶'.repeat(256) });
    expect(emulator.order('Z'.repeat(20)).amount).toBe(9_999_999_999);
    expect(emulator.order('0').description).toHaveLength(256);
  });

  it.each(['910', '913', '911'])('refused with %s, leaves the number free for other terms', async (code) => {
    emulator.faults.answer('order', { code, info: '不行' });
    const refused = host.wanpay.createPayment(TERMS);
    await expect(refused).rejects.toThrow(PlatformRefusedError);
    await expect(refused).rejects.toMatchObject({ platformCode: code, mayHaveActed: false, info: '不行' });
    expect(await host.wanpay.getPayment('A1')).toBeUndefined();
    expect(await host.wanpay.createPayment({ orderNo: 'A1', amount: 70 })).toMatchObject({ amount: 70 });
    expect(requests()).toEqual(['virtualatmpay', 'virtualatmpay']);
    await until(() => host.handler.types.length > 0, 'the account was told of');
    expect(host.handler.types).toEqual(['atm.issued']);
  });

  it.each<[string, FaultyAnswer]>([
    ['HTTP 500', { httpStatus: 500 }],
    ['HTTP 502 with a page', { httpStatus: 502, body: '<html>' }],
    ['992', { code: '992' }],
    ['999', { code: '999' }],
    ['an unlisted code', { code: '123' }],
    ['half a JSON text', { body: '{"status":"900","da' }],
  ])('answered with %s by a platform that did nothing, succeeds when called again', async (_, answer) => {
    emulator.faults.answer('order', answer);
    await expect(host.wanpay.createPayment(TERMS)).rejects.toMatchObject({ mayHaveActed: true });
    expect(emulator.orders()).toEqual([]);
    expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'opening' });
    const conflict = host.wanpay.createPayment({ ...TERMS, amount: 51 });
    await expect(conflict).rejects.toThrow(OrderTermsConflictError);

    const payment = await host.wanpay.createPayment(TERMS);
    expect(payment.account.number).toBe(emulator.order('A1').account.number);
    expect(requests()).toEqual(['virtualatmpay', 'orderquery', 'virtualatmpay']);
  });

  it.each<[string, FaultyAnswer | undefined]>([
    ['the connection breaks', undefined],
    ['HTTP 500 comes', { httpStatus: 500 }],
    ['992 comes', { code: '992' }],
  ])('when %s though the order was accepted, finds out by a query that the account is lost', async (_, answer) => {
    if (answer) emulator.faults.answer('order', answer, { afterActing: true });
    else emulator.faults.loseOrderReplies();
    await expect(host.wanpay.createPayment(TERMS)).rejects.toMatchObject({ mayHaveActed: true });
    expect(emulator.order('A1').state).toBe('unpaid');
    const lost = host.wanpay.createPayment(TERMS);
    await expect(lost).rejects.toThrow(AccountLostError);
    await expect(lost).rejects.toMatchObject({ code: 'account_lost', orderNo: 'A1' });
    expect(requests()).toEqual(['virtualatmpay', 'orderquery']);
    expect(await host.wanpay.createPayment({ ...TERMS, orderNo: 'A2' })).toMatchObject({ state: 'pending' });
  });

  it('finds out that the account is lost even when the platform’s query did not know the order yet', async () => {
    emulator.faults.loseOrderReplies();
    await expect(host.wanpay.createPayment(TERMS)).rejects.toThrow(ResultUnknownError);
    emulator.faults.answer('query', { code: '5223' });
    await expect(host.wanpay.createPayment(TERMS)).rejects.toThrow(AccountLostError);
    expect(requests()).toEqual(['virtualatmpay', 'orderquery', 'virtualatmpay']);
  });

  it('whose reply is lost is a ResultUnknownError', async () => {
    emulator.faults.loseOrderReplies();
    await expect(host.wanpay.createPayment(TERMS)).rejects.toThrow(ResultUnknownError);
  });

  it('leaves money to a person that recovery finds for an account which never came', async () => {
    emulator.faults.loseOrderReplies();
    emulator.faults.dropNotifications();
    await expect(host.wanpay.createPayment(TERMS)).rejects.toThrow(ResultUnknownError);
    await emulator.pay('A1');
    await expect(host.wanpay.createPayment(TERMS)).rejects.toThrow(AccountLostError);
    await until(() => host.handler.of('atm.unclaimed_payment').length === 1, 'the event is handled');
    expect(host.handler.of('atm.paid')).toEqual([]);
    expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'failed', failure: { code: 'account_lost' } });
  });

  it('of an order number that another system used fails, and its money is nobody’s until a person accepts it', async () => {
    const other = await startHost(adapter, emulator);
    await other.wanpay.createPayment(TERMS);
    await expect(host.wanpay.createPayment(TERMS)).rejects.toThrow(OrderNumberTakenError);
    await expect(host.wanpay.createPayment(TERMS)).rejects.toThrow(PaymentEndedError);
    // The platform posts to the address that the other system gave it: this one hears of the same money.
    await emulator.pay('A1');
    const [paid] = emulator.notifications();
    expect(await postForm(host.notificationUrl, paid?.fields ?? {})).toMatchObject({ status: 200, body: 'success' });
    await until(() => host.handler.of('atm.unclaimed_payment').length === 1, 'the event is handled');
    expect(host.handler.of('atm.paid')).toEqual([]);
    expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'failed', failure: { code: '6307' } });
    expect(await host.wanpay.acceptPayment('A1', { reason: 'restored from a backup' })).toMatchObject({
      state: 'paid',
    });
    await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
  });

  it.each<[string, string]>([
    ['no JSON', 'Service Unavailable'],
    ['no status', '{"info":"下单成功"}'],
    ['a list', '[]'],
    ['no account', '{"status":"900","info":"","data":{}}'],
    ['an account of 9 digits', JSON.stringify({ status: '900', data: { ...ACCOUNT, code_url: '467107228' } })],
    ['another order’s account', JSON.stringify({ status: '900', data: { ...ACCOUNT, out_trade_no: 'A2' } })],
    ['far too much', JSON.stringify({ status: '900', info: 'x'.repeat(70_000), data: ACCOUNT })],
  ])('answered with %s is a MalformedReplyError', async (_, body) => {
    emulator.faults.answer('order', { body });
    const malformed = host.wanpay.createPayment(TERMS);
    await expect(malformed).rejects.toThrow(MalformedReplyError);
    await expect(malformed).rejects.toMatchObject({ code: 'malformed_reply', mayHaveActed: true });
    expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'opening' });
  });

  it('answered in any of the forms that the protocol’s contradictions allow, succeeds', async () => {
    const data = { ...ACCOUNT, expiredate: '20260305' };
    emulator.faults.answer('order', { body: JSON.stringify({ status: 900, info: '', data: JSON.stringify(data) }) });
    expect(await host.wanpay.createPayment(TERMS)).toMatchObject({
      account: { number: ACCOUNT.code_url, expiresAt: new Date('2026-03-05T23:59:59+08:00') },
    });
  });

  it.each([
    ['2026/03/05', '"46710722851832"'],
    ['2026-03-05T23:59:59.000', '" 4671-0722-8518-32"'],
    ['2026/3/5 23:59:59', '46710722851832'],
  ])('answered with the deadline %s and the account %s, succeeds', async (expiredate, account) => {
    const body = JSON.stringify({ status: 900, data: { ...ACCOUNT, expiredate } });
    emulator.faults.answer('order', { body: body.replace('"46710722851832"', account) });
    const payment = await host.wanpay.createPayment(TERMS);
    expect(payment.account.number).toBe(ACCOUNT.code_url);
    expect(payment.account.expiresAt).toEqual(new Date('2026-03-05T23:59:59+08:00'));
    expect(payment.account.expiresAtEstimated).toBeUndefined();
  });

  it.each(['', 'soon', '2026-02-30'])('answered with the deadline %j, works it out and says so', async (expiredate) => {
    const data = { code_url: '4671072285183200', expiredate };
    emulator.faults.answer('order', { body: JSON.stringify({ status: '900', data }) });
    const { account } = await host.wanpay.createPayment(TERMS);
    expect(account).toMatchObject({ number: '4671072285183200', expiresAtEstimated: true });
    expect(account.expiresAt).toEqual(expiryAfter(emulator.clock.now(), 3));
    expect((await host.wanpay.getPayment('A1'))?.account).toEqual(account);
  });

  describe('answered with a signature', () => {
    const head = { status: '900', info: '下单成功' };

    it('that holds, succeeds', async () => {
      const signature = sign({ ...head, ...ACCOUNT }, KEY);
      emulator.faults.answer('order', { body: JSON.stringify({ ...head, data: ACCOUNT, sign: signature }) });
      expect(await host.wanpay.createPayment(TERMS)).toMatchObject({ account: { number: ACCOUNT.code_url } });
    });

    it.each([
      ['of another key', sign({ ...head, ...ACCOUNT }, 'another key')],
      ['of another account', sign({ ...head, ...ACCOUNT, code_url: '00000000000000' }, KEY)],
      ['in lower case', sign({ ...head, ...ACCOUNT }, KEY).toLowerCase()],
    ])('%s is a ReplySignatureError', async (_, signature) => {
      emulator.faults.answer('order', { body: JSON.stringify({ ...head, data: ACCOUNT, sign: signature }) });
      const refused = host.wanpay.createPayment(TERMS);
      await expect(refused).rejects.toThrow(ReplySignatureError);
      await expect(refused).rejects.toMatchObject({ code: 'bad_reply_signature', mayHaveActed: true });
      expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'opening' });
      await quiet();
      expect(host.handler.events).toEqual([]);
    });
  });
});

describe.each(ADAPTERS)('createPayment at a platform that can’t be used, on %s', (adapter) => {
  let emulator: WanPayEmulator;
  beforeEach(async () => {
    emulator = await startPlatform();
  });

  it('is a PlatformUnreachableError where nobody listens, and leaves the number free', async () => {
    const { baseUrl } = emulator;
    await emulator.close();
    const host = await startHost(adapter, emulator, { baseUrl });
    const unreachable = host.wanpay.createPayment(TERMS);
    await expect(unreachable).rejects.toThrow(PlatformUnreachableError);
    await expect(unreachable).rejects.toMatchObject({ code: 'platform_unreachable', mayHaveActed: false });
    await expect(unreachable).rejects.toThrow(/ECONNREFUSED/);
    expect(await host.wanpay.getPayment('A1')).toBeUndefined();
  });

  it('is a PlatformUnreachableError when the proxy is not there', async () => {
    const gone = await startPlatform();
    await gone.close();
    const host = await startHost(adapter, emulator, { proxy: gone.url });
    await expect(host.wanpay.createPayment(TERMS)).rejects.toThrow(PlatformUnreachableError);
    expect(emulator.orders()).toEqual([]);
  });

  it('is a ResultUnknownError when no answer comes in time, and the order is not sent twice', async () => {
    const platform = await startFakePlatform(() => undefined);
    const host = await startHost(adapter, emulator, { baseUrl: platform.baseUrl, timeoutMs: 100 });
    await expect(host.wanpay.createPayment(TERMS)).rejects.toThrow(ResultUnknownError);
    await until(() => platform.requests.length > 0, 'the order reaches the platform');
    await quiet();
    expect(platform.requests).toHaveLength(1);
    expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'opening' });
  });

  it('bounds the whole exchange, though the platform sends a sign of life now and then', async () => {
    const platform = await startFakePlatform((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const alive = setInterval(() => response.write(' '), 20);
      response.on('close', () => {
        clearInterval(alive);
      });
    });
    const host = await startHost(adapter, emulator, { baseUrl: platform.baseUrl, timeoutMs: 200 });
    await expect(host.wanpay.createPayment(TERMS)).rejects.toThrow(ResultUnknownError);
    expect(platform.requests).toHaveLength(1);
  });

  it('is a ResultUnknownError when the reply breaks off', async () => {
    const platform = await startFakePlatform((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
      response.write('{"status":', () => response.destroy());
    });
    const host = await startHost(adapter, emulator, { baseUrl: platform.baseUrl });
    await expect(host.wanpay.createPayment(TERMS)).rejects.toThrow(ResultUnknownError);
    expect(platform.requests).toHaveLength(1);
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect: HTTP %d', async (status) => {
    const elsewhere = await startFakePlatform((response) => {
      response.end(JSON.stringify({ status: '900', data: ACCOUNT }));
    });
    const platform = await startFakePlatform((response, path) => {
      response.writeHead(status, { location: `${elsewhere.baseUrl}${path}` }).end();
    });
    const host = await startHost(adapter, emulator, { baseUrl: platform.baseUrl });
    await expect(host.wanpay.createPayment(TERMS)).rejects.toThrow(MalformedReplyError);
    expect(platform.requests).toHaveLength(1);
    expect(elsewhere.requests).toEqual([]);
  });

  it('sends every try anew: its own nonce and signature', async () => {
    const platform = await startFakePlatform((response) => response.writeHead(503).end());
    const host = await startHost(adapter, emulator, { baseUrl: platform.baseUrl });
    await expect(host.wanpay.createPayment(TERMS)).rejects.toThrow(ResultUnknownError);
    await expect(host.wanpay.queryPayment('A1')).rejects.toThrow(ResultUnknownError);
    const [order, ...queries] = platform.requests;
    expect(order).toMatchObject({ total_fee: '5000', virtualatmvalidity: '3', body: '茶' });
    expect(queries).toHaveLength(3);
    expect(new Set(platform.requests.map(({ nonce_str }) => nonce_str)).size).toBe(4);
    for (const { sign: signature, ...fields } of platform.requests) expect(sign(fields, KEY)).toBe(signature);
  });
});
