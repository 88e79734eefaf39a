import axios, { type AxiosResponse } from 'axios';
import { createNonce, createOrderNo, NOTIFICATION_ACKNOWLEDGEMENT, toTimestamp } from '../../protocol/index.js';
import type { RefusalReason } from '../../notifications/errors.js';
import { defaultNotificationPath } from '../../wanpay.address.js';
import type { CommandSettings } from '../platform.js';
import { isPrivate, withoutCredentials } from './address.js';
import { explainConnection } from './connection-trouble.js';
import { type Finding, reporter } from './finding.js';

const report = reporter('notifications');
const MAX_ANSWER_BYTES = 64 * 1024;
const EXCERPT_LENGTH = 60;
const FORGED_SIGNATURE = '0'.repeat(32);
const UNPAID_CODE = '5801';
/** What only the module's own refusals call themselves. */
const REASONS: readonly RefusalReason[] = ['bad_signature', 'unknown_merchant', 'malformed', 'too_large'];
const ROUTE_ADVICE =
  'Give the path that the host has with --notification-url or WANPAY_NOTIFICATION_URL: a global prefix, a module’s name ' +
  'or notificationPath changes it. A proxy in front must pass POST on.';

/** Where notifications come to; undefined when no address is configured. */
export function notificationUrlOf(settings: CommandSettings): string | undefined {
  const { notificationUrl, publicUrl } = settings;
  return notificationUrl ?? (publicUrl && `${publicUrl.replace(/\/+$/, '')}/${defaultNotificationPath()}`);
}

/**
 * Looks at the address that the platform is told, and posts a notification there that is signed wrongly: the module's own
 * controller refuses it in a way that nothing else does.
 */
export async function checkNotifications(settings: CommandSettings): Promise<readonly Finding[]> {
  const url = notificationUrlOf(settings);
  if (url === undefined) {
    const advice = 'Set WANPAY_PUBLIC_URL to the address under which the platform reaches the host.';
    return [report.failure('not_set', 'The platform is told no address for notifications.', advice)];
  }
  return [...(await addressFindings(url, settings)), await probe(url, settings)];
}

/** A platform in a private network, such as the emulator, may well reach a private address. */
async function addressFindings(url: string, { baseUrl }: CommandSettings): Promise<readonly Finding[]> {
  if (await isPrivate(baseUrl)) return [];
  const shown = withoutCredentials(url);
  const isPlain = new URL(url).protocol === 'http:';
  return [
    ...(isPlain
      ? [
          report.warning(
            'plain_http',
            `${shown} is without TLS: payers’ banks and accounts travel in the open.`,
            'Use https://.',
          ),
        ]
      : []),
    ...((await isPrivate(url))
      ? [
          report.warning(
            'private_address',
            `${shown} is in a private network: the platform can't reach it from outside.`,
            'Set WANPAY_PUBLIC_URL to an address that is reachable from the internet.',
          ),
        ]
      : []),
  ];
}

async function probe(url: string, settings: CommandSettings): Promise<Finding> {
  const shown = withoutCredentials(url);
  try {
    return judgeAnswer(shown, await postForged(url, settings));
  } catch (error) {
    const { code, words, advice } = explainConnection(error);
    return report.failure(code, `${shown} can't be reached from here: ${words}.`, advice);
  }
}

/** It says of an order that nobody has that it is unpaid: whoever believes it does no harm. */
function postForged(
  url: string,
  { clock, defaultMerchantNo, timeoutMs }: CommandSettings,
): Promise<AxiosResponse<unknown>> {
  const now = clock.now();
  const form = new URLSearchParams({
    orgno: defaultMerchantNo,
    out_trade_no: createOrderNo(now),
    status: UNPAID_CODE,
    secondtimestamp: toTimestamp(now),
    nonce_str: createNonce(),
    sign: FORGED_SIGNATURE,
  });
  return axios.post<unknown>(url, form, {
    signal: AbortSignal.timeout(timeoutMs),
    maxContentLength: MAX_ANSWER_BYTES,
    maxRedirects: 0,
    proxy: false,
    responseType: 'text',
    transformResponse: (body: unknown) => body,
    validateStatus: () => true,
  });
}

function judgeAnswer(url: string, { status, data, headers }: AxiosResponse<unknown>): Finding {
  const body = typeof data === 'string' ? data : '';
  const reason = refusalReasonOf(body);
  if (body.trim() === NOTIFICATION_ACKNOWLEDGEMENT) {
    return report.failure(
      'accepts_forgeries',
      `${url} answers success to a notification with a wrong signature: anybody can call an order paid.`,
      'Take that handler out of service. This module’s controller never does so.',
    );
  }
  if (reason === 'bad_signature') {
    return report.ok(`${url} is the module, and refuses a forgery. Tried from here, not from the platform’s network.`);
  }
  if (reason === 'unknown_merchant') {
    const advice = 'Give the host the same WANPAY_MERCHANT_NO, or --notification-url of the host that serves this one.';
    return report.failure('other_merchant', `${url} is the module, but doesn't know this merchant.`, advice);
  }
  if (reason !== undefined) {
    const advice = 'Let nothing in front of the host change the body of the POST.';
    return report.failure(
      'mangled',
      `${url} is the module, but what was posted did not arrive whole (${reason}).`,
      advice,
    );
  }
  const location: unknown = headers.location;
  return judgeStranger(url, status, body, typeof location === 'string' ? location : undefined);
}

/** Something that isn't the module's controller has answered. */
function judgeStranger(url: string, status: number, body: string, location: string | undefined): Finding {
  if (status === 404 || status === 405) {
    return report.failure(
      'not_found',
      `${url} answers HTTP ${status}: no notifications are received there.`,
      ROUTE_ADVICE,
    );
  }
  if (location !== undefined) {
    const advice = 'Configure the address that it leads to, for the platform may not follow.';
    return report.failure('redirects', `${url} redirects (HTTP ${status}) to ${originOf(location, url)}.`, advice);
  }
  if (status === 401 || status === 403) {
    const advice =
      'Exempt the route from the host’s guards (notificationDecorators) and from any login in front of it.';
    return report.failure(
      'guarded',
      `${url} answers HTTP ${status}, but not by the module: something asks for a login.`,
      advice,
    );
  }
  const excerpt = body.trim().slice(0, EXCERPT_LENGTH);
  const said = excerpt === '' ? 'with an empty body' : `with “${excerpt}”`;
  return report.failure('something_else', `${url} is not the module: HTTP ${status}, ${said}.`, ROUTE_ADVICE);
}

/** The reason that the module's own refusals carry. */
function refusalReasonOf(body: string): RefusalReason | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null || !('error' in parsed)) return undefined;
    return REASONS.find((reason) => reason === parsed.error);
  } catch {
    return undefined;
  }
}

function originOf(location: string, base: string): string {
  const { origin, pathname } = new URL(location, base);
  return origin + pathname;
}
