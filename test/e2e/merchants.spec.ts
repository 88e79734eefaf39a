import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Merchant, type MerchantRegistry, PlatformRefusedError, UnknownMerchantError } from 'nestjs-wanpay';
import { postgres } from 'nestjs-wanpay/postgres';
import { type Fields } from 'nestjs-wanpay/protocol';
import { type WanPayEmulator } from 'wanpay-emulator';
import { createDatabase } from '../servers/shared-postgres.js';
import { ADAPTERS, type Host, startHost } from './host.js';
import { send, type SeenReply } from './http.js';
import { FORM, form, notification, postForm } from './notification.js';
import { startPlatform } from './platform.js';
import { quiet, until } from './until.js';

/** A registry whose merchants can change while the host runs; it answers in its own time. */
class Registry implements MerchantRegistry {
  readonly merchants = new Map<string, Merchant>();

  constructor(...merchants: Merchant[]) {
    for (const merchant of merchants) this.put(merchant);
  }

  put(merchant: Merchant): void {
    this.merchants.set(merchant.merchantNo, merchant);
  }

  async find(merchantNo: string): Promise<Merchant | undefined> {
    await quiet();
    return this.merchants.get(merchantNo);
  }
}

describe.each(ADAPTERS)('merchants, on %s', (adapter) => {
  it('may be many, looked up in a registry while the host runs', async () => {
    const merchants = ['M1', 'M2'].map((merchantNo) => ({ merchantNo, key: `key-of-${merchantNo}` }));
    const emulator = await startPlatform({ merchants });
    const registry = new Registry({ merchantNo: 'M1', keys: ['key-of-M1'] });
    const host = await startHost(adapter, emulator, { merchants: registry });

    await expect(host.wanpay.createPayment({ orderNo: 'A1', amount: 50 })).rejects.toThrow(UnknownMerchantError);
    const toM2 = { orderNo: 'A1', amount: 50, merchantNo: 'M2' };
    await expect(host.wanpay.createPayment(toM2)).rejects.toThrow(/M2/);
    expect(emulator.orders()).toEqual([]);

    registry.put({ merchantNo: 'M2', keys: ['key-of-M2'] });
    await host.wanpay.createPayment(toM2);
    await host.wanpay.createPayment({ ...toM2, merchantNo: 'M1' });
    await emulator.pay('A1', { merchantNo: 'M2' });
    await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
    expect(host.handler.of('atm.paid')).toMatchObject([{ merchantNo: 'M2' }]);
    expect(await host.wanpay.getPayment('A1', { merchantNo: 'M1' })).toMatchObject({ state: 'pending' });
    expect(await host.wanpay.queryPayment('A1', { merchantNo: 'M2' })).toMatchObject({ state: 'paid' });

    const crossed = notification(emulator, { orgno: 'M1', out_trade_no: 'A1', total_fee: '5000' }, 'key-of-M2');
    expect(await postForm(host.notificationUrl, crossed)).toMatchObject({ status: 401 });
    registry.merchants.delete('M2');
    expect(await emulator.resend('A1', { merchantNo: 'M2' })).toMatchObject({ replyStatus: 401, acknowledged: false });
  });

  it('may have a default beside the registry’s', async () => {
    const emulator = await startPlatform();
    const registry = new Registry({ merchantNo: emulator.merchant.merchantNo, keys: [emulator.merchant.key] });
    const host = await startHost(adapter, emulator, { merchants: registry, merchant: { ...emulator.merchant } });
    expect(await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 })).toMatchObject({ state: 'pending' });
  });

  it('may sign what no column can hold, which costs no other merchant anything, on PostgreSQL', async () => {
    const merchants = ['M1', 'M2'].map((merchantNo) => ({ merchantNo, key: `key-of-${merchantNo}` }));
    const emulator = await startPlatform({ merchants });
    const registry = new Registry(...merchants.map(({ merchantNo, key }) => ({ merchantNo, keys: [key] })));
    const ledger = postgres({ connectionString: await createDatabase() });
    const host = await startHost(adapter, emulator, { merchants: registry, ledger });
    const honest = Array.from({ length: 12 }, (_, i) => `A${i}`);
    for (const orderNo of honest) await host.wanpay.createPayment({ orderNo, amount: 50, merchantNo: 'M2' });

    const paid = (merchantNo: string, fields: Fields): Promise<SeenReply> => {
      const complete = { orgno: merchantNo, total_fee: '5000', ...fields };
      return postForm(host.notificationUrl, notification(emulator, complete, `key-of-${merchantNo}`));
    };
    const unusable = ['A0\0', '\0', 'x'.repeat(101), '中'.repeat(500)];
    const odd: readonly Fields[] = [
      { orderdate: '0000-01-01 00:00:00' },
      { orderdate: '9999-12-31 23:59:59' },
      { bankno: '\0' },
      { acctno: '1\0' },
      { total_fee: '\0' },
      { total_fee: '9'.repeat(4000) },
      { result: '\0' },
      { status: '0000\0' },
      { status: '\u{10FFFF}'.repeat(500) },
      { extension: '\0' },
    ];
    const [refused, recorded, settled] = await Promise.all([
      Promise.all(unusable.map((out_trade_no) => paid('M1', { out_trade_no }))),
      Promise.all(odd.map((fields, i) => paid('M1', { out_trade_no: `ODD${i}`, ...fields }))),
      Promise.all(honest.map((out_trade_no) => paid('M2', { out_trade_no }))),
    ]);
    expect(refused.map(({ status }) => status)).toEqual(unusable.map(() => 400));
    expect([...recorded, ...settled].map(({ body }) => body)).toEqual([...odd, ...honest].map(() => 'success'));
    for (const orderNo of honest) {
      expect(await host.wanpay.getPayment(orderNo, { merchantNo: 'M2' })).toMatchObject({ state: 'paid' });
    }
    const [entry] = await host.wanpay.getPaymentTimeline('ODD0', { merchantNo: 'M1' });
    expect(entry).toMatchObject({ outcome: { status: 'paid' } });
    expect(entry).not.toHaveProperty('outcome.transactedAt');
  });

  it('may change keys: old and new verify, the new one signs', async () => {
    const emulator = await startPlatform({ merchants: [{ merchantNo: 'M1', key: 'new-key' }] });
    const keys = ['new-key', 'old-key'];
    const host = await startHost(adapter, emulator, { merchant: { merchantNo: 'M1', keys } });
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    await host.wanpay.createPayment({ orderNo: 'A2', amount: 50 });
    await emulator.pay('A1');
    const old = notification(emulator, { out_trade_no: 'A2', total_fee: '5000' }, 'old-key');
    expect(await postForm(host.notificationUrl, old)).toMatchObject({ status: 200, body: 'success' });
    await until(() => host.handler.of('atm.paid').length === 2, 'both are handled');
    const older = notification(emulator, { out_trade_no: 'A2', total_fee: '5000' }, 'older-key');
    expect(await postForm(host.notificationUrl, older)).toMatchObject({ status: 401 });
  });

  it('that sign with the wrong key are refused by the platform', async () => {
    const emulator = await startPlatform({ merchants: [{ merchantNo: 'M1', key: 'old-key' }] });
    const host = await startHost(adapter, emulator, { merchant: { merchantNo: 'M1', keys: ['new-key', 'old-key'] } });
    const refused = host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    await expect(refused).rejects.toThrow(PlatformRefusedError);
    await expect(refused).rejects.toMatchObject({ platformCode: '913', mayHaveActed: false });
  });
});

describe.each(ADAPTERS)('a registry of merchants, on %s', (adapter) => {
  const M1: Merchant = { merchantNo: 'M1', keys: ['key-of-M1'] };
  let emulator: WanPayEmulator;
  beforeEach(async () => {
    emulator = await startPlatform({ merchants: [{ merchantNo: 'M1', key: 'key-of-M1' }] });
  });

  /** What a host answers whose registry is that, to a notification that is in order, unless fields say otherwise. */
  async function answer(
    find: MerchantRegistry['find'],
    fields: Fields = {},
  ): Promise<{ reply: SeenReply; host: Host; asked: string[] }> {
    const asked: string[] = [];
    const merchants: MerchantRegistry = {
      find: (merchantNo) => {
        asked.push(merchantNo);
        return find(merchantNo);
      },
    };
    const host = await startHost(adapter, emulator, { merchants, timeoutMs: 100 });
    const all = { orgno: 'M1', out_trade_no: 'A1', total_fee: '5000', ...fields };
    const reply = await postForm(host.notificationUrl, notification(emulator, all, 'key-of-M1'));
    await quiet();
    return { reply, host, asked };
  }

  it.each<[string, MerchantRegistry['find'], RegExp]>([
    [
      'throws',
      () => {
        throw new Error('database down');
      },
      /error A notification from 127\.0\.0\.1 could not be checked, .*: database down/,
    ],
    ['rejects', () => Promise.reject(new Error('database down')), /could not be checked, .*: database down/],
    [
      'never answers',
      () => new Promise<undefined>(() => undefined),
      /could not be checked, .*did not answer within 0.1 s/,
    ],
    ['answers another merchant', () => ({ ...M1, merchantNo: 'M2' }), /could not be checked, .*another merchant/],
    [
      'answers another merchant in its own time',
      () => Promise.resolve({ ...M1, merchantNo: 'M2' }),
      /another merchant/,
    ],
    ['has no keys', () => ({ ...M1, keys: [] }), /no merchant/],
    ['has a key with space around it', () => ({ ...M1, keys: ['key-of-M1', ' key'] }), /no merchant/],
    ['has an empty key', () => ({ ...M1, keys: ['key-of-M1', ''] }), /no merchant/],
  ])('that %s is no fault of the platform, which is to repeat', async (_, find, line) => {
    const { reply, host } = await answer(find);
    expect(reply).toMatchObject({ status: 503 });
    expect(reply.body).not.toMatch(/success|database|key-of/i);
    await until(() => line.test(host.log.text), 'the failure is logged');
    expect(host.log.text).not.toMatch(/^\s+at |key-of/m);
    expect(host.handler.types).toEqual([]);
  });

  it.each([
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'x'.repeat(31),
    '9'.repeat(12_000),
    'M1 ',
    'M 1',
    '測試',
  ])('is not asked for %p, and the reply is that to a wrong signature', async (orgno) => {
    const plain: Record<string, Merchant> = { M1 };
    const { reply, asked, host } = await answer((merchantNo) => plain[merchantNo], { orgno });
    expect(asked).toEqual([]);
    expect(reply).toMatchObject({ status: 401 });
    const known = notification(emulator, { orgno: 'M1', out_trade_no: 'A1' }, 'another key');
    expect(await postForm(host.notificationUrl, known)).toEqual(reply);
  });
});

describe.each(ADAPTERS)('the list of source addresses, on %s', (adapter) => {
  let post: (allowedSources: string[], trustProxy: boolean, forwardedFor?: string) => Promise<SeenReply>;
  beforeEach(async () => {
    const emulator = await startPlatform();
    post = async (allowedSources, trustProxy, forwardedFor) => {
      const host = await startHost(adapter, emulator, { allowedSources }, { trustProxy });
      await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 }).catch(() => undefined);
      const fields = notification(emulator, { out_trade_no: 'A1', total_fee: '5000' });
      const forwarded = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
      const reply = await send(host.notificationUrl, {
        headers: { 'content-type': FORM, ...forwarded },
        body: form(fields),
      });
      await quiet();
      expect(host.handler.events.some(({ type }) => type !== 'atm.issued')).toBe(reply.status === 200);
      return reply;
    };
  });

  it.each([
    [['127.0.0.1']],
    [['127.0.0.0/8']],
    [['203.0.113.9', '127.0.0.0/30']],
    [['::ffff:127.0.0.1']],
    [['::ffff:127.0.0.0/104']],
    [[]],
  ])('%j admits this machine', async (sources) => {
    expect(await post(sources, false)).toMatchObject({ status: 200, body: 'success' });
  });

  it.each([[['203.0.113.9']], [['127.0.0.2/32']], [['::1']], [['10.0.0.0/8', '2001:db8::/32']]])(
    '%j does not admit this machine',
    async (sources) => {
      const reply = await post(sources, false);
      expect(reply.status).toBe(403);
      expect(reply.body).not.toMatch(/success/i);
    },
  );

  it.each([
    [['203.0.113.0/24'], '203.0.113.7'],
    [['203.0.113.7'], '::ffff:203.0.113.7'],
    [['2001:db8::/32'], '2001:db8:1::5'],
    [['2001:db8::5'], '2001:0DB8:0:0:0:0:0:5'],
    [['203.0.113.5'], '203.0.113.5:51324'],
    [['2001:db8::5'], '[2001:db8::5]:443'],
    [['203.0.113.5'], '[::ffff:203.0.113.5]:443'],
  ])('%j admits %s by X-Forwarded-For when the proxy is trusted', async (sources, forwardedFor) => {
    expect(await post(sources, true, forwardedFor)).toMatchObject({ status: 200 });
  });

  it.each([
    [['203.0.113.0/24'], '203.0.114.7'],
    [['2001:db8::/32'], '2001:db9::5'],
    [['127.0.0.1'], '203.0.113.7'],
    [['203.0.113.7'], 'not an address'],
  ])('%j does not admit %s by X-Forwarded-For when the proxy is trusted', async (sources, forwardedFor) => {
    expect(await post(sources, true, forwardedFor)).toMatchObject({ status: 403 });
  });

  it('pays no heed to X-Forwarded-For when the proxy is not trusted', async () => {
    expect(await post(['203.0.113.7'], false, '203.0.113.7')).toMatchObject({ status: 403 });
    expect(await post(['127.0.0.1'], false, '203.0.113.7')).toMatchObject({ status: 200 });
  });

  it.each([
    [['127.0.0.1'], '127.0.0.1', 200],
    [['127.0.0.0/8'], '127.0.0.1', 200],
    [['::1'], '[::1]', 200],
    [['::/64'], '[::1]', 200],
    [['::1'], '127.0.0.1', 403],
    [['127.0.0.1'], '[::1]', 403],
    [['::ffff:0:0/96'], '127.0.0.1', 200],
  ])('%j, on a host that listens on IPv6 and IPv4, answers %s with %d', async (allowedSources, address, status) => {
    const emulator = await startPlatform();
    const host = await startHost(adapter, emulator, { allowedSources }, { address: '::' });
    const url = host.notificationUrl.replace('127.0.0.1', address);
    const fields = notification(emulator, { out_trade_no: 'A1', total_fee: '5000' });
    expect(await postForm(url, fields)).toMatchObject({ status });
  });

  it('is looked at first: a stranger has no registry asked, and learns nothing of signature and shape', async () => {
    const emulator = await startPlatform();
    const registry = new Registry();
    const find = jest.spyOn(registry, 'find');
    const host = await startHost(adapter, emulator, { allowedSources: ['203.0.113.7'], merchants: registry });
    const bodies = [
      form(notification(emulator, { out_trade_no: 'A1' }, 'another key')),
      form(notification(emulator, { out_trade_no: 'A1' })),
      'a=b',
      'x'.repeat(20_000),
      '',
    ];
    for (const body of bodies) expect(await postForm(host.notificationUrl, body)).toMatchObject({ status: 403 });
    await quiet();
    expect(find).not.toHaveBeenCalled();
  });
});
