import { afterEach, describe, expect, it } from '@jest/globals';
import { ENVIRONMENT_VARIABLES, readEnvironment, wanpayConfig } from './wanpay.config.js';
import { resolveSettings, WanPayConfigurationError } from './wanpay.settings.js';

const EVERYTHING = {
  WANPAY_MERCHANT_NO: '21008024',
  WANPAY_KEY: 'QGbZvggxNdGgMUnp',
  WANPAY_KEYS: 'new,old',
  WANPAY_BASE_URL: 'http://localhost:4000',
  WANPAY_PUBLIC_URL: 'https://shop.example',
  WANPAY_NOTIFICATION_URL: 'https://shop.example/notify',
  WANPAY_RETURN_URL: 'https://shop.example/back',
  WANPAY_VALID_DAYS: '3',
  WANPAY_TIMEOUT_MS: '5000',
  WANPAY_PROXY: 'http://10.0.0.5:3128',
  WANPAY_TIMESTAMP_WINDOW_SECONDS: '900',
  WANPAY_ALLOWED_SOURCES: '192.0.2.1, 2001:db8::/32',
  WANPAY_CONFIRM_PAID_BY_QUERY: 'true',
  WANPAY_DELIVERY_ENABLED: 'false',
};

describe('readEnvironment', () => {
  it('reads every variable', () => {
    expect(readEnvironment(EVERYTHING)).toStrictEqual({
      merchant: { merchantNo: '21008024', key: 'QGbZvggxNdGgMUnp', keys: ['new', 'old'] },
      baseUrl: 'http://localhost:4000',
      publicUrl: 'https://shop.example',
      notificationUrl: 'https://shop.example/notify',
      returnUrl: 'https://shop.example/back',
      validDays: 3,
      timeoutMs: 5000,
      proxy: 'http://10.0.0.5:3128',
      timestampWindowSeconds: 900,
      allowedSources: ['192.0.2.1', '2001:db8::/32'],
      confirmPaidByQuery: true,
      delivery: { enabled: false },
    });
  });

  it('gives options that the module accepts', () => {
    expect(resolveSettings(readEnvironment(EVERYTHING), 'test')).toMatchObject({
      timeoutMs: 5000,
      validDays: 3,
      confirmPaidByQuery: true,
      delivery: { enabled: false, maxAttempts: 15 },
    });
  });

  it.each([
    ['true', true],
    ['TRUE', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])('reads %s as a yes or no', (text, expected) => {
    const env = { WANPAY_CONFIRM_PAID_BY_QUERY: text, WANPAY_DELIVERY_ENABLED: text };
    expect(readEnvironment(env)).toStrictEqual({ confirmPaidByQuery: expected, delivery: { enabled: expected } });
  });

  it('knows the variables that the error messages name, and no others', () => {
    expect(Object.values(ENVIRONMENT_VARIABLES).sort()).toStrictEqual(Object.keys(EVERYTHING).sort());
  });

  it('leaves everything to the defaults when nothing is set', () => {
    expect(readEnvironment({})).toStrictEqual({});
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readEnvironment(Object.fromEntries(Object.keys(EVERYTHING).map((name) => [name, ''])))).toStrictEqual({});
  });

  it('takes no notice of other variables', () => {
    expect(readEnvironment({ WANPAY_COLOUR: 'green', MERCHANT_NO: '1' })).toStrictEqual({});
  });

  it.each([
    [{ WANPAY_KEY: 'k' }, ['merchant.merchantNo (WANPAY_MERCHANT_NO) must be text of 1 to 30 characters.']],
    [{ WANPAY_MERCHANT_NO: '1' }, ['merchant.key (WANPAY_KEY) is missing.']],
    [
      { WANPAY_MERCHANT_NO: '1', WANPAY_KEYS: 'new,' },
      ['merchant.keys (WANPAY_KEYS) must hold only texts of 1 to 256 characters without space around them.'],
    ],
  ])('keeps half a merchant, so that the module can say what is missing: %j', (env, problems) => {
    expect(() => resolveSettings(readEnvironment(env), 'test')).toThrow(new WanPayConfigurationError(problems));
  });

  it.each([
    ['WANPAY_TIMEOUT_MS', '10s', 'timeoutMs (WANPAY_TIMEOUT_MS) must be a whole number of milliseconds.'],
    ['WANPAY_VALID_DAYS', ' ', 'validDays (WANPAY_VALID_DAYS) must be at least 1.'],
    [
      'WANPAY_ALLOWED_SOURCES',
      '192.0.2.1,,',
      'allowedSources (WANPAY_ALLOWED_SOURCES) must hold only IP addresses and CIDR ranges.',
    ],
    ['WANPAY_CONFIRM_PAID_BY_QUERY', 'yes', 'confirmPaidByQuery (WANPAY_CONFIRM_PAID_BY_QUERY) must be true or false.'],
    ['WANPAY_DELIVERY_ENABLED', 'off', 'delivery.enabled (WANPAY_DELIVERY_ENABLED) must be true or false.'],
  ])('leaves it to the module to find fault with %s=%j', (name, value, problem) => {
    const options = readEnvironment({ WANPAY_MERCHANT_NO: '1', WANPAY_KEY: 'k', [name]: value });
    expect(() => resolveSettings(options, 'test')).toThrow(new WanPayConfigurationError([problem]));
  });
});

describe('wanpayConfig', () => {
  const before = process.env.WANPAY_TIMEOUT_MS;

  afterEach(() => {
    if (before === undefined) delete process.env.WANPAY_TIMEOUT_MS;
    else process.env.WANPAY_TIMEOUT_MS = before;
  });

  it('reads the environment as it is when it is asked', () => {
    process.env.WANPAY_TIMEOUT_MS = '4321';
    expect(wanpayConfig()).toMatchObject({ timeoutMs: 4321 });
  });

  it('is the namespace wanpay', () => {
    expect(wanpayConfig.KEY).toBe('CONFIGURATION(wanpay)');
  });
});
