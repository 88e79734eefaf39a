import { type Finding, reporter } from './finding.js';
import type { NotificationAnswer } from './notification-probe.js';

const report = reporter('notifications');
/** What throttlers tell: `X-RateLimit-Limit-short`, `RateLimit-Limit`, `RateLimit-Policy`. */
const LIMIT_HEADER = /^(?:x-)?ratelimit-(?:limit|policy)/;
/** A session's cookie by its usual names: `connect.sid`, `sessionId`. A balancer sets others. */
const SESSION_COOKIE = /(?:^|[,\s])(?:[\w.-]*sess[\w.-]*|(?:connect\.)?sid)=/i;

/** What the module's own answer shows of what else the host does with a notification, which is no fault yet. */
export function judgeSurroundings(url: string, { headers }: NotificationAnswer): readonly Finding[] {
  return [...limitFindings(url, headers), ...sessionFindings(url, headers)];
}

function limitFindings(url: string, headers: NotificationAnswer['headers']): readonly Finding[] {
  const limit = Object.entries(headers).find(([name]) => LIMIT_HEADER.test(name));
  if (!limit) return [];
  return [
    report.warning(
      'rate_limited',
      `${url} is the module, behind a limit (${limit[0]}: ${limit[1]}): all notifications come from a few addresses.`,
      'Exempt the route from the limit, such as with @SkipThrottle() in notificationDecorators. A notification that is refused with 429 is repeated after 1, 3 and 5 minutes, and then no more.',
    ),
  ];
}

function sessionFindings(url: string, headers: NotificationAnswer['headers']): readonly Finding[] {
  if (!SESSION_COOKIE.test(headers['set-cookie'] ?? '')) return [];
  return [
    report.warning(
      'session_made',
      `${url} is the module, behind a middleware that makes a session for each notification.`,
      'Leave the route out of the session middleware, or give it saveUninitialized: false.',
    ),
  ];
}
