import { setImmediate } from 'node:timers';
import { Logger } from '@nestjs/common';
import type { AtmEventType } from '../ledger/events.js';
import type { DeliveryFailure, Ledger, OwedEvent } from '../ledger/ledger.js';
import type { Cancel, Clock } from '../protocol/index.js';
import { pauseAfter, type RetryPolicy } from './backoff.js';
import { type Failed, HandlerCalls } from './handler-calls.js';
import type { EventHandler } from './handlers.js';
import type { News } from './news.js';

/** How events are delivered. */
export interface DeliverySettings extends RetryPolicy {
  /** How many events are worked on at once. */
  readonly concurrency: number;
  /** How long a handler may take before the attempt counts as failed, in milliseconds. */
  readonly handlerTimeoutMs: number;
}

/** How many attempts of this process came to what, since it started: for a metric or a health check. */
export interface DeliveryCounts {
  /** Events whose handlers are all done. */
  readonly delivered: number;
  /** Attempts that failed and are made again. */
  readonly retried: number;
  /** Events that were given up. */
  readonly dead: number;
}

type Handlers = ReadonlyMap<AtmEventType, readonly EventHandler[]>;

/** A claim outlasts its handlers' time by half, so that an attempt that timed out is recorded before anyone else claims it. */
const LEASE_FACTOR = 1.5;
/** How often a ledger that other processes write to is looked at, should their nudge have been lost. */
const SWEEP_MS = 30_000;
const LONGEST_MESSAGE = 500;
/** How long handing events over may take before they are taken up here. */
const HAND_OVER_MS = 2000;

/**
 * Takes events owed from the ledger to the host's handlers, at least once, in order per payment, until they are done.
 *
 * It holds nothing that matters: what it was doing when the process died is found in the ledger again.
 */
export class Delivery {
  private readonly logger = new Logger('WanPayDelivery');
  private readonly calls: HandlerCalls;
  /** How many attempts are under way. */
  private running = 0;
  private readonly whenIdle: (() => void)[] = [];
  private handlers: Handlers = new Map();
  private readonly counted = { delivered: 0, retried: 0, dead: 0 };
  private active = false;
  private pumping: Promise<void> | undefined;
  private nudged = false;
  private isSoon = false;
  private cancelTimer: Cancel = () => undefined;

  constructor(
    private readonly ledger: Ledger,
    private readonly news: News,
    private readonly clock: Clock,
    private readonly settings: DeliverySettings,
    private readonly random: () => number = Math.random,
  ) {
    this.calls = new HandlerCalls(ledger, clock, settings.handlerTimeoutMs);
  }

  /**
   * Begins with what the ledger owes already.
   *
   * @param handOver tells another process, or this one, what became owed here; left out, this process takes it up itself
   */
  start(handlers: Handlers, handOver?: (eventIds: readonly string[]) => Promise<void>): void {
    this.handlers = handlers;
    this.active = true;
    this.ledger.onEventsOwed((eventIds) => {
      if (handOver) this.tell(handOver, eventIds);
      else this.wakeSoon();
    });
    this.wake();
  }

  /** Takes up nothing new, waits for the handlers that are running, and gives back what was claimed meanwhile. */
  async stop(): Promise<void> {
    this.active = false;
    this.cancelTimer();
    // A claim that is on its way may still bring events.
    await this.pumping;
    if (this.running > 0) await new Promise<void>((resolve) => this.whenIdle.push(resolve));
  }

  /** Looks for events that are owed. */
  wake(): void {
    this.nudged = true;
    if (this.pumping || !this.active) return;
    this.pumping = this.pump();
  }

  /** Once for all events that become owed in this turn of the event loop: looking costs as much as delivering. */
  private wakeSoon(): void {
    if (this.isSoon) return;
    this.isSoon = true;
    setImmediate(() => {
      this.isSoon = false;
      this.wake();
    });
  }

  get counts(): DeliveryCounts {
    return { ...this.counted };
  }

  /** Owes a dead letter again; false when there is none of that id. */
  replay(eventId: string): Promise<boolean> {
    return this.ledger.replay(eventId, this.clock.now());
  }

  /** Owes every dead letter again; returns how many. */
  async replayAll(): Promise<number> {
    const letters = await this.ledger.deadLetters();
    const replayed = await Promise.all(letters.map(({ event }) => this.replay(event.id)));
    return replayed.filter(Boolean).length;
  }

  /** Whoever recorded an event hands it over; where that fails, it is taken up here. */
  private tell(handOver: (eventIds: readonly string[]) => Promise<void>, eventIds: readonly string[]): void {
    if (eventIds.length === 0 || !this.active) return;
    const cancel = this.clock.after(HAND_OVER_MS, () => {
      this.wake();
    });
    handOver(eventIds)
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
      this.logger.error(`Events could not be claimed: ${messageOf(error)}`);
      this.armTimer(this.settings.baseDelayMs);
    }
    this.pumping = undefined;
    if (this.nudged) this.wake();
  }

  /** Claims until there is nothing due or nobody free. A nudge that comes meanwhile makes it look once more. */
  private async claimAll(): Promise<void> {
    while (this.nudged && this.active) {
      this.nudged = false;
      this.cancelTimer();
      const free = this.settings.concurrency - this.running;
      if (free <= 0) return;
      const now = this.clock.now();
      const leaseUntil = new Date(now.getTime() + this.settings.handlerTimeoutMs * LEASE_FACTOR);
      const claimed = await this.ledger.claim(now, leaseUntil, free);
      for (const owed of claimed) await this.take(owed);
    }
    const due = await this.ledger.nextDue();
    const wait = due ? due.getTime() - this.clock.now().getTime() : Number.POSITIVE_INFINITY;
    this.armTimer(this.ledger.isShared ? Math.min(wait, SWEEP_MS) : wait);
  }

  private armTimer(wait: number): void {
    if (this.nudged || !this.active || wait === Number.POSITIVE_INFINITY) return;
    this.cancelTimer();
    this.cancelTimer = this.clock.after(wait, () => {
      this.wake();
    });
  }

  /** What was claimed while the process was told to stop goes back as if it had never been claimed. */
  private async take(owed: OwedEvent): Promise<void> {
    if (this.active) void this.run(owed);
    else await this.ledger.release(owed);
  }

  /** Never rejects. */
  private async run(owed: OwedEvent): Promise<void> {
    this.running += 1;
    try {
      await this.attempt(owed);
    } catch (error) {
      this.logger.error(`The delivery of ${owed.event.id} could not be recorded: ${messageOf(error)}`);
    }
    this.running -= 1;
    if (this.running === 0) for (const told of this.whenIdle.splice(0)) told();
    this.wake();
  }

  private async attempt(owed: OwedEvent): Promise<void> {
    const { event, attempt, handled } = owed;
    const waiting = (this.handlers.get(event.type) ?? []).filter(({ id }) => !handled.includes(id));
    if (attempt > this.settings.maxAttempts) {
      await this.fail(owed, [], {
        handlers: waiting.map(({ id }) => id),
        message: 'The process ended at each attempt.',
      });
      return;
    }
    const done: string[] = [];
    const failed: Failed[] = [];
    for (const call of waiting.map((handler) => this.calls.make(handler, owed))) {
      const result = 'then' in call ? await call : call;
      if ('reason' in result) failed.push(result);
      else done.push(result.id);
    }
    const last = failed.at(-1);
    if (last) {
      await this.fail(owed, done, { handlers: failed.map(({ id }) => id), message: messageOf(last.reason) });
      return;
    }
    const recorded = await this.ledger.recordAttempt(owed, { handled: done, now: this.clock.now() });
    if (!recorded) return;
    this.counted.delivered += 1;
    this.news.publish(event);
  }

  private async fail(owed: OwedEvent, handled: readonly string[], failure: DeliveryFailure): Promise<void> {
    const now = this.clock.now();
    const pause = pauseAfter(owed.attempt, this.settings, this.random);
    const retryAt = pause === undefined ? {} : { retryAt: new Date(now.getTime() + pause) };
    const recorded = await this.ledger.recordAttempt(owed, { handled, failure, now, ...retryAt });
    if (!recorded) return;
    this.counted[pause === undefined ? 'dead' : 'retried'] += 1;
    this.report(owed, failure, pause);
  }

  private report({ event, attempt }: OwedEvent, { handlers, message }: DeliveryFailure, pause?: number): void {
    const { type, orderNo, id } = event;
    const what = `${type} of order ${orderNo} (${id}) failed in ${handlers.join(', ')} (attempt ${attempt}): ${message}`;
    if (pause === undefined) this.logger.error(`${what} It is now a dead letter; replay it when the cause is gone.`);
    else this.logger.warn(`${what} It is tried again in ${pause} ms.`);
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, LONGEST_MESSAGE);
}
