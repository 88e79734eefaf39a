import axios, { type AxiosResponse } from 'axios';
import { createNonce, createOrderNo, type Fields, sign, toTimestamp } from '../../protocol/index.js';
import { requireMerchant } from '../../platform/merchants.js';
import type { CommandSettings } from '../platform.js';

const MAX_ANSWER_BYTES = 64 * 1024;
const FORGED_SIGNATURE = '0'.repeat(32);
const UNPAID_CODE = '5801';
const LONG_AGO_MS = 30 * 86_400_000;

/** What was answered to a notification. */
export interface NotificationAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Posts a notification that is signed wrongly. */
export async function postForged(url: string, settings: CommandSettings): Promise<NotificationAnswer> {
  return post(url, { ...unpaid(settings, settings.clock.now()), sign: FORGED_SIGNATURE }, settings);
}

/** Posts one that is signed by the configured key, and so old that nobody acts on it. */
export async function postStale(url: string, settings: CommandSettings): Promise<NotificationAnswer> {
  const { merchants, defaultMerchantNo, clock } = settings;
  const { keys } = await requireMerchant(merchants, defaultMerchantNo);
  const fields = unpaid(settings, new Date(clock.now().getTime() - LONG_AGO_MS));
  return post(url, { ...fields, sign: sign(fields, keys[0] ?? '') }, settings);
}

/** It says of an order that nobody has that it is unpaid: whoever believes it does no harm. */
function unpaid({ clock, defaultMerchantNo }: CommandSettings, sentAt: Date): Fields {
  return {
    orgno: defaultMerchantNo,
    out_trade_no: createOrderNo(clock.now()),
    status: UNPAID_CODE,
    secondtimestamp: toTimestamp(sentAt),
    nonce_str: createNonce(),
  };
}

async function post(url: string, fields: Fields, { timeoutMs }: CommandSettings): Promise<NotificationAnswer> {
  const { status, data, headers }: AxiosResponse<unknown> = await axios.post(url, new URLSearchParams(fields), {
    signal: AbortSignal.timeout(timeoutMs),
    maxContentLength: MAX_ANSWER_BYTES,
    maxRedirects: 0,
    proxy: false,
    responseType: 'text',
    transformResponse: (body: unknown) => body,
    validateStatus: () => true,
  });
  return { status, body: typeof data === 'string' ? data : '', headers: textsOf(headers) };
}

function textsOf(headers: AxiosResponse['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' || Array.isArray(value) ? [[name.toLowerCase(), String(value)]] : [],
    ),
  );
}
