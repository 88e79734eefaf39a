import { cleanWords } from '../../protocol/index.js';
import { type Finding, reporter } from './finding.js';
import type { NotificationAnswer } from './notification-probe.js';

const report = reporter('notifications');
const EXCERPT_LENGTH = 60;

/** Headers that only firewalls for web applications, and networks that have one, put into an answer. */
const FIREWALL_HEADERS = ['cf-mitigated', 'cf-ray', 'x-amzn-waf-action', 'x-sucuri-id', 'x-iinfo', 'x-azure-ref'];
const FIREWALL_SERVERS = /cloudflare|akamai|awselb|cloudfront|sucuri|imperva|incapsula|barracuda|big-?ip/i;
const FIREWALL_WORDS =
  /attention required|request (?:is |was |has been )?blocked|access denied|incident id|mod_?security|web application firewall|\bWAF\b/i;
const CSRF_WORDS = /\b(?:csrf|xsrf)|page expired|invalid authenticity token/i;
const LOGIN_PATH = /\/(?:log-?in|sign-?in|sso|auth|oauth2?)(?:[/?]|$)/i;
const CSRF_EXPIRED_STATUS = 419;

export const ROUTE_ADVICE =
  'Give the path that the host has with --notification-url or WANPAY_NOTIFICATION_URL: a global prefix, a module’s name ' +
  'or notificationPath changes it. A proxy in front must pass POST on.';

interface Trouble {
  readonly code: string;
  /** After "answers HTTP 404". */
  readonly words: string;
  readonly advice: string;
}

/** What has answered in the module's place, as far as its answer tells, and what to do about it. */
export function judgeStranger(url: string, answer: NotificationAnswer): Finding {
  const { status, body, headers } = answer;
  if (headers.location !== undefined && status >= 300 && status < 400) {
    return judgeRedirect(url, status, headers.location);
  }
  const trouble = troubleOf(answer);
  if (trouble) {
    return report.failure(trouble.code, `${url} answers HTTP ${status}: ${trouble.words}.`, trouble.advice);
  }
  const excerpt = cleanWords(body, EXCERPT_LENGTH);
  const said = excerpt === '' ? 'with an empty body' : `with “${excerpt}”`;
  return report.failure('something_else', `${url} is not the module: HTTP ${status}, ${said}.`, ROUTE_ADVICE);
}

function troubleOf(answer: NotificationAnswer): Trouble | undefined {
  if (isCsrf(answer)) return CSRF;
  if (isFirewall(answer)) return FIREWALL;
  if (answer.status === 403) return isNest(answer) ? GUARD : FORBIDDEN;
  if (answer.status === 404) return isNest(answer) ? NO_ROUTE : NO_SUCH_PAGE;
  if (answer.status === 503) return isNest(answer) ? HOST_UNAVAILABLE : UNAVAILABLE;
  return TROUBLES[answer.status];
}

/** 403 and 419 are how the usual middleware says that a form came without a token. */
function isCsrf({ status, body }: NotificationAnswer): boolean {
  return status === CSRF_EXPIRED_STATUS || (status === 403 && CSRF_WORDS.test(body));
}

/** A network with a firewall hands other answers through, too: only what a firewall says itself counts. */
function isFirewall({ status, body, headers }: NotificationAnswer): boolean {
  if (headers['cf-mitigated'] !== undefined) return true;
  if (status !== 403 && status !== 406) return false;
  if (isJson(body)) return false;
  const isBehindOne = FIREWALL_HEADERS.some((name) => headers[name] !== undefined);
  return isBehindOne || FIREWALL_SERVERS.test(headers.server ?? '') || FIREWALL_WORDS.test(body);
}

/** Nest's own errors carry their status in the body. */
function isNest({ status, body }: NotificationAnswer): boolean {
  return isJson(body) && new RegExp(`"statusCode"\\s*:\\s*${status}\\b`).test(body);
}

function isJson(body: string): boolean {
  return /^\s*[{[]/.test(body);
}

function judgeRedirect(url: string, status: number, location: string): Finding {
  const from = new URL(url);
  const target = new URL(location, url);
  const to = target.origin + target.pathname;
  const message = `${url} redirects (HTTP ${status}) to ${to}.`;
  if (LOGIN_PATH.test(target.pathname)) {
    const advice =
      'That looks like a login: exempt the route from it, in the host (notificationDecorators) and in front of it.';
    return report.failure('redirects', message, advice);
  }
  if (from.host === target.host && from.protocol === 'http:' && target.protocol === 'https:') {
    return report.failure('redirects', message, 'Use https:// in WANPAY_PUBLIC_URL: the platform follows no redirect.');
  }
  const advice = 'Configure the address that it leads to: the platform follows no redirect.';
  return report.failure('redirects', message, advice);
}

const CSRF: Trouble = {
  code: 'csrf',
  words: 'a protection against forged forms (CSRF) asks for a token, which the platform does not have',
  advice: 'Exempt the route from the CSRF middleware; the signature protects it.',
};
const FIREWALL: Trouble = {
  code: 'firewall',
  words: 'a web application firewall in front of the host blocks the POST',
  advice:
    'In the firewall, let POSTs to this path pass without a challenge, since the platform answers none. The signature protects it.',
};
const GUARD: Trouble = {
  code: 'guarded',
  words: 'a guard of the host refuses, not the module',
  advice: 'Exempt the route from the host’s guards (notificationDecorators): the platform has neither login nor role.',
};
const FORBIDDEN: Trouble = {
  code: 'forbidden',
  words: 'something in front of the host, or a middleware of the host, refuses it',
  advice:
    'Look for a firewall, a list of addresses or an access rule of the proxy, and let POSTs to this path pass. A list of ' +
    'addresses must hold the platform’s, not this machine’s.',
};
const NO_ROUTE: Trouble = {
  code: 'not_found',
  words: 'the host is there, but has no such route; a global prefix, a version or a module’s path may be missing',
  advice: ROUTE_ADVICE,
};
const NO_SUCH_PAGE: Trouble = {
  code: 'not_found',
  words: 'no notifications are received there, and the answer does not look like a Nest host’s',
  advice: `Look whether the proxy in front leads this path to the host. ${ROUTE_ADVICE}`,
};
const UNAVAILABLE: Trouble = {
  code: 'unavailable',
  words: 'the proxy in front has no host to pass it on to',
  advice:
    'Look whether the host runs and passes the proxy’s health check, and whether a maintenance page is on. The platform ' +
    'tries four times in nine minutes. After that the module queries the payment on schedule.',
};
const HOST_UNAVAILABLE: Trouble = {
  code: 'unavailable',
  words: 'the host is there, but is not available at the moment',
  advice: 'Look at the host’s log: it starts or stops, or its ledger or its registry of merchants can’t be reached.',
};

const TROUBLES: Readonly<Record<number, Trouble>> = {
  401: {
    code: 'guarded',
    words: 'a guard of the host, or something in front of it, asks for a login',
    advice: 'Exempt the route from the host’s guards (notificationDecorators) and from any login in front of it.',
  },
  405: {
    code: 'method_not_allowed',
    words: 'the address exists, but takes no POST',
    advice: `Files, a CDN or another route may answer there. ${ROUTE_ADVICE}`,
  },
  415: {
    code: 'unsupported_media_type',
    words: 'the host reads no forms',
    advice:
      'Let nothing in front of the module refuse application/x-www-form-urlencoded on this path: neither a body parser ' +
      'nor a rule that asks for JSON.',
  },
  429: {
    code: 'throttled',
    words: 'a limit in the host or in front of it refuses further requests',
    advice:
      'Exempt the route from the limit, such as with @SkipThrottle() in notificationDecorators: all notifications come ' +
      'from a few addresses.',
  },
  500: {
    code: 'host_error',
    words: 'the host failed, before the module or in it',
    advice: 'Look at the host’s log.',
  },
  502: {
    code: 'bad_gateway',
    words: 'the proxy in front can’t reach the host, or the host broke off',
    advice: 'Look whether the host runs and listens where the proxy looks for it: address, port, TLS or not.',
  },
  504: {
    code: 'gateway_timeout',
    words: 'the host did not answer the proxy in time',
    advice:
      'Look at the host’s log and at its load. A host that waits for a body that a middleware has read already hangs ' +
      'like this.',
  },
};
