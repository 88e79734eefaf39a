import { registerAs } from '@nestjs/config';
import type { MerchantOptions, WanPayModuleOptions } from './wanpay.options.js';

/** How a variable says yes or no. */
const FLAGS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** Which environment variable sets which option. */
export const ENVIRONMENT_VARIABLES: Readonly<Record<string, string>> = {
  'merchant.merchantNo': 'WANPAY_MERCHANT_NO',
  'merchant.key': 'WANPAY_KEY',
  'merchant.keys': 'WANPAY_KEYS',
  baseUrl: 'WANPAY_BASE_URL',
  publicUrl: 'WANPAY_PUBLIC_URL',
  notificationUrl: 'WANPAY_NOTIFICATION_URL',
  returnUrl: 'WANPAY_RETURN_URL',
  validDays: 'WANPAY_VALID_DAYS',
  timeoutMs: 'WANPAY_TIMEOUT_MS',
  proxy: 'WANPAY_PROXY',
  timestampWindowSeconds: 'WANPAY_TIMESTAMP_WINDOW_SECONDS',
  allowedSources: 'WANPAY_ALLOWED_SOURCES',
  confirmPaidByQuery: 'WANPAY_CONFIRM_PAID_BY_QUERY',
  'delivery.enabled': 'WANPAY_DELIVERY_ENABLED',
};

/**
 * The module's options from the environment, for `ConfigModule.forRoot({ load: [wanpayConfig] })` and
 * `WanPayModule.forRootAsync(wanpayConfig.asProvider())`. A variable that is not set or empty leaves the default;
 * lists are separated by commas.
 */
export const wanpayConfig = registerAs('wanpay', () => readEnvironment(process.env));

/** Reads the `WANPAY_*` variables. What they hold is checked when the module starts, all at once. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): WanPayModuleOptions {
  const merchant = readMerchant(env);
  return {
    ...(merchant ? { merchant } : {}),
    ...text('baseUrl', env.WANPAY_BASE_URL),
    ...text('publicUrl', env.WANPAY_PUBLIC_URL),
    ...text('notificationUrl', env.WANPAY_NOTIFICATION_URL),
    ...text('returnUrl', env.WANPAY_RETURN_URL),
    ...text('proxy', env.WANPAY_PROXY),
    ...number('validDays', env.WANPAY_VALID_DAYS),
    ...number('timeoutMs', env.WANPAY_TIMEOUT_MS),
    ...number('timestampWindowSeconds', env.WANPAY_TIMESTAMP_WINDOW_SECONDS),
    ...flag('confirmPaidByQuery', env.WANPAY_CONFIRM_PAID_BY_QUERY),
    ...(env.WANPAY_DELIVERY_ENABLED ? { delivery: flag('enabled', env.WANPAY_DELIVERY_ENABLED) } : {}),
    ...(env.WANPAY_ALLOWED_SOURCES ? { allowedSources: list(env.WANPAY_ALLOWED_SOURCES) } : {}),
  };
}

function readMerchant(env: Readonly<Record<string, string | undefined>>): MerchantOptions | undefined {
  const { WANPAY_MERCHANT_NO: merchantNo, WANPAY_KEY: key, WANPAY_KEYS: keys } = env;
  if (!merchantNo && !key && !keys) return undefined;
  return { merchantNo: merchantNo ?? '', ...(key ? { key } : {}), ...(keys ? { keys: list(keys) } : {}) };
}

function text<Name extends string>(name: Name, value: string | undefined): Partial<Record<Name, string>> {
  return value ? named(name, value) : {};
}

function number<Name extends string>(name: Name, value: string | undefined): Partial<Record<Name, number>> {
  return value ? named(name, Number(value)) : {};
}

/** Any other text is passed on as it is, so that the check of the options refuses it. */
function flag<Name extends string>(name: Name, value: string | undefined): Partial<Record<Name, boolean>> {
  const record: Partial<Record<Name, boolean>> = {};
  if (value) Object.assign(record, { [name]: FLAGS.get(value.toLowerCase()) ?? value });
  return record;
}

function named<Name extends string, Value>(name: Name, value: Value): Partial<Record<Name, Value>> {
  const record: Partial<Record<Name, Value>> = {};
  record[name] = value;
  return record;
}

function list(value: string): string[] {
  return value.split(',').map((entry) => entry.trim());
}
