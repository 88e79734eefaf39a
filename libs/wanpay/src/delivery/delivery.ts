import { setImmediate, setInterval } from 'node:timers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable, Optional } from '@nestjs/common';
import type { ClaimedDelivery, DeliveryCounts, DeliveryOffer } from '../ledger/deliveries.js';
import type { AtmEvent, AtmEventType } from '../ledger/events.js';
import { Ledger } from '../ledger/ledger.js';
import type { DeliveryClaim } from '../ledger/store.js';
import { Activity } from '../observation/activity.js';
import { type Observer, UNOBSERVED } from '../observation/observer.js';
import { StructuredLogger } from '../logging/structured-logger.js';
import { CLOCK, HEART, RANDOM } from '../platform/tokens.js';
import { type Cancel, type Clock, systemClock, type Timers } from '../protocol/index.js';
import { Attempts, type Ended } from './attempts.js';
import { Background } from './background.js';
import type { RetryPolicy } from './backoff.js';
import { EventBroadcaster } from './event-broadcaster.js';
import { failureMessage } from './failure-message.js';
import { type AddedHandler, type EventHandler, fromAdded, Handlers } from './handlers.js';
import { fieldsOf } from './log-fields.js';
import { Places } from './places.js';
import { Presence } from './presence.js';
import { Results } from './results.js';

/** How events are delivered. */
export interface DeliverySettings extends RetryPolicy {
  /** Whether this process delivers. */
  readonly enabled: boolean;
  /** How many handlers run at once. */
  readonly concurrency: number;
  /** How long a handler may take before its signal is aborted and its place is given to another, in milliseconds. */
  readonly handlerTimeoutMs: number;
  /** How long events of a type that nobody has subscribed to yet are kept for the first handler, in days. */
  readonly keepUnsubscribedDays: number;
}

/** The injection token of {@link DeliverySettings}. */
export const DELIVERY_SETTINGS = Symbol('WanPayDeliverySettings');

/** How often a ledger that other processes write to is looked at, should their hint have been lost. */
const SWEEP_MS = 30_000;
/** How long another process may take to accept a hint before this one looks by itself. */
const HAND_OVER_MS = 2000;
const DAY_MS = 86_400_000;

/**
 * Takes pending deliveries from the ledger to the host's handlers, at least once, in order per payment and handler, until they
 * are done.
 *
 * It holds nothing that matters: what it was doing when the process died is found in the ledger again.
 */
@Injectable()
export class Delivery {
  private readonly logger = new StructuredLogger('WanPayDelivery');
  private readonly handlers: Handlers;
  private readonly attempts: Attempts;
  private readonly presence: Presence;
  /** An attempt that is overdue runs on without one. */
  private readonly places: Places;
  private readonly results: Results;
  private background = new Background();
  private handOver: ((eventIds: readonly string[]) => Promise<void>) | undefined;
  private onAttempt: (delivery: ClaimedDelivery, ended: Ended) => void = () => undefined;
  private active = false;
  private starting: Promise<void> | undefined;
  private pumping: Promise<void> | undefined;
  private isWoken = false;
  private isSoon = false;
  /** Whether the last claim found more due deliveries than free places. */
  private isBehind = false;
  /** Whether a delivery may be waiting for a free place, or behind a running one. */
  private mayHaveMore = false;
  private cancelTimer: Cancel = () => undefined;
  private cancelLook: Cancel = () => undefined;
  private keepsAlive = false;
  private keepAlive: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(EventBroadcaster) private readonly broadcaster: EventBroadcaster,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(DELIVERY_SETTINGS) private readonly settings: DeliverySettings,
    @Optional() @Inject(RANDOM) random: () => number = Math.random,
    @Optional() @Inject(HEART) private readonly heart: Timers = systemClock,
    @Optional() @Inject(Activity) observer: Observer = UNOBSERVED,
  ) {
    this.handlers = new Handlers(ledger.transactions);
    this.attempts = new Attempts(ledger.deliveries, clock, settings.handlerTimeoutMs, heart, observer);
    this.results = new Results(ledger.deliveries, clock, settings, random, observer);
    this.places = new Places(settings.concurrency, () => {
      if (this.mayHaveMore) this.wake();
    });
    const wake = (): void => {
      this.wake();
    };
    const { keepUnsubscribedDays } = settings;
    this.presence = new Presence(ledger.deliveries, this.handlers, clock, keepUnsubscribedDays, wake, heart);
  }

  get counts(): DeliveryCounts {
    return this.results.counts;
  }

  /** Takes a handler before the start. */
  register(handler: EventHandler): void {
    this.handlers.add(handler);
  }

  /** {@link WanPayService.addHandler} */
  async addHandler(added: AddedHandler): Promise<void> {
    const handler = fromAdded(added);
    this.handlers.add(handler);
    if (!this.isActive()) return;
    try {
      await this.presence.announce();
    } catch (error) {
      this.handlers.remove(handler);
      throw error;
    }
    if (!this.isActive()) return;
    this.stayAlive();
    this.wake();
  }

  /** Subscribes the handlers before the host takes requests, so that the events of its first payments are not kept for later. */
  async subscribe(): Promise<void> {
    if (!this.settings.enabled) return;
    // A ledger that fails now is told at the start, and again until it works.
    await this.presence.announce().catch(() => undefined);
  }

  /** Broadcasts the events of this process from now on, also where it delivers nothing. */
  listen(): void {
    this.background = new Background();
    this.ledger.onEvents((events, claimed) => {
      this.background.run(() => {
        this.onEvents(events, claimed);
      });
    });
    this.ledger.offerDeliveries((types) => this.offer(types));
  }

  /**
   * Begins with what is pending already; never rejects.
   *
   * @param handOver tells some process, this one or another, which events were recorded here; left out, this process looks
   * @param keepsAlive whether nothing else keeps the process alive
   */
  async start(handOver?: (eventIds: readonly string[]) => Promise<void>, keepsAlive = false): Promise<void> {
    this.handOver = handOver;
    this.keepsAlive = keepsAlive;
    if (!this.settings.enabled) {
      this.logger.log('delivery_off', 'This process delivers no events: delivery.enabled is false.');
      await this.presence.look();
      return;
    }
    this.active = true;
    this.starting = this.presence.start();
    await this.starting;
    if (this.isActive()) this.stayAlive();
  }

  /**
   * Takes up nothing new, and waits for the handlers that are running, each as long as it may take. One that takes longer is
   * left behind: its claim lapses, and another process calls it again.
   */
  async stop(): Promise<void> {
    this.active = false;
    this.cancelTimers();
    this.presence.stop();
    clearInterval(this.keepAlive);
    this.keepAlive = undefined;
    this.attempts.abortAll('The host shuts down.');
    await this.starting;
    // A claim that is on its way may still bring deliveries.
    await this.pumping;
    // So may a commit. Both are given back.
    while (!this.places.areEmpty) await this.places.left();
    this.attempts.stopRenewing();
  }

  /** Resolves when nothing is left to do at this moment of the clock: no handler runs, and no delivery is due. */
  async idle(): Promise<void> {
    while (this.isSoon || this.pumping || (this.isWoken && this.active) || !this.places.areEmpty) {
      await nextTurn();
      await this.pumping;
      await this.places.left();
    }
  }

  /** Calls back each time that an attempt has ended, with how. */
  whenAttempted(callback: (delivery: ClaimedDelivery, ended: Ended) => void): void {
    this.onAttempt = callback;
  }

  /** Looks for deliveries that are due. */
  wake(): void {
    this.isWoken = true;
    if (this.pumping || !this.active) return;
    this.background.run(() => {
      this.pumping = this.pump();
    });
  }

  /**
   * Offers to claim deliveries with the commit that records them, one place for each. While older deliveries wait for a place,
   * nothing is offered.
   */
  private offer(types: readonly AtmEventType[]): DeliveryOffer | undefined {
    if (!this.active || this.handOver || this.isBehind) return undefined;
    const limit = Math.min(this.places.free, this.handlers.countOf(types));
    return limit > 0 ? { ...this.claimOf(limit), end: this.places.reserve(limit) } : undefined;
  }

  private claimOf(limit: number): DeliveryClaim {
    const now = this.clock.now();
    const leaseUntil = new Date(now.getTime() + this.attempts.leaseMs);
    return { subscriptions: this.handlers.subscriptions, now, leaseUntil, limit };
  }

  private onEvents(events: readonly AtmEvent[], claimed: readonly ClaimedDelivery[]): void {
    for (const event of events) this.broadcaster.publish(event);
    if (claimed.length > 0) this.takeSoon(claimed);
    const isLeft = this.handlers.countOf(events.map(({ type }) => type)) > claimed.length;
    if (this.handOver && events.length > 0) this.tell(this.handOver, events);
    else if (events.length === 0 || isLeft) this.wakeSoon();
  }

  /** Starts the handlers after the callers who wait for the commit have been answered. */
  private takeSoon(claimed: readonly ClaimedDelivery[]): void {
    const end = this.places.reserve(claimed.length);
    setImmediate(() => {
      end();
      for (const delivery of claimed) void this.take(delivery);
    });
  }

  /** Once for all events that are recorded in this turn of the event loop: looking costs as much as delivering. */
  private wakeSoon(): void {
    if (this.isSoon) return;
    this.isSoon = true;
    setImmediate(() => {
      this.isSoon = false;
      this.wake();
    });
  }

  /** Where no process accepts the hint, this one looks. */
  private tell(handOver: (eventIds: readonly string[]) => Promise<void>, events: readonly AtmEvent[]): void {
    const cancel = this.clock.after(HAND_OVER_MS, () => {
      this.wake();
    });
    handOver(events.map(({ id }) => id))
      .catch(() => {
        this.wake();
      })
      .finally(cancel);
  }

  /** Never rejects. */
  private async pump(): Promise<void> {
    try {
      await this.claimAll();
    } catch (error) {
      this.logger.error('claims_failed', `Deliveries could not be claimed: ${failureMessage(error)}`);
      this.armTimer(this.settings.baseDelayMs);
    }
    this.pumping = undefined;
    if (this.isWoken) this.wake();
  }

  /** Claims until nothing is due or no place is free. A wake-up meanwhile makes it look once more. */
  private async claimAll(): Promise<void> {
    while (this.isWoken && this.active) {
      // Places that become free together are filled together.
      await Promise.resolve();
      this.isWoken = false;
      this.cancelTimers();
      this.mayHaveMore = true;
      const limit = this.places.free;
      this.isBehind ||= limit <= 0;
      if (limit <= 0 || this.handlers.subscriptions.length === 0) return;
      const { deliveries, nextDueAt } = await this.ledger.deliveries.claim(this.claimOf(limit));
      await Promise.all(deliveries.map((delivery) => this.take(delivery)));
      this.isBehind = deliveries.length === limit;
      if (this.isBehind) this.isWoken = true;
      this.mayHaveMore = this.isBehind || this.places.running > 0;
      this.armTimer(nextDueAt ? nextDueAt.getTime() - this.clock.now().getTime() : Number.POSITIVE_INFINITY);
    }
  }

  private armTimer(wait: number): void {
    if (this.isWoken || !this.active) return;
    const wake = (): void => {
      this.wake();
    };
    this.cancelTimers();
    if (wait !== Number.POSITIVE_INFINITY) this.cancelTimer = this.clock.after(Math.max(wait, 0), wake);
    if (this.ledger.isShared) this.cancelLook = this.heart.after(SWEEP_MS, wake);
  }

  private cancelTimers(): void {
    this.cancelTimer();
    this.cancelLook();
  }

  /**
   * Runs a claimed delivery. If the process is stopping or has no free place, the delivery is released as if it had never been
   * claimed. Never rejects.
   */
  private async take(delivery: ClaimedDelivery): Promise<void> {
    if (this.attempts.takesOver(delivery)) return;
    const handler = this.handlers.find(delivery.handler, delivery.event.type);
    const isFree = this.places.free > 0;
    const leave = this.places.take();
    if (this.active && isFree && handler) {
      void this.run(delivery, handler, leave);
      return;
    }
    this.mayHaveMore = true;
    await this.release(delivery);
    leave();
  }

  private async release(delivery: ClaimedDelivery): Promise<void> {
    try {
      await this.ledger.deliveries.release(delivery, this.clock.now());
    } catch (error) {
      this.logger.warn(
        'claim_not_returned',
        `${delivery.event.id} could not be given back, so its claim has to lapse: ${failureMessage(error)}`,
        fieldsOf(delivery),
      );
    }
  }

  /** Never rejects. */
  private async run(delivery: ClaimedDelivery, handler: EventHandler, leave: () => void): Promise<void> {
    let isDone = false;
    try {
      const ended =
        delivery.attempt > this.settings.maxAttempts
          ? ({ kind: 'failed', reason: new Error('The process ended at each attempt.') } as const)
          : await this.attempts.run(delivery, handler, leave);
      this.onAttempt(delivery, ended);
      const isRecorded = await this.record(delivery, handler, ended);
      isDone = isRecorded && ended.kind === 'done';
    } catch (error) {
      this.logger.error(
        'delivery_not_recorded',
        `What became of ${delivery.event.id} could not be recorded: ${failureMessage(error)}`,
        fieldsOf(delivery),
      );
    }
    this.attempts.forget(delivery);
    leave();
    // The delivery becomes due again, and the timer does not know when yet.
    if (!isDone) this.wake();
  }

  /** Returns whether the result was recorded. A newer claim of this process may have replaced the attempt's claim meanwhile. */
  private async record(delivery: ClaimedDelivery, handler: EventHandler, ended: Ended): Promise<boolean> {
    for (;;) {
      const claimed = this.attempts.claimOf(delivery);
      if (await this.results.record(claimed, handler, ended)) return true;
      await this.pumping;
      if (this.attempts.claimOf(delivery) === claimed) return false;
    }
  }

  /** Asked again after each wait: the process may have been told to stop. */
  private isActive(): boolean {
    return this.active;
  }

  /** A process without a server would end at once: nothing else keeps it alive. */
  private stayAlive(): void {
    if (this.keepsAlive && this.handlers.all.length > 0) this.keepAlive ??= setInterval(() => undefined, DAY_MS);
  }
}
