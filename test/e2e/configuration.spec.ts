import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WanPayConfigurationError, WanPayModule, type WanPayModuleOptions } from 'nestjs-wanpay';
import { bullmq } from 'nestjs-wanpay/bullmq';
import { MemoryStore } from 'nestjs-wanpay/ledger';
import { type WanPayEmulator } from 'wanpay-emulator';
import { ADAPTERS, startHost, startHostOf } from './host.js';
import { startPlatform } from './platform.js';

const KEY = 'the-key-that-nobody-may-see';

/** Options as a host without types would pass them. */
function untyped(text: string): WanPayModuleOptions {
  const options: unknown = JSON.parse(text);
  if (!passesForOptions(options)) throw new Error('Options are an object.');
  return options;
}

function passesForOptions(value: unknown): value is WanPayModuleOptions {
  return typeof value === 'object' && value !== null;
}

describe.each(ADAPTERS)('a configuration, on %s', (adapter) => {
  let emulator: WanPayEmulator;
  const { NODE_ENV } = process.env;
  beforeEach(async () => {
    emulator = await startPlatform();
  });
  afterEach(() => {
    process.env.NODE_ENV = NODE_ENV;
  });

  async function mistakesOf(options: WanPayModuleOptions): Promise<WanPayConfigurationError> {
    const starting = startHostOf(adapter, { imports: () => [WanPayModule.forRoot(options)] });
    const error: unknown = await starting.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof WanPayConfigurationError) return error;
    throw new Error('The host started, or failed for another reason.', { cause: error });
  }

  it('is refused with every mistake at once, each by its option and its variable, and without the key', async () => {
    const error = await mistakesOf({
      merchant: { merchantNo: '', key: KEY.repeat(20) },
      baseUrl: 'api.wan-pay.com',
      publicUrl: 'ftp://shop.example',
      notificationUrl: `https://shop.example/${'a'.repeat(256)}`,
      returnUrl: 'thanks',
      validDays: 31,
      timeoutMs: 0,
      proxy: `socks5://user:${KEY}@proxy`,
      timestampWindowSeconds: 0,
      allowedSources: ['10.0.0.0/33', KEY],
      delivery: { maxAttempts: 0, handlerTimeoutMs: 0 },
    });
    const variables = [
      'merchant.merchantNo (WANPAY_MERCHANT_NO)',
      'merchant.key (WANPAY_KEY)',
      'baseUrl (WANPAY_BASE_URL)',
      'publicUrl (WANPAY_PUBLIC_URL)',
      'notificationUrl (WANPAY_NOTIFICATION_URL)',
      'returnUrl (WANPAY_RETURN_URL)',
      'validDays (WANPAY_VALID_DAYS)',
      'timeoutMs (WANPAY_TIMEOUT_MS)',
      'proxy (WANPAY_PROXY)',
      'timestampWindowSeconds (WANPAY_TIMESTAMP_WINDOW_SECONDS)',
      'allowedSources (WANPAY_ALLOWED_SOURCES)',
      'delivery.maxAttempts',
      'delivery.handlerTimeoutMs',
    ];
    for (const variable of variables) expect(error.message).toContain(`- ${variable} `);
    expect(error.problems).toHaveLength(variables.length);
    expect(error).toMatchObject({ code: 'invalid_configuration', name: 'WanPayConfigurationError' });
    expect(error.message).not.toContain(KEY);
  });

  it.each<[string, string, RegExp]>([
    ['no merchant', '{}', /merchant is missing: set WANPAY_MERCHANT_NO and WANPAY_KEY, or give merchants, a registry/],
    ['a merchant without a key', '{"merchant":{"merchantNo":"M1"}}', /merchant\.key \(WANPAY_KEY\) is missing/],
    ['an empty key', '{"merchant":{"merchantNo":"M1","key":""}}', /merchant\.key \(WANPAY_KEY\)/],
    ['no keys in the list', '{"merchant":{"merchantNo":"M1","keys":[]}}', /merchant\.keys \(WANPAY_KEYS\)/],
    ['an empty key in the list', '{"merchant":{"merchantNo":"M1","keys":["k",""]}}', /merchant\.keys \(WANPAY_KEYS\)/],
    ['a key that is no text', '{"merchant":{"merchantNo":"M1","key":12345678}}', /merchant\.key \(WANPAY_KEY\)/],
    ['a merchant number that is no text', '{"merchant":{"merchantNo":21008024,"key":"k"}}', /WANPAY_MERCHANT_NO/],
    ['a merchant that is text', '{"merchant":"M1"}', /merchant /],
    ['an option misspelt', '{"merchant":{"merchantNo":"M1","key":"k"},"timeoutMS":1}', /timeoutMS is not an option/],
    ['one misspelt within', '{"merchant":{"merchantNo":"M1","key":"k","kye":"k"}}', /merchant\.kye is not an option/],
    ['days that are no number', '{"merchant":{"merchantNo":"M1","key":"k"},"validDays":"ten"}', /WANPAY_VALID_DAYS/],
    [
      'a key with a line break',
      '{"merchant":{"merchantNo":"M1","key":"k\\n"}}',
      /WANPAY_KEY\) must be text of .* without space around it/,
    ],
    ['a blank key in the list', '{"merchant":{"merchantNo":"M1","keys":["k"," "]}}', /WANPAY_KEYS/],
    ['a query in returnUrl', '{"returnUrl":"https://a.example/?a=1"}', /WANPAY_RETURN_URL\) must not hold \?, & or #/],
    ['a fragment in notificationUrl', '{"notificationUrl":"https://a.example/#a"}', /WANPAY_NOTIFICATION_URL/],
    ['an & in publicUrl', '{"publicUrl":"https://a.example/a&b"}', /WANPAY_PUBLIC_URL\) must not hold/],
    ['a query in baseUrl', '{"baseUrl":"https://a.example/x?y"}', /WANPAY_BASE_URL\) must not hold/],
    ['an unknown policy', '{"merchant":{"merchantNo":"M1","key":"k"},"payerAccount":"none"}', /payerAccount/],
  ])('is refused with %s', async (_, text, expected) => {
    expect((await mistakesOf(untyped(text))).message).toMatch(expected);
  });

  it.each<[string, RegExp]>([
    ['{"name":"A b"}', /- name must be 1 to 50 letters, digits, dots, underscores and hyphens/],
    ['{"name":""}', /- name must be/],
    ['{"name":7}', /- name must be/],
    [
      '{"notificationPath":"/x?y=1"}',
      /- notificationPath must be a path such as 'hooks\/atm', without spaces, \?, & and #/,
    ],
    ['{"notificationPath":""}', /- notificationPath must be/],
    ['{"notificationPath":["x"]}', /- notificationPath must be/],
    ['{"notifications":"no"}', /- notifications must be true or false/],
    ['{"isGlobal":"yes"}', /- isGlobal must be true or false/],
    ['{"notificationDecorators":[true]}', /- notificationDecorators must be a list of class decorators/],
  ])('is refused with %s, together with what else is wrong', async (text, expected) => {
    const { message, problems } = await mistakesOf(untyped(text));
    expect(message).toMatch(expected);
    expect(problems).toEqual([expect.any(String), expect.stringContaining('merchant is missing')]);
  });

  it('may hold numbers as text, as the environment does', async () => {
    const options = untyped('{"validDays":"3","timeoutMs":"5000"}');
    const host = await startHost(adapter, emulator, options);
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    expect(emulator.order('A1').expiresAt).toEqual(new Date('2026-03-05T23:59:59+08:00'));
  });

  it('may leave a slash at the end of an address', async () => {
    const host = await startHost(adapter, emulator, { baseUrl: `${emulator.baseUrl}/` });
    expect(await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 })).toMatchObject({ state: 'pending' });
  });

  describe('without a ledger', () => {
    it('warns that payments are forgotten', async () => {
      const host = await startHost(adapter, emulator);
      expect(host.log.text).toMatch(/^warn Payments are kept in memory/m);
    });

    it('is refused in production', async () => {
      process.env.NODE_ENV = 'production';
      const error = await mistakesOf({ merchant: { ...emulator.merchant } });
      expect(error.message).toMatch(/ledger is missing: .*NODE_ENV is production/);
      expect(error.message).not.toContain(emulator.merchant.key);
    });

    it('is accepted in production when the memory store is passed on purpose', async () => {
      process.env.NODE_ENV = 'production';
      const host = await startHost(adapter, emulator, { ledger: new MemoryStore() });
      expect(await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 })).toMatchObject({ state: 'pending' });
      expect(host.log.text).toMatch(/^warn Payments are kept in memory/m);
    });
  });

  it('without a public address warns that no notification will come', async () => {
    const host = await startHostOf(adapter, {
      imports: () => {
        const { merchant, baseUrl, clock } = emulator;
        return [WanPayModule.forRoot({ merchant: { ...merchant }, baseUrl, clock })];
      },
    });
    expect(host.log.text).toContain('WANPAY_PUBLIC_URL');
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    expect(emulator.order('A1').notificationUrl).toBeUndefined();
  });

  it.each([
    ['of a BullMQ that loses work', { version: 'bullmq:5.71.9' }, 'unsupported_bullmq'],
    ['that is none of BullMQ', {}, 'unsupported_queue'],
  ])('with a queue %s ends the start, and not the call of bullmq()', async (_, metaValues, code) => {
    const queue = bullmq({ name: 'wanpay', opts: {}, on: () => undefined, ...{ metaValues } });
    const ledger = new MemoryStore();
    await expect(startHost(adapter, emulator, { ledger, queue })).rejects.toMatchObject({ code });
    // Nothing of the failed start is in the way of the next.
    const host = await startHost(adapter, emulator, { ledger });
    expect(await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 })).toMatchObject({ state: 'pending' });
  });

  it('is started and stopped again and again without a trace', async () => {
    const host = await startHost(adapter, emulator);
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    await host.close();
    const before = emulator.clock.pendingTimers;
    for (let n = 0; n < 3; n++) await (await startHost(adapter, emulator)).close();
    expect(emulator.clock.pendingTimers).toBe(before);
  });
});
