import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { describe, expect, it } from '@jest/globals';
import { SingleMerchant } from './platform/merchants.js';
import { PLATFORM_BASE_URL } from './platform/platform.js';
import { Ledger } from './ledger/ledger.js';
import { MemoryStore } from './ledger/stores/memory/memory-store.js';
import { type Clock, systemClock } from './protocol/index.js';
import { ENVIRONMENT_VARIABLES } from './wanpay.config.js';
import type { WanPayModuleOptions } from './wanpay.options.js';
import { resolveSettings, WanPayConfigurationError } from './wanpay.settings.js';

const KEY = 'QGbZvggxNdGgMUnp';
const merchant = { merchantNo: '21008024', key: KEY };

/** Options as a host in JavaScript, or a configuration file, may pass them: of any type. */
function anyOptions(given: object): WanPayModuleOptions {
  return Object.assign<WanPayModuleOptions, object>({}, given);
}

function withOption(path: string, value: unknown): WanPayModuleOptions {
  const [name = '', nested] = path.split('.');
  const within = name === 'merchant' ? merchant : {};
  return anyOptions({ merchant, [name]: nested === undefined ? value : { ...within, [nested]: value } });
}

function problemsOf(options: WanPayModuleOptions, nodeEnv?: string): readonly string[] {
  try {
    resolveSettings(options, nodeEnv);
    return [];
  } catch (error) {
    if (error instanceof WanPayConfigurationError) return error.problems;
    throw error;
  }
}

describe('the defaults', () => {
  it('are those of the documentation', () => {
    const { ledger, merchants, sources, clock, ...values } = resolveSettings({ merchant }, 'test');
    expect(values).toEqual({
      baseUrl: PLATFORM_BASE_URL,
      defaultMerchantNo: '21008024',
      timeoutMs: 10_000,
      timestampWindowSeconds: 660,
      payerAccount: 'masked',
      confirmPaidByQuery: false,
      delivery: {
        enabled: true,
        keepUnsubscribedDays: 30,
        maxAttempts: 15,
        baseDelayMs: 1000,
        maxDelayMs: 3_600_000,
        concurrency: 64,
        handlerTimeoutMs: 60_000,
      },
      reconciliation: {
        enabled: true,
        queriesPerSecond: 5,
        concurrency: 4,
        firstCheckMinutes: 15,
        growth: 2,
        longestPauseHours: 12,
        afterDeadlineMinutes: [5, 30, 65, 180, 720],
        lastLookDays: [3],
        jitter: 0.5,
      },
      isInMemory: true,
      onlyMerchantNo: '21008024',
    });
    expect(ledger).toBeInstanceOf(Ledger);
    expect(clock).toBe(systemClock);
    expect(sources.admits(undefined)).toBe(true);
    expect(merchants.find('21008024')).toStrictEqual({ merchantNo: '21008024', keys: [KEY] });
  });

  it('leave out the one merchant where there may be any number', () => {
    const registry = { find: () => undefined };
    expect(resolveSettings({ merchant, merchants: registry }, 'test').onlyMerchantNo).toBeUndefined();
  });

  it('stand for whatever is undefined', () => {
    const given = { merchant, timeoutMs: undefined, delivery: { maxAttempts: undefined, concurrency: 2 } };
    const settings = resolveSettings(anyOptions(given), undefined);
    expect(settings).toMatchObject({ timeoutMs: 10_000, delivery: { maxAttempts: 15, concurrency: 2 } });
  });

  it('are not shared between two instances', () => {
    const [one, other] = [resolveSettings({ merchant }, 'test'), resolveSettings({ merchant }, 'test')];
    expect(one.ledger).not.toBe(other.ledger);
    expect(one.delivery).not.toBe(other.delivery);
  });
});

describe('what a host passes', () => {
  it('is taken over', () => {
    const clock: Clock = { now: () => new Date(0), after: () => () => undefined };
    const merchant = { merchantNo: '1', keys: ['k'] };
    const [httpAgent, httpsAgent] = [new HttpAgent(), new HttpsAgent()];
    const settings = resolveSettings(
      {
        ...{ clock, httpAgent, httpsAgent, merchants: new SingleMerchant(merchant) },
        ledger: new MemoryStore(),
        publicUrl: 'https://shop.example',
        notificationUrl: 'https://shop.example/notify',
        returnUrl: 'https://shop.example/back',
        proxy: 'http://user:password@10.0.0.5:3128',
        validDays: 3,
        payerAccount: 'full',
        allowedSources: ['192.0.2.0/24'],
      },
      'production',
    );
    expect(settings).toMatchObject({
      publicUrl: 'https://shop.example',
      notificationUrl: 'https://shop.example/notify',
      returnUrl: 'https://shop.example/back',
      validDays: 3,
      payerAccount: 'full',
    });
    expect(settings.proxy?.reveal()).toBe('http://user:password@10.0.0.5:3128');
    expect(settings.httpAgent?.reveal()).toBe(httpAgent);
    expect(settings.httpsAgent?.reveal()).toBe(httpsAgent);
    expect(settings.merchants.find('1')).toEqual(merchant);
    expect(settings.sources.admits('192.0.2.9')).toBe(true);
    expect(settings.sources.admits('192.0.3.9')).toBe(false);
    expect(settings.defaultMerchantNo).toBeUndefined();
    expect(settings.clock).toBe(clock);
  });

  it('keeps payments in the store that is given', async () => {
    const store = new MemoryStore();
    const { ledger } = resolveSettings({ merchant, ledger: store }, 'production');
    const at = new Date(0);
    const key = { merchantNo: '21008024', orderNo: 'A1' };
    await ledger.open({ ...key, state: 'opening', amount: 11, livemode: true, createdAt: at, updatedAt: at });
    expect(await new Ledger(store).find(key)).toMatchObject({ amount: 11 });
  });

  it('may be text where a number is meant', () => {
    const options = anyOptions({ merchant, timeoutMs: '5000', delivery: { concurrency: '3' } });
    expect(resolveSettings(options, 'test')).toMatchObject({ timeoutMs: 5000, delivery: { concurrency: 3 } });
  });

  it('is left as it was', () => {
    const options = Object.freeze({
      merchant: Object.freeze({ ...merchant }),
      delivery: Object.freeze({ concurrency: 2 }),
    });
    expect(() => resolveSettings(options, 'test')).not.toThrow();
  });

  it('loses the slash at the end of the platform’s address', () => {
    expect(resolveSettings({ merchant, baseUrl: 'http://localhost:4000/x//' }, 'test').baseUrl).toBe(
      'http://localhost:4000/x',
    );
  });

  it('signs with the newest key, and verifies with all', () => {
    const { merchants } = resolveSettings({ merchant: { merchantNo: '1265', keys: ['new', 'old'] } }, 'test');
    expect(merchants.find('1265')).toStrictEqual({ merchantNo: '1265', keys: ['new', 'old'] });
  });
});

describe('an option’s limits', () => {
  it.each([
    ['merchant.merchantNo', '1'],
    ['merchant.merchantNo', 'x'.repeat(30)],
    ['merchant.key', 'x'],
    ['merchant.key', 'x'.repeat(256)],
    ['merchant.keys', ['x'.repeat(256)]],
    ['baseUrl', 'http://localhost:4000'],
    ['baseUrl', 'http://127.0.0.1'],
    ['baseUrl', 'http://wanpay-emulator:4000/wxzfservice'],
    ['publicUrl', 'https://shop.example/api'],
    ['notificationUrl', `https://shop.example/${'x'.repeat(235)}`],
    ['returnUrl', `https://shop.example/${'x'.repeat(235)}`],
    ['validDays', 1],
    ['validDays', 30],
    ['timeoutMs', 1],
    ['timeoutMs', 600_000],
    ['proxy', 'http://proxy:3128'],
    ['proxy', 'https://user:pass%3Aword@10.0.0.5'],
    ['timestampWindowSeconds', 1],
    ['allowedSources', []],
    ['allowedSources', ['192.0.2.1', '2001:db8::/32']],
    ['payerAccount', 'full'],
    ['delivery', {}],
    ['delivery.enabled', false],
    ['delivery.keepUnsubscribedDays', 0],
    ['delivery.keepUnsubscribedDays', 3650],
    ['delivery.maxAttempts', 1],
    ['delivery.maxAttempts', 100],
    ['delivery.baseDelayMs', 1],
    ['delivery.maxDelayMs', 1],
    ['delivery.concurrency', 1],
    ['delivery.handlerTimeoutMs', 1],
    ['reconciliation', {}],
    ['reconciliation.enabled', false],
    ['reconciliation.queriesPerSecond', 1],
    ['reconciliation.queriesPerSecond', 1000],
    ['reconciliation.concurrency', 100],
    ['reconciliation.firstCheckMinutes', 1],
    ['reconciliation.growth', 1.1],
    ['reconciliation.longestPauseHours', 0.25],
    ['reconciliation.afterDeadlineMinutes', []],
    ['reconciliation.lastLookDays', [1, 7.5]],
    ['reconciliation.jitter', 0],
    ['reconciliation.jitter', 0.9],
    ['confirmPaidByQuery', true],
  ])('allow %s: %j', (path, value) => {
    expect(problemsOf(withOption(path, value))).toStrictEqual([]);
  });

  it.each([
    ['merchant.merchantNo', '', 'must be text of 1 to 30 characters'],
    ['merchant.merchantNo', 'x'.repeat(31), 'must be text of 1 to 30 characters'],
    ['merchant.merchantNo', 21008024, 'must be text of 1 to 30 characters'],
    ['merchant.merchantNo', undefined, 'must be text of 1 to 30 characters'],
    ['merchant.key', 'x'.repeat(257), 'must be text of 1 to 256 characters without space around it'],
    ['merchant.key', 12345, 'must be text of 1 to 256 characters without space around it'],
    ['merchant.keys', [], 'must hold at least one key'],
    ['merchant.keys', [''], 'must hold only texts of 1 to 256 characters without space around them'],
    ['merchant.keys', ['x', 5], 'must hold only texts of 1 to 256 characters without space around them'],
    ['baseUrl', '', 'must be an address that begins with http:// or https://'],
    ['baseUrl', null, 'must be an address that begins with http:// or https://'],
    ['baseUrl', 'api.wan-pay.com', 'must be an address that begins with http:// or https://'],
    ['baseUrl', 'ftp://api.wan-pay.com', 'must be an address that begins with http:// or https://'],
    ['baseUrl', 5, 'must be an address that begins with http:// or https://'],
    ['publicUrl', '/notify', 'must be an address that begins with http:// or https://'],
    ['notificationUrl', 'shop.example/notify', 'must be an address that begins with http:// or https://'],
    ['notificationUrl', `https://shop.example/${'x'.repeat(236)}`, 'must have at most 256 characters'],
    ['returnUrl', 'javascript:alert(1)', 'must be an address that begins with http:// or https://'],
    ['returnUrl', `https://shop.example/${'x'.repeat(236)}`, 'must have at most 256 characters'],
    ['validDays', 0, 'must be at least 1'],
    ['validDays', 31, 'must be at most 30'],
    ['validDays', 1.5, 'must be a whole number of days'],
    ['validDays', 'three', 'must be a whole number of days'],
    ['timeoutMs', 0, 'must be at least 1'],
    ['timeoutMs', 600_001, 'must be at most 600000'],
    ['timeoutMs', Number.NaN, 'must be a whole number of milliseconds'],
    ['timeoutMs', null, 'must be a whole number of milliseconds'],
    ['proxy', 'socks5://10.0.0.5', 'must be an address that begins with http:// or https://'],
    ['timestampWindowSeconds', 0, 'must be at least 1'],
    ['timestampWindowSeconds', 0.5, 'must be a whole number of seconds'],
    ['allowedSources', '192.0.2.1', 'must be a list'],
    ['allowedSources', ['192.0.2.1', 'api.wan-pay.com'], 'must hold only IP addresses and CIDR ranges'],
    ['allowedSources', ['192.0.2'], 'must hold only IP addresses and CIDR ranges'],
    ['allowedSources', [''], 'must hold only IP addresses and CIDR ranges'],
    ['payerAccount', 'none', 'must be masked or full'],
    ['delivery.enabled', 'yes', 'must be true or false'],
    ['delivery.keepUnsubscribedDays', -1, 'must be at least 0'],
    ['delivery.keepUnsubscribedDays', 3651, 'must be at most 3650'],
    ['delivery.keepUnsubscribedDays', 0.5, 'must be a whole number of days'],
    ['delivery.maxAttempts', 0, 'must be at least 1'],
    ['delivery.maxAttempts', 101, 'must be at most 100'],
    ['delivery.maxAttempts', 1.5, 'must be a whole number'],
    ['delivery.baseDelayMs', 0, 'must be at least 1'],
    ['delivery.maxDelayMs', 0, 'must be at least 1'],
    ['delivery.concurrency', 0, 'must be at least 1'],
    ['delivery.concurrency', Infinity, 'must be a whole number'],
    ['delivery.handlerTimeoutMs', 0, 'must be at least 1'],
    ['reconciliation.enabled', 'yes', 'must be true or false'],
    ['reconciliation.queriesPerSecond', 0, 'must be at least 1'],
    ['reconciliation.queriesPerSecond', 1001, 'must be at most 1000'],
    ['reconciliation.queriesPerSecond', 0.5, 'must be a whole number'],
    ['reconciliation.concurrency', 101, 'must be at most 100'],
    ['reconciliation.firstCheckMinutes', 0, 'must be at least 1'],
    ['reconciliation.firstCheckMinutes', Number.NaN, 'must be a number of minutes'],
    ['reconciliation.growth', 1, 'must be at least 1.1'],
    ['reconciliation.longestPauseHours', 0, 'must be at least 0.25'],
    ['reconciliation.afterDeadlineMinutes', 5, 'must be a list of ascending numbers of minutes'],
    ['reconciliation.afterDeadlineMinutes', [30, 5], 'must be a list of ascending numbers of minutes'],
    ['reconciliation.afterDeadlineMinutes', ['5'], 'must be a list of ascending numbers of minutes'],
    ['reconciliation.lastLookDays', [0], 'must be a list of ascending numbers of days'],
    ['reconciliation.lastLookDays', [Number.NaN], 'must be a list of ascending numbers of days'],
    ['reconciliation.jitter', 1, 'must be at most 0.9'],
    ['confirmPaidByQuery', 'query', 'must be true or false'],
    ['delivery', null, 'must be an object'],
    ['delivery', [{ concurrency: 2 }], 'must be an object'],
    ['reconciliation', 'often', 'must be an object'],
  ])('refuse %s: %j', (path, value, words) => {
    const variable = ENVIRONMENT_VARIABLES[path];
    expect(problemsOf(withOption(path, value))).toStrictEqual([`${path}${variable ? ` (${variable})` : ''} ${words}.`]);
  });

  it('refuse an option that nobody knows, wherever it stands', () => {
    expect(problemsOf(withOption('timeout', 5000))).toStrictEqual(['timeout is not an option of this module.']);
    expect(problemsOf(withOption('delivery.retries', 5))).toStrictEqual([
      'delivery.retries is not an option of this module.',
    ]);
    expect(problemsOf(withOption('merchant.secret', 'x'))).toStrictEqual([
      'merchant.secret is not an option of this module.',
    ]);
  });

  it.each(['merchant', 'delivery', 'reconciliation'])('refuse %s when it is no object', (name) => {
    for (const value of ['text', 5, true]) expect(problemsOf(withOption(name, value))).not.toHaveLength(0);
  });
});

describe('a merchant', () => {
  it('must be given, or a registry', () => {
    expect(problemsOf({})).toStrictEqual([
      'merchant is missing: set WANPAY_MERCHANT_NO and WANPAY_KEY, or give merchants, a registry.',
    ]);
    expect(problemsOf({ merchants: new SingleMerchant({ merchantNo: '1', keys: ['k'] }) })).toStrictEqual([]);
  });

  it('must have a key', () => {
    expect(problemsOf({ merchant: { merchantNo: '21008024' } })).toStrictEqual([
      'merchant.key (WANPAY_KEY) is missing.',
    ]);
  });
});

describe('the ledger', () => {
  it('must be chosen in production', () => {
    expect(problemsOf({ merchant }, 'production')).toStrictEqual([
      expect.stringMatching(/^ledger is missing: .*postgres\(\{ pool \}\)/),
    ]);
    expect(problemsOf({ merchant, ledger: new MemoryStore() }, 'production')).toStrictEqual([]);
  });

  it.each(['development', 'test', '', undefined])('need not be chosen when NODE_ENV is %j', (nodeEnv) => {
    expect(problemsOf({ merchant }, nodeEnv)).toStrictEqual([]);
  });
});

describe('the mistakes', () => {
  const mistaken = anyOptions({
    timeoutMs: 0,
    validDays: 99,
    baseUrl: 'x',
    payerAccount: 'none',
    nonsense: 1,
    merchant: { merchantNo: '', key: `${KEY}${'x'.repeat(256)}`, keys: KEY },
    delivery: { concurrency: 0, handlerTimeoutMs: 0 },
  });

  it('are all told at once, each with the variable that sets the option', () => {
    const problems = problemsOf(mistaken, 'production');
    expect(problems.map((problem) => problem.replace(/ (must|is) .*/s, '')).sort()).toStrictEqual(
      [
        'baseUrl (WANPAY_BASE_URL)',
        'delivery.concurrency',
        'delivery.handlerTimeoutMs',
        'ledger',
        'merchant.key (WANPAY_KEY)',
        'merchant.keys (WANPAY_KEYS)',
        'merchant.merchantNo (WANPAY_MERCHANT_NO)',
        'nonsense',
        'payerAccount',
        'timeoutMs (WANPAY_TIMEOUT_MS)',
        'validDays (WANPAY_VALID_DAYS)',
      ].sort(),
    );
  });

  it('are told in one message, a line each, that shows no key', () => {
    const error = new WanPayConfigurationError(problemsOf(mistaken));
    expect(error.code).toBe('invalid_configuration');
    expect(error.message.split('\n')).toHaveLength(1 + error.problems.length);
    expect(error.message).not.toContain(KEY);
    expect(error.message).not.toContain('xxx');
  });

  it.each([
    ['as the merchant', { merchant: KEY }],
    ['as a list', { merchant: [KEY] }],
    ['as a number of the merchant', { merchant: { merchantNo: KEY.repeat(9), key: '' } }],
    ['in an object', { merchant: { merchantNo: '1', key: { value: KEY } } }],
    ['in a list of lists', { merchant: { merchantNo: '1', keys: [[KEY]] } }],
    ['among the delivery options', { merchant, delivery: KEY }],
    ['with the proxy’s password', { merchant, proxy: `socks://user:${KEY}@10.0.0.5` }],
  ])('show no key that was put in the wrong place: %s', (_, options) => {
    const problems = problemsOf(anyOptions(options));
    expect(problems).not.toHaveLength(0);
    expect(problems.join()).not.toContain(KEY);
  });
});
