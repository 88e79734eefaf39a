import { Logger } from '@nestjs/common';
import type { AtmEventType } from '../ledger/events.js';
import type { DeliveryFailure, Ledger, OwedEvent } from '../ledger/ledger.js';
import type { Cancel, Clock } from '../protocol/index.js';
import { pauseAfter, type RetryPolicy } from './backoff.js';
import type { EventHandler } from './handlers.js';
import type { News } from './news.js';

/** How events are delivered. */
export interface DeliverySettings extends RetryPolicy {
  /** How many events are worked on at once. */
  readonly concurrency: number;
  /** For how long a claimed event is this process's alone, in milliseconds. */
  readonly leaseMs: number;
}

type Handlers = ReadonlyMap<AtmEventType, readonly EventHandler[]>;

const LONGEST_MESSAGE = 500;

/**
 * Takes events owed from the ledger to the host's handlers, at least once, in order per payment, until they are done.
 *
 * It holds nothing that matters: what it was doing when the process died is found in the ledger again.
 */
export class Delivery {
  private readonly logger = new Logger('WanPayDelivery');
  /** By the event's id: one whose lease ran out while its handlers still run is claimed anew, but not run twice here. */
  private readonly running = new Map<string, Promise<void>>();
  private handlers: Handlers = new Map();
  private active = false;
  private pumping: Promise<void> | undefined;
  private nudged = false;
  private cancelTimer: Cancel = () => undefined;

  constructor(
    private readonly ledger: Ledger,
    private readonly news: News,
    private readonly clock: Clock,
    private readonly settings: DeliverySettings,
    private readonly random: () => number = Math.random,
  ) {}

  /** Begins with what the ledger owes already. */
  start(handlers: Handlers): void {
    this.handlers = handlers;
    this.active = true;
    this.ledger.onEventsOwed(() => {
      this.wake();
    });
    this.wake();
  }

  /** Takes up nothing new, and waits for the handlers that are running. */
  async stop(): Promise<void> {
    this.active = false;
    this.cancelTimer();
    // A claim that is on its way may still bring events.
    await this.pumping;
    await Promise.all(this.running.values());
  }

  /** Owes a dead letter again; false when there is none of that id. */
  replay(eventId: string): Promise<boolean> {
    return this.ledger.replay(eventId, this.clock.now());
  }

  private wake(): void {
    this.nudged = true;
    if (this.pumping || !this.active) return;
    this.pumping = this.pump()
      .catch((error: unknown) => {
        this.logger.error(`Events could not be claimed: ${messageOf(error)}`);
        if (this.active) this.wakeAfter(this.settings.baseDelayMs);
      })
      .finally(() => {
        this.pumping = undefined;
        if (this.nudged) this.wake();
      });
  }

  /** Claims until there is nothing due or nobody free. A nudge that comes meanwhile makes it look once more. */
  private async pump(): Promise<void> {
    while (this.nudged && this.active) {
      this.nudged = false;
      this.cancelTimer();
      const free = this.settings.concurrency - this.running.size;
      if (free <= 0) return;
      const now = this.clock.now();
      const leaseUntil = new Date(now.getTime() + this.settings.leaseMs);
      for (const owed of await this.ledger.claim(now, leaseUntil, free)) {
        if (!this.running.has(owed.event.id)) this.run(owed);
      }
    }
    await this.armTimer();
  }

  private async armTimer(): Promise<void> {
    const due = await this.ledger.nextDue();
    if (!due || this.nudged || !this.active) return;
    this.wakeAfter(due.getTime() - this.clock.now().getTime());
  }

  private wakeAfter(delayMs: number): void {
    this.cancelTimer = this.clock.after(delayMs, () => {
      this.wake();
    });
  }

  private run(owed: OwedEvent): void {
    const attempt = this.attempt(owed)
      .catch((error: unknown) => {
        this.logger.error(`The delivery of ${owed.event.id} could not be recorded: ${messageOf(error)}`);
      })
      .finally(() => {
        this.running.delete(owed.event.id);
        this.wake();
      });
    this.running.set(owed.event.id, attempt);
  }

  private async attempt({ event, attempts, handled }: OwedEvent): Promise<void> {
    const waiting = (this.handlers.get(event.type) ?? []).filter(({ id }) => !handled.includes(id));
    // Inside a promise's executor a handler that throws at once is a rejection like any other.
    const results = await Promise.allSettled(
      waiting.map(
        (handler) =>
          new Promise((resolve) => {
            resolve(handler.handle(event));
          }),
      ),
    );

    const done = waiting.filter((_, i) => results[i]?.status === 'fulfilled').map(({ id }) => id);
    const failed = waiting.filter((_, i) => results[i]?.status === 'rejected').map(({ id }) => id);
    const now = this.clock.now();
    const progress = { handled: [...handled, ...done], now };
    if (failed.length === 0) {
      await this.ledger.recordAttempt(event, progress);
      this.news.publish(event);
      return;
    }
    const reason: unknown = results.findLast((result) => result.status === 'rejected')?.reason;
    const failure = { handlers: failed, message: messageOf(reason) };
    const pause = pauseAfter(attempts + 1, this.settings, this.random);
    const retryAt = pause === undefined ? {} : { retryAt: new Date(now.getTime() + pause) };
    await this.ledger.recordAttempt(event, { ...progress, failure, ...retryAt });
    this.report(owedName(event), failure, attempts + 1, pause);
  }

  private report(name: string, { handlers, message }: DeliveryFailure, attempts: number, pause?: number): void {
    const what = `${name} failed in ${handlers.join(', ')} (attempt ${attempts}): ${message}`;
    if (pause === undefined) this.logger.error(`${what} It is now a dead letter; replay it when the cause is gone.`);
    else this.logger.warn(`${what} It is tried again in ${pause} ms.`);
  }
}

function owedName({ type, orderNo, id }: OwedEvent['event']): string {
  return `${type} of order ${orderNo} (${id})`;
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, LONGEST_MESSAGE);
}
