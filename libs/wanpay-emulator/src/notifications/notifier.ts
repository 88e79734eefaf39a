import { Injectable } from '@nestjs/common';
import { type Cancel, type Fields } from 'nestjs-wanpay/protocol';
import { VirtualClock } from '../clock/virtual-clock.js';
import { EmulatorSettings } from '../emulator.settings.js';
import { NothingToResendError, systemErrorCode } from '../errors.js';
import { FaultPlan } from '../faults/faults.js';
import { type Merchant, Merchants } from '../merchants/merchants.js';
import { keyOf, OrderBook } from '../orders/order-book.js';
import { type Order, type OrderRef } from '../orders/order.js';
import { type NotificationAttempt } from './attempt-record.js';
import { signAttempt, writeResult } from './notification.js';
import { type MerchantReply, postForm } from './post.js';
import { nextRetry } from './retry-schedule.js';

const ACKNOWLEDGEMENT: MerchantReply = { status: 200, body: 'success' };

/** One result that the merchant is told of: its first attempt and what follows. */
interface Notification {
  readonly ref: OrderRef;
  readonly merchant: Merchant;
  readonly url: string;
  readonly result: Fields;
  readonly firstAt: Date;
  attempts: number;
  retries: number;
  nextAttemptAt: Date | undefined;
  cancelRetry: Cancel;
}

type Ending = Pick<NotificationAttempt, 'replyStatus' | 'replyBody' | 'error' | 'acknowledged'>;

/** Tells merchants the results of their orders (3.1.2) until they acknowledge, or the retries are used up. */
@Injectable()
export class Notifier {
  readonly #records: NotificationAttempt[] = [];
  readonly #latest = new Map<string, Notification>();
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor(
    private readonly clock: VirtualClock,
    private readonly settings: EmulatorSettings,
    private readonly merchants: Merchants,
    private readonly book: OrderBook,
    private readonly faults: FaultPlan,
  ) {}

  /** Every attempt that has ended, oldest first. */
  attempts(): NotificationAttempt[] {
    return [...this.#records];
  }

  /** The order's attempts, oldest first. */
  attemptsFor(ref: OrderRef): NotificationAttempt[] {
    return this.#records.filter((record) => keyOf(record) === keyOf(ref));
  }

  /**
   * Notifies the order's merchant of its state. An earlier notification of the same order is tried no more.
   *
   * @returns once the first attempt has ended, well or not; at once without a `backurl`
   */
  async notify(order: Order): Promise<void> {
    const merchant = this.merchants.find(order.merchantNo);
    if (!merchant || !order.notificationUrl || this.#closing.signal.aborted) return;
    const notification: Notification = {
      ref: { merchantNo: order.merchantNo, orderNo: order.orderNo },
      merchant,
      url: order.notificationUrl,
      result: writeResult(order, this.settings.notificationAmountUnit),
      firstAt: this.clock.now(),
      attempts: 0,
      retries: 0,
      nextAttemptAt: undefined,
      cancelRetry: () => undefined,
    };
    this.#latest.get(keyOf(order))?.cancelRetry();
    this.#latest.set(keyOf(order), notification);
    if (!this.faults.take('droppedNotification')) await this.#attempt(notification, 'scheduled');
  }

  /**
   * Sends the order's latest notification once more, newly signed, beside its retries.
   *
   * @throws UnknownOrderError
   * @throws NothingToResendError when nothing was notified yet
   */
  async resend(ref: OrderRef): Promise<NotificationAttempt> {
    const order = this.book.get(ref);
    const notification = this.#latest.get(keyOf(order));
    if (!notification) throw new NothingToResendError(`Order ${ref.orderNo} has no notification to send again.`);
    return this.#attempt(notification, 'extra');
  }

  /** Resolves when no attempt is in flight. */
  async idle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
  }

  /** Ends the attempts in flight and withdraws the retries. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('The emulator was closed.'));
    await this.idle();
    for (const notification of this.#latest.values()) notification.cancelRetry();
  }

  #attempt(notification: Notification, kind: 'scheduled' | 'extra'): Promise<NotificationAttempt> {
    const attempt = this.clock.hold(this.#send(notification, kind));
    this.#inFlight.add(attempt);
    void attempt.finally(() => this.#inFlight.delete(attempt));
    return attempt;
  }

  async #send(notification: Notification, kind: 'scheduled' | 'extra'): Promise<NotificationAttempt> {
    const { ref, url } = notification;
    const at = this.clock.now();
    const startedMs = performance.now();
    const attempt = ++notification.attempts;
    const fields = signAttempt(notification.result, notification.merchant, at);
    const ending = await this.#post(url, fields);
    const latencyMs = performance.now() - startedMs;
    if (ending.acknowledged) withdrawRetry(notification);
    else if (kind === 'scheduled') this.#scheduleRetry(notification, at);
    const { nextAttemptAt } = notification;
    const record = {
      ...ref,
      url,
      fields,
      attempt,
      at,
      latencyMs,
      ...ending,
      ...(nextAttemptAt ? { nextAttemptAt } : {}),
    };
    this.#records.push(record);
    return record;
  }

  async #post(url: string, fields: Fields): Promise<Ending> {
    const timeout = AbortSignal.timeout(this.settings.notificationTimeoutMs);
    try {
      const reply = await postForm(url, fields, AbortSignal.any([timeout, this.#closing.signal]));
      const ending = { replyStatus: reply.status, replyBody: reply.body };
      if (!isAcknowledgement(reply)) return { ...ending, acknowledged: false };
      if (!this.faults.take('lostAcknowledgement')) return { ...ending, acknowledged: true };
      return { ...ending, acknowledged: false, error: 'The acknowledgement was lost on the way (a fault).' };
    } catch (error) {
      return { acknowledged: false, error: this.#describe(error, timeout) };
    }
  }

  #describe(error: unknown, timeout: AbortSignal): string {
    if (timeout.aborted) return `No reply within ${this.settings.notificationTimeoutMs} ms.`;
    if (this.#closing.signal.aborted) return 'The emulator was closed.';
    const code = systemErrorCode(error);
    return code ? `No reply: ${code}.` : String(error);
  }

  #scheduleRetry(notification: Notification, previous: Date): void {
    if (this.#closing.signal.aborted || this.#latest.get(keyOf(notification.ref)) !== notification) return;
    const { retrySchedule } = this.settings;
    const due = nextRetry(retrySchedule, notification.retries, notification.firstAt, previous);
    notification.nextAttemptAt = due;
    if (!due) return;
    notification.cancelRetry = this.clock.after(due.getTime() - this.clock.now().getTime(), () => {
      notification.retries += 1;
      notification.nextAttemptAt = undefined;
      void this.#attempt(notification, 'scheduled');
    });
  }
}

function isAcknowledgement(reply: MerchantReply): boolean {
  return reply.status === ACKNOWLEDGEMENT.status && reply.body === ACKNOWLEDGEMENT.body;
}

function withdrawRetry(notification: Notification): void {
  notification.cancelRetry();
  notification.nextAttemptAt = undefined;
}
