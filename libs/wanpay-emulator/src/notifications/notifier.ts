import { Injectable } from '@nestjs/common';
import { type Cancel } from '../clock/clock.js';
import { VirtualClock } from '../clock/virtual-clock.js';
import { EmulatorSettings } from '../emulator.settings.js';
import { NothingToResendError, systemErrorCode } from '../errors.js';
import { FaultPlan } from '../faults/fault-plan.js';
import { Journal } from '../journal/journal.js';
import { keptAttempt } from '../journal/kept.js';
import { Merchants } from '../merchants/merchants.js';
import { OrderBook } from '../orders/order-book.js';
import { keyOf, type OrderRef } from '../orders/order-ref.js';
import { type Order } from '../orders/order.js';
import { type Fields } from '../platform/fields.js';
import { type NotificationAttempt } from './attempt-record.js';
import { strikeStyle } from './message-style.js';
import { type Message, writeMessage, writeResult } from './notification.js';
import { type MerchantReply, post } from './post.js';
import { nextRetry } from './retry-schedule.js';
import { targetOf } from './target.js';

const ACKNOWLEDGEMENT: MerchantReply = { status: 200, body: 'success' };
const PAID = '0000';
const SECOND_MS = 1000;

/** What of a notification outlasts a restart. */
export interface KeptNotification {
  readonly id: number;
  readonly ref: OrderRef;
  readonly url: string;
  readonly result: Fields;
  readonly firstAt: Date;
  attempts: number;
  retries: number;
  nextAttemptAt: Date | undefined;
  /** When the latest attempt began; undefined before the first. */
  lastAttemptAt: Date | undefined;
  /** Whether an attempt was acknowledged. */
  isAcknowledged: boolean;
  /** It waits until another notification of the merchant was sent. */
  isHeldBack: boolean;
  /** A scheduled attempt is in flight: after a restart it is made again. */
  isInFlight: boolean;
}

/** One result that the merchant is told of: its first attempt and what follows. */
interface Notification extends KeptNotification {
  cancelRetry: Cancel;
}

type AttemptKind = 'scheduled' | 'extra';
type Ending = Pick<NotificationAttempt, 'replyStatus' | 'replyBody' | 'error' | 'acknowledged'>;

/** Tells merchants the results of their orders (3.1.2) until they acknowledge, or the retries are used up. */
@Injectable()
export class Notifier {
  /** By order, each order's oldest first. */
  readonly #notifications = new Map<string, Notification[]>();
  readonly #heldBack = new Set<Notification>();
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  #lastId = 0;

  constructor(
    private readonly clock: VirtualClock,
    private readonly settings: EmulatorSettings,
    private readonly merchants: Merchants,
    private readonly book: OrderBook,
    private readonly faults: FaultPlan,
    private readonly journal: Journal,
  ) {}

  /** Every attempt that has ended, oldest first. */
  attempts(): NotificationAttempt[] {
    return this.journal.entries().flatMap((entry) => (entry.kind === 'attempt' ? [entry.attempt] : []));
  }

  /** When the order's notifications are tried next, soonest first. */
  nextAttempts(ref: OrderRef): Date[] {
    const due = this.#of(ref).flatMap(({ nextAttemptAt }) => nextAttemptAt ?? []);
    return due.toSorted((one, other) => one.getTime() - other.getTime());
  }

  /**
   * Notifies the order's merchant of its state. An earlier result of the same order
   * is tried no more, unless both are transfers.
   *
   * @returns once the first attempt has ended, well or not; at once without a `backurl`
   */
  async notify(order: Order): Promise<void> {
    if (!order.notificationUrl || this.#closing.signal.aborted) return;
    const notification = this.#create(order, targetOf(order.notificationUrl, this.settings.notificationTarget));
    if (this.faults.strike(['dropped-notification'], order)) return;
    if (this.faults.strike(['out-of-order-notification'], order)) {
      notification.isHeldBack = true;
      this.#heldBack.add(notification);
      return;
    }
    const delayed = this.faults.strike(['delayed-notification'], order);
    if (delayed) {
      this.#schedule(notification, new Date(this.clock.now().getTime() + delayed.delaySeconds * SECOND_MS));
      return;
    }
    await this.#attempt(notification, 'scheduled');
    await this.#releaseHeldBack(order.merchantNo);
  }

  /**
   * Sends a notification of the order once more, newly signed, beside its retries.
   *
   * @param id which one. Default: the latest
   * @throws UnknownOrderError
   * @throws NothingToResendError when there is no such notification
   */
  async resend(ref: OrderRef, id?: number): Promise<NotificationAttempt> {
    const { merchantNo, orderNo } = this.book.get(ref);
    const notification = this.#of(ref).findLast((each) => id === undefined || each.id === id);
    if (!notification) throw new NothingToResendError(`Order ${orderNo} has no such notification to send again.`);
    this.journal.write({ kind: 'action', name: 'resend', merchantNo, orderNo, notification: notification.id });
    return this.#attempt(notification, 'extra');
  }

  /** When each notification is tried next, by its number; those that are not are left out. */
  schedule(): ReadonlyMap<number, Date> {
    return new Map(
      this.#all().flatMap(({ id, nextAttemptAt }) => (nextAttemptAt ? [[id, nextAttemptAt] as const] : [])),
    );
  }

  /** How many notifications were tried since a moment, and never acknowledged. */
  countFailed(since?: Date): number {
    return this.#failedSince(since).length;
  }

  /**
   * Sends every notification once more that was tried since a moment and never acknowledged, one after the other, oldest first.
   *
   * @param since default: whenever
   */
  async resendFailed(since?: Date): Promise<NotificationAttempt[]> {
    const attempts: NotificationAttempt[] = [];
    for (const { ref, id } of this.#failedSince(since)) attempts.push(await this.resend(ref, id));
    return attempts;
  }

  /** Whether nothing of an order's notifications is under way or still to come. */
  isDone(ref: OrderRef): boolean {
    return this.#of(ref).every(
      ({ nextAttemptAt, isHeldBack, isInFlight }) => !nextAttemptAt && !isHeldBack && !isInFlight,
    );
  }

  /** Drops an order's notifications, which must be done. */
  forget(ref: OrderRef): void {
    this.#notifications.delete(keyOf(ref));
  }

  /** Drops every notification, and withdraws what is scheduled. */
  clear(): void {
    for (const notification of this.#all()) notification.cancelRetry();
    this.#notifications.clear();
    this.#heldBack.clear();
    this.#lastId = 0;
  }

  /** Resolves when no attempt is in flight. */
  async idle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
  }

  /** Ends the attempts in flight and withdraws the retries. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('The emulator was closed.'));
    await this.idle();
    for (const notification of this.#all()) notification.cancelRetry();
  }

  /** What {@link restore} needs. */
  keep(): KeptNotification[] {
    return this.#all().map(({ cancelRetry: _, ...kept }) => kept);
  }

  /** Goes on from what was kept: what was due is scheduled again, what was in flight is sent again. */
  restore(notifications: readonly KeptNotification[]): void {
    for (const kept of notifications) {
      const notification = { ...kept, isInFlight: false, cancelRetry: () => undefined };
      this.#add(notification);
      this.#lastId = Math.max(this.#lastId, kept.id);
      if (kept.isHeldBack) this.#heldBack.add(notification);
      if (kept.isInFlight) this.#schedule(notification, this.clock.now());
      else if (kept.nextAttemptAt) this.#schedule(notification, kept.nextAttemptAt);
    }
  }

  #failedSince(since = new Date(0)): Notification[] {
    return this.#all()
      .filter(({ isAcknowledged, lastAttemptAt }) => !isAcknowledged && lastAttemptAt && lastAttemptAt >= since)
      .toSorted((one, other) => one.id - other.id);
  }

  #create(order: Order, url: string): Notification {
    const { merchantNo, orderNo } = order;
    const notification: Notification = {
      id: ++this.#lastId,
      ref: { merchantNo, orderNo },
      url,
      result: writeResult(order, this.settings.notificationAmountUnit),
      firstAt: this.clock.now(),
      attempts: 0,
      retries: 0,
      nextAttemptAt: undefined,
      lastAttemptAt: undefined,
      isAcknowledged: false,
      isHeldBack: false,
      isInFlight: false,
      cancelRetry: () => undefined,
    };
    this.#add(notification);
    for (const earlier of this.#of(order)) if (this.#isSuperseded(earlier)) withdraw(earlier);
    return notification;
  }

  #attempt(notification: Notification, kind: AttemptKind): Promise<NotificationAttempt> {
    if (kind === 'scheduled') notification.isInFlight = true;
    const sent = this.#send(notification, kind);
    const doubled = this.faults.strike(['doubled-notification'], notification.ref);
    const all = doubled ? Promise.all([sent, this.#send(notification, 'extra')]).then(([first]) => first) : sent;
    const attempt = this.clock.hold(all);
    this.#inFlight.add(attempt);
    void attempt.finally(() => this.#inFlight.delete(attempt));
    return attempt;
  }

  async #send(notification: Notification, kind: AttemptKind): Promise<NotificationAttempt> {
    const { ref, url } = notification;
    const at = this.clock.now();
    const startedMs = performance.now();
    const attempt = ++notification.attempts;
    notification.lastAttemptAt = at;
    const message = this.#write(notification, at);
    const ending = await this.#post(url, message, ref);
    const latencyMs = performance.now() - startedMs;
    if (ending.acknowledged) notification.isAcknowledged = true;
    if (ending.acknowledged) withdraw(notification);
    else if (kind === 'scheduled') this.#scheduleRetry(notification, at);
    // What was broken off by the end of the emulator is still owed.
    if (kind === 'scheduled' && !this.#closing.signal.aborted) notification.isInFlight = false;
    const { nextAttemptAt } = notification;
    const record = {
      ...ref,
      url,
      notification: notification.id,
      fields: message.fields,
      attempt,
      at,
      latencyMs,
      ...ending,
      ...(nextAttemptAt ? { nextAttemptAt } : {}),
    };
    this.journal.write({ kind: 'attempt', ...ref, attempt: keptAttempt(record) });
    return record;
  }

  #write({ ref, result }: Notification, at: Date): Message {
    const merchant = this.merchants.find(ref.merchantNo) ?? this.merchants.first;
    const style = strikeStyle(this.faults, ref);
    return writeMessage(result, this.settings.notificationAmountUnit, merchant, at, style);
  }

  async #post(url: string, message: Message, ref: OrderRef): Promise<Ending> {
    const timeout = AbortSignal.timeout(this.settings.notificationTimeoutMs);
    try {
      const reply = await post(url, message, AbortSignal.any([timeout, this.#closing.signal]));
      const ending = { replyStatus: reply.status, replyBody: reply.body };
      if (!isAcknowledgement(reply)) return { ...ending, acknowledged: false };
      if (!this.faults.strike(['lost-acknowledgement'], ref)) return { ...ending, acknowledged: true };
      return { ...ending, acknowledged: false, error: 'The acknowledgement was lost on the way (a fault).' };
    } catch (error) {
      return { acknowledged: false, error: this.#describe(error, timeout) };
    }
  }

  #describe(error: unknown, timeout: AbortSignal): string {
    if (timeout.aborted) return `No reply within ${this.settings.notificationTimeoutMs / 1000} s.`;
    if (this.#closing.signal.aborted) return 'The emulator was closed.';
    const code = systemErrorCode(error);
    return code ? `No reply: ${code}.` : String(error);
  }

  #scheduleRetry(notification: Notification, previous: Date): void {
    const isForgotten = !this.#of(notification.ref).includes(notification);
    if (isForgotten || this.#closing.signal.aborted || this.#isSuperseded(notification)) return;
    const { retrySchedule } = this.settings;
    const due = nextRetry(retrySchedule, notification.retries, notification.firstAt, previous);
    if (due) this.#schedule(notification, due);
  }

  #schedule(notification: Notification, due: Date): void {
    notification.nextAttemptAt = due;
    notification.cancelRetry = this.clock.after(due.getTime() - this.clock.now().getTime(), () => {
      if (notification.attempts > 0) notification.retries += 1;
      notification.nextAttemptAt = undefined;
      void this.#attempt(notification, 'scheduled');
    });
  }

  /** Those that wait for another one to be sent first. */
  async #releaseHeldBack(merchantNo: string): Promise<void> {
    for (const notification of this.#heldBack) {
      if (notification.ref.merchantNo !== merchantNo) continue;
      this.#heldBack.delete(notification);
      notification.isHeldBack = false;
      await this.#attempt(notification, 'scheduled');
    }
  }

  #add(notification: Notification): void {
    const key = keyOf(notification.ref);
    const notifications = this.#notifications.get(key);
    if (notifications) notifications.push(notification);
    else this.#notifications.set(key, [notification]);
  }

  #of(ref: OrderRef): readonly Notification[] {
    return this.#notifications.get(keyOf(ref)) ?? [];
  }

  /** A newer result replaces an older one, except that the merchant is notified of every transfer. */
  #isSuperseded(notification: Notification): boolean {
    const all = this.#of(notification.ref);
    const newer = all.slice(all.indexOf(notification) + 1);
    return newer.some(({ result }) => !(isPaid(notification.result) && isPaid(result)));
  }

  #all(): Notification[] {
    return [...this.#notifications.values()].flat();
  }
}

function isPaid({ status }: Fields): boolean {
  return status === PAID;
}

function isAcknowledgement(reply: MerchantReply): boolean {
  return reply.status === ACKNOWLEDGEMENT.status && reply.body === ACKNOWLEDGEMENT.body;
}

function withdraw(notification: Notification): void {
  notification.cancelRetry();
  notification.nextAttemptAt = undefined;
}
