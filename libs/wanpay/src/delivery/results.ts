import type { ClaimedDelivery, Deliveries, DeliveryCounts } from '../ledger/deliveries.js';
import type { AtmEvent } from '../ledger/events.js';
import { type Observer, UNOBSERVED } from '../observation/observer.js';
import { StructuredLogger } from '../logging/structured-logger.js';
import type { Clock } from '../protocol/index.js';
import { describeSpan } from '../protocol/span.js';
import type { Ended } from './attempts.js';
import { pauseAfter, type RetryPolicy } from './backoff.js';
import { failureMessage } from './failure-message.js';
import type { EventHandler } from './handlers.js';
import { fieldsOf } from './log-fields.js';

const SECOND_MS = 1000;

/** Records what attempts came to: a delivery is done, is tried again after a pause, or is given up. */
export class Results {
  private readonly logger = new StructuredLogger('WanPayDelivery');
  private readonly counted = { delivered: 0, retried: 0, dead: 0 };

  constructor(
    private readonly deliveries: Deliveries,
    private readonly clock: Clock,
    private readonly policy: RetryPolicy,
    private readonly random: () => number,
    private readonly observer: Observer = UNOBSERVED,
  ) {}

  get counts(): DeliveryCounts {
    return { ...this.counted };
  }

  /** Records how an attempt ended; false, and nothing done, when the claim is no longer the caller's. */
  async record(delivery: ClaimedDelivery, handler: EventHandler, ended: Ended): Promise<boolean> {
    if (ended.kind === 'interrupted') return this.deliveries.release(delivery, this.clock.now());
    if (ended.kind === 'failed') return this.recordFailure(delivery, failureMessage(ended.reason));
    // A transactional handler's success is recorded in its own transaction.
    const recorded = handler.transaction || (await this.deliveries.succeed(delivery, this.clock.now()));
    if (recorded) this.count(delivery, 'delivered');
    return recorded;
  }

  private async recordFailure(delivery: ClaimedDelivery, message: string): Promise<boolean> {
    const now = this.clock.now();
    const pause = pauseAfter(delivery.attempt, this.policy, this.random);
    const recorded = await (pause === undefined
      ? this.deliveries.bury(delivery, message, now)
      : this.deliveries.retry(delivery, message, new Date(now.getTime() + pause)));
    if (!recorded) return false;
    this.count(delivery, pause === undefined ? 'dead' : 'retried');
    this.report(delivery, message, pause);
    return true;
  }

  private count({ event, handler }: ClaimedDelivery, result: keyof DeliveryCounts): void {
    this.counted[result] += 1;
    const lagSeconds = result === 'delivered' ? lagOf(event, this.clock.now()) : undefined;
    const lag = lagSeconds === undefined ? {} : { lagSeconds };
    this.observer.happened({ kind: 'delivery', handler, type: event.type, result, ...lag });
  }

  private report(delivery: ClaimedDelivery, message: string, pause?: number): void {
    const { event, handler, attempt } = delivery;
    const { type, orderNo, id } = event;
    const what = `${handler} failed to handle ${type} of order ${orderNo} (${id}), attempt ${attempt}: ${asSentence(message)}`;
    const fields = fieldsOf(delivery);
    if (pause === undefined) {
      this.logger.error('delivery_dead', `${what} It is now a dead letter. Replay it when the cause is gone.`, fields);
    } else {
      this.logger.warn('delivery_retried', `${what} It is tried again in ${describeSpan(pause)}.`, fields);
    }
  }
}

/** How long ago the payer transferred what is paid; unknown where the platform did not tell. */
function lagOf(event: AtmEvent, now: Date): number | undefined {
  if (event.type !== 'atm.paid' || event.payment.paidAtEstimated || !event.payment.paidAt) return undefined;
  return Math.max(0, now.getTime() - event.payment.paidAt.getTime()) / SECOND_MS;
}

/** A handler's own message, which the line goes on after. */
function asSentence(message: string): string {
  return /[.!?。！？]$/.test(message) ? message : `${message}.`;
}
