import { Inject, Injectable, Optional } from '@nestjs/common';
import { Activity } from '../observation/activity.js';
import { type NotificationResult, type Observer, UNOBSERVED } from '../observation/observer.js';
import { CLOCK } from '../platform/tokens.js';
import { reasonOf } from '../protocol/cause.js';
import type { Clock } from '../protocol/index.js';
import { CheckExpediter } from './check-expediter.js';
import { NotificationRefusedError, type RefusalReason } from './errors.js';
import type { Exchange } from './exchange.js';
import { readLoosely, readNumbers } from './loose-message.js';
import type { LogFields } from '../logging/structured-logger.js';
import { RefusalLog } from './refusal-log.js';
import { normaliseAddress } from './source-list.js';
import { NotificationVerifier } from './verifier.js';

/** Refusals after which the platform is asked: an honest message can have been refused so. */
const WORTH_ASKING: readonly RefusalReason[] = ['too_large', 'malformed', 'bad_signature'];

/** What to do about an answer that is the host's own. */
const ADVICE: Readonly<Record<number, string>> = {
  401: 'Exempt the notification route from your guards: see notificationDecorators.',
  403: 'Exempt the notification route from your guards and CSRF protection: see notificationDecorators.',
  404: 'Check that the address in notificationUrl, or made from publicUrl, is the route’s.',
  413: 'Exempt the notification route from what limits the size of bodies.',
  415: 'Exempt the notification route from what restricts content types.',
  429: 'Exempt the notification route from your rate limits: see notificationDecorators.',
};

/** Sees to it that nothing on the notification route goes unsaid that was not acknowledged, whoever refused it. */
@Injectable()
export class RefusalReporter {
  private readonly log: RefusalLog;

  constructor(
    @Inject(CheckExpediter) private readonly expediter: CheckExpediter,
    @Inject(NotificationVerifier) private readonly verifier: NotificationVerifier,
    @Inject(CLOCK) clock: Clock,
    @Optional() @Inject(Activity) private readonly observer: Observer = UNOBSERVED,
  ) {
    this.log = new RefusalLog(clock);
  }

  /** To be called when a request was answered: writes a line, and brings the check forward of what could be honest. */
  answered(exchange: Exchange, status: number): void {
    if (exchange.isReported) return;
    exchange.isReported = true;
    this.observer.happened({ kind: 'notification', result: resultOf(exchange) });
    if (exchange.isAcknowledged) return;
    this.write(exchange, status);
    if (isWorthAsking(exchange)) this.ask(exchange);
  }

  /** To be called when a body broke off, so that nobody is there to be answered. */
  brokenOff(exchange: Exchange): void {
    if (exchange.isReported) return;
    exchange.isReported = true;
    this.observer.happened({ kind: 'notification', result: 'broken_off' });
    const line = (): string => `${startOf(exchange)} broke off before its end.`;
    this.log.warn('broken_off', 'notification_broken_off', line, () => fieldsOf(exchange));
    this.ask(exchange);
  }

  private write(exchange: Exchange, status: number): void {
    const { trouble, verified } = exchange;
    if (trouble instanceof NotificationRefusedError) {
      const { reason, message } = trouble;
      const line = (): string => `${startOf(exchange)} was refused: ${message}`;
      this.log.warn(reason, 'notification_refused', line, () => ({ ...fieldsOf(exchange), reason }));
    } else if (trouble) {
      const missed = verified ? 'recorded' : 'checked';
      const line = (): string => `${startOf(exchange)} could not be ${missed}, and the platform will repeat it`;
      this.log.error(`notification_not_${missed}`, trouble, line, () => fieldsOf(exchange));
    } else if (verified) {
      const line = (): string =>
        `${startOf(exchange)} is genuine, but was answered with ${status}: it was not recorded.`;
      this.log.warn('unacknowledged', 'notification_unacknowledged', line, () => ({ ...fieldsOf(exchange), status }));
    } else {
      const advice = ADVICE[status] ?? 'Exempt the notification route from what did.';
      const line = (): string =>
        `${startOf(exchange)} was answered with ${status} by the host, not by WanPayModule. ${advice}`;
      this.log.warn(`status ${status}`, 'notification_refused_by_host', line, () => ({
        ...fieldsOf(exchange),
        status,
      }));
    }
  }

  /** In the background: how long it takes tells a stranger nothing. */
  private ask(exchange: Exchange): void {
    if (!this.verifier.admits(exchange.source)) return;
    const { body, bytes } = exchange;
    const message = refusalReason(exchange) === 'bad_signature' ? readNumbers(body) : readLoosely(body, bytes);
    if (!message) return;
    this.expediter.expedite(message).catch((error: unknown) => {
      this.log.warn(
        'expedite',
        'check_not_expedited',
        () => `A check could not be brought forward: ${reasonOf(error)}`,
      );
    });
  }
}

function resultOf(exchange: Exchange): NotificationResult {
  const { isAcknowledged, trouble, verified } = exchange;
  if (isAcknowledged) return 'acknowledged';
  if (trouble) return refusalReason(exchange) ?? 'failed';
  return verified ? 'unacknowledged' : 'refused_by_host';
}

function isWorthAsking(exchange: Exchange): boolean {
  if (!exchange.trouble) return true;
  const reason = refusalReason(exchange);
  return reason !== undefined && WORTH_ASKING.includes(reason);
}

function refusalReason({ trouble }: Exchange): RefusalReason | undefined {
  return trouble instanceof NotificationRefusedError ? trouble.reason : undefined;
}

/**
 * The beginning of a line about a request. It is made only for lines that are written, because reading the address takes
 * microseconds.
 */
function startOf({ source }: Exchange): string {
  return `A notification from ${normaliseAddress(source) ?? 'an unknown address'}`;
}

function fieldsOf({ source }: Exchange): LogFields {
  return { source: normaliseAddress(source) };
}
