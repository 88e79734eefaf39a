import { NOTIFICATION_ACKNOWLEDGEMENT } from '../../protocol/index.js';
import type { RefusalReason } from '../../notifications/errors.js';
import { defaultNotificationPath } from '../../wanpay.address.js';
import type { CommandSettings } from '../platform.js';
import { isPrivate, withoutCredentials } from './address.js';
import { explainConnection } from './connection-trouble.js';
import { type Finding, reporter } from './finding.js';
import { judgeSurroundings } from './module-answer.js';
import { type NotificationAnswer, postForged, postStale } from './notification-probe.js';
import { judgeStranger } from './strange-answer.js';

const report = reporter('notifications');
/** What only the module's own refusals call themselves. */
const REASONS: readonly RefusalReason[] = [
  'bad_signature',
  'unknown_merchant',
  'malformed',
  'too_large',
  'stale',
  'source_not_allowed',
];

/** How the module answers to a signature that is wrong, and to a timestamp that is too old. */
const FORGED_STATUS = 401;
const STALE_STATUS = 400;

/** Where notifications come to; undefined when no address is configured. */
export function notificationUrlOf(settings: CommandSettings): string | undefined {
  const { notificationUrl, publicUrl } = settings;
  return notificationUrl ?? (publicUrl && `${publicUrl.replace(/\/+$/, '')}/${defaultNotificationPath()}`);
}

/**
 * Looks at the address that the platform is told, and posts a notification there that is signed wrongly: the module's own
 * controller refuses it in a way that nothing else does. Then one that is signed well and far too old, which only a host
 * with the same merchant and key refuses for its age.
 */
export async function checkNotifications(settings: CommandSettings): Promise<readonly Finding[]> {
  const url = notificationUrlOf(settings);
  if (url === undefined) {
    const advice = 'Set WANPAY_PUBLIC_URL to the address under which the platform reaches the host.';
    return [report.failure('not_set', 'The platform gets no address for notifications.', advice)];
  }
  return [...(await addressFindings(url, settings)), ...(await probe(url, settings))];
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

async function probe(url: string, settings: CommandSettings): Promise<readonly Finding[]> {
  const shown = withoutCredentials(url);
  try {
    const forged = await postForged(url, settings);
    if (isUnworded(forged) && (await postStale(url, settings)).status === STALE_STATUS) return [theModule(shown)];
    const wrong = judgeForged(shown, forged);
    if (wrong) return [wrong];
    return [...judgeSurroundings(shown, forged), judgeStale(shown, await postStale(url, settings))];
  } catch (error) {
    const { code, words, advice } = explainConnection(error);
    return [report.failure(code, `${shown} can't be reached from here: ${words}.`, advice)];
  }
}

/** What is wrong with the answer to a forgery; undefined when it is the module's. */
function judgeForged(url: string, answer: NotificationAnswer): Finding | undefined {
  const { status, body } = answer;
  if (body.trim() === NOTIFICATION_ACKNOWLEDGEMENT) {
    return report.failure(
      'accepts_forgeries',
      `${url} answers success to a notification with a wrong signature: anybody can call an order paid.`,
      'Remove that route. The controller of this module never does this.',
    );
  }
  const reason = refusalReasonOf(body);
  if (status < 300 && (reason !== undefined || saysError(body))) {
    return report.failure(
      'refusal_as_success',
      `${url} answers HTTP ${status} to a notification that is refused: a filter of the host turns errors into successes.`,
      'Let the host’s exception filters and interceptors leave this route out, or keep the status of an HttpException.',
    );
  }
  if (reason === undefined) return judgeStranger(url, answer);
  if (reason === 'unknown_merchant') return otherMerchant(url);
  if (reason === 'source_not_allowed') return onlyFromElsewhere(url);
  if (reason === 'bad_signature') return undefined;
  const advice = 'Let nothing in front of the host change the body of the POST.';
  return report.failure(
    'mangled',
    `${url} is the module, but the notification did not arrive unchanged (${reason}).`,
    advice,
  );
}

/** An old notification that is signed well is refused for its age alone. */
function judgeStale(url: string, { body }: NotificationAnswer): Finding {
  const reason = refusalReasonOf(body);
  if (reason === 'source_not_allowed') return onlyFromElsewhere(url);
  return reason === 'stale' ? theModule(url) : otherMerchant(url);
}

function onlyFromElsewhere(url: string): Finding {
  return report.warning(
    'source_not_allowed',
    `${url} is the module, and takes no notifications from this machine (allowedSources), so nothing more can be checked from here.`,
    'Nothing is wrong as long as the platform’s addresses are on the list. Behind a proxy, let the host trust it.',
  );
}

/** A filter of the host may replace the words of a refusal. The module then shows by the status of each refusal. */
function isUnworded({ status, body }: NotificationAnswer): boolean {
  return status === FORGED_STATUS && refusalReasonOf(body) === undefined;
}

function theModule(url: string): Finding {
  return report.ok(`${url} is the module, and refuses a forgery. Tried from here, not from the platform’s network.`);
}

function otherMerchant(url: string): Finding {
  const advice =
    'Give the host the same WANPAY_MERCHANT_NO and WANPAY_KEY, or --notification-url of the host that serves this one.';
  return report.failure('other_merchant', `${url} is the module, but doesn't know this merchant by this key.`, advice);
}

/** The reason that the module's own refusals carry, wherever in its JSON a filter of the host has put it. */
function refusalReasonOf(body: string): RefusalReason | undefined {
  return isJson(body) ? REASONS.find((reason) => body.includes(`"${reason}"`)) : undefined;
}

/** Whether the JSON of a success says that there was none: `{"code":401,"message":"…"}`. */
function saysError(body: string): boolean {
  if (!isJson(body)) return false;
  return /"(?:status|statusCode|code|errcode)"\s*:\s*"?[45]\d\d\b/i.test(body) || /"success"\s*:\s*false/i.test(body);
}

function isJson(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}
