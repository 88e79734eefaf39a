import type { ClaimedDelivery, Deliveries } from '../ledger/deliveries.js';
import { ClaimLostError } from '../ledger/errors.js';
import { type Observer, UNOBSERVED } from '../observation/observer.js';
import { StructuredLogger } from '../logging/structured-logger.js';
import { reasonOf } from '../protocol/cause.js';
import type { Cancel, Clock, Timers } from '../protocol/index.js';
import { describeSpan } from '../protocol/span.js';
import type { EventHandler } from './handlers.js';
import { fieldsOf } from './log-fields.js';

/** An attempt that runs in this process. Its abort controllers are created on first use, because two of them take 3 µs. */
class Running {
  #abort: AbortController | undefined;
  #rollBack: AbortController | undefined;

  constructor(public delivery: ClaimedDelivery) {}

  /** Aborts the handler's signal. */
  get abort(): AbortController {
    return (this.#abort ??= new AbortController());
  }

  /** Aborts the handler's transaction, when its time is over: a shutdown lets it finish. */
  get rollBack(): AbortController {
    return (this.#rollBack ??= new AbortController());
  }
}

/** How an attempt ended. */
export type Ended =
  /** The handler is done; for a transactional one that is recorded already. */
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly reason: unknown }
  /** It ended early because the host shuts down: it does not count. */
  | { readonly kind: 'interrupted' };

/** A claim lasts somewhat longer than an attempt should, within these bounds. */
const LEASE_FACTOR = 1.5;
const MIN_LEASE_MS = 3000;
const MAX_LEASE_MS = 60_000;
const RENEWALS_PER_LEASE = 3;

/** Calls handlers, and keeps their claims while they run. */
export class Attempts {
  private readonly logger = new StructuredLogger('WanPayDelivery');
  readonly #running = new Map<string, Running>();
  private cancelRenewal: Cancel | undefined;
  private isEnding = false;
  /** How long a claim lasts unless it is renewed; after a crash, the next process waits for its end. */
  readonly leaseMs: number;

  constructor(
    private readonly deliveries: Deliveries,
    private readonly clock: Clock,
    private readonly timeoutMs: number,
    /** Real time, as for every heartbeat. A clock that is moved lets claims lapse, and they are taken over. */
    private readonly heart: Timers,
    private readonly observer: Observer = UNOBSERVED,
  ) {
    this.leaseMs = Math.min(Math.max(timeoutMs * LEASE_FACTOR, MIN_LEASE_MS), MAX_LEASE_MS);
  }

  /**
   * Whether an attempt of this delivery runs here. A claim that lapsed while it ran, say because the clock was moved, has been
   * renewed by claiming it again.
   */
  takesOver(delivery: ClaimedDelivery): boolean {
    const running = this.#running.get(nameOf(delivery));
    if (!running) return false;
    // Claiming it counted an attempt, and none was begun.
    running.delivery = { ...delivery, attempt: running.delivery.attempt };
    void this.renew(running, this.leaseEnd(), running.delivery.attempt);
    return true;
  }

  /** The newest claim on a delivery that runs here. */
  claimOf(delivery: ClaimedDelivery): ClaimedDelivery {
    return this.#running.get(nameOf(delivery))?.delivery ?? delivery;
  }

  /**
   * Calls a handler; never rejects.
   *
   * @param onOverdue called when it takes longer than it may. A transaction is then rolled back; anything else goes on, and
   * its claim is kept
   */
  async run(delivery: ClaimedDelivery, handler: EventHandler, onOverdue: () => void): Promise<Ended> {
    const running = new Running(delivery);
    this.#running.set(nameOf(delivery), running);
    try {
      const { type, id: eventId, merchantNo, orderNo } = delivery.event;
      const about = {
        handler: delivery.handler,
        type,
        eventId,
        attempt: delivery.attempt,
        merchantNo,
        orderNo,
        trace: delivery.trace,
      };
      const work = this.observer.around({ name: 'delivery', ...about }, () => this.begin(running, handler));
      // What is done when it returns needs neither a timer nor its claim renewed.
      if (isThenable(work)) await this.watch(running, handler, work, onOverdue);
      return { kind: 'done' };
    } catch (reason) {
      const isInterrupted = this.isEnding && !running.rollBack.signal.aborted;
      return isInterrupted && reason === running.abort.signal.reason
        ? { kind: 'interrupted' }
        : { kind: 'failed', reason };
    }
  }

  /** Forgets an attempt, once what it came to is recorded. */
  forget(delivery: ClaimedDelivery): void {
    this.#running.delete(nameOf(delivery));
    if (this.#running.size === 0) this.stopRenewing();
  }

  /** Lets handlers that look at their signal end early. */
  abortAll(reason: string): void {
    this.isEnding = true;
    for (const running of this.#running.values()) running.abort.abort(new Error(reason));
  }

  /** Lets the claims of the attempts that still run lapse. */
  stopRenewing(): void {
    this.cancelRenewal?.();
    this.cancelRenewal = undefined;
  }

  private begin(running: Running, handler: EventHandler): unknown {
    return handler.transaction ? this.transact(running, handler) : this.call(running, handler, undefined);
  }

  private call(running: Running, handler: EventHandler, transaction: unknown): unknown {
    const { event, attempt } = running.delivery;
    const context = {
      attempt,
      get signal() {
        return running.abort.signal;
      },
      transaction,
    };
    return handler.handle(event, context);
  }

  private async transact(running: Running, handler: EventHandler): Promise<void> {
    const { delivery, rollBack } = running;
    const run = (transaction: unknown): unknown => this.call(running, handler, transaction);
    const work = { run, signal: rollBack.signal };
    if (!(await this.deliveries.transact(delivery, this.clock.now(), work)))
      throw new ClaimLostError(delivery.event.id);
  }

  private async watch(
    running: Running,
    { transaction }: EventHandler,
    work: PromiseLike<unknown>,
    onOverdue: () => void,
  ): Promise<void> {
    const { delivery } = running;
    this.cancelRenewal ??= this.renewLater();
    const cancel = this.clock.after(this.timeoutMs, () => {
      this.reportOverdue(delivery, transaction);
      const reason = new Error(`It was not done within ${describeSpan(this.timeoutMs)}.`);
      running.abort.abort(reason);
      running.rollBack.abort(reason);
      onOverdue();
    });
    try {
      await work;
    } finally {
      cancel();
    }
  }

  private renewLater(): Cancel {
    return this.heart.after(this.leaseMs / RENEWALS_PER_LEASE, () => {
      this.cancelRenewal = this.#running.size > 0 ? this.renewLater() : undefined;
      for (const running of this.#running.values()) void this.renew(running, this.leaseEnd());
    });
  }

  private leaseEnd(): Date {
    return new Date(this.clock.now().getTime() + this.leaseMs);
  }

  /** Never rejects. */
  private async renew(running: Running, until: Date, attempts?: number): Promise<void> {
    const { delivery } = running;
    try {
      const isKept = await this.deliveries.renew(delivery, until, attempts);
      // Another process has it, or the handler was retired.
      if (!isKept && running.delivery === delivery) running.abort.abort(new ClaimLostError(delivery.event.id));
    } catch (error) {
      const text = `The claim on ${delivery.event.id} could not be renewed: ${reasonOf(error)}`;
      this.logger.warn('claim_not_renewed', text, fieldsOf(delivery));
    }
  }

  private reportOverdue(delivery: ClaimedDelivery, isTransactional: boolean): void {
    const { event, handler } = delivery;
    this.logger.warn(
      'handler_overdue',
      `${handler} has been handling ${event.type} of order ${event.orderNo} (${event.id}) for ${describeSpan(this.timeoutMs)}. ` +
        `Its signal is aborted. ${isTransactional ? 'Its transaction is rolled back.' : 'No other attempt starts while it runs.'}`,
      fieldsOf(delivery),
    );
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function nameOf({ key: { merchantNo, orderNo, seq }, handler }: ClaimedDelivery): string {
  // No part holds a NUL. This is called four times for each attempt, and JSON would take three times as long.
  return `${merchantNo}\0${orderNo}\0${seq}\0${handler}`;
}
