import type { Deliveries, HandlerStatus } from '../ledger/deliveries.js';
import type { Subscription } from '../ledger/store.js';
import { StructuredLogger } from '../logging/structured-logger.js';
import { reasonOf } from '../protocol/cause.js';
import type { Cancel, Clock, Timers } from '../protocol/index.js';
import type { Handlers } from './handlers.js';

const SETTLING_MS = 1000;
const REFRESH_MS = 60_000;
/** How soon it is tried again to make the handlers known. */
const RETRY_MS = 5000;
const REMINDER_MS = 600_000;
const DAY_MS = 86_400_000;

/** Makes this process's handlers known in the ledger, says every minute that it still has them, and tells which ones nobody has. */
export class Presence {
  private readonly logger = new StructuredLogger('WanPayDelivery');
  private readonly reminded = new Map<string, number>();
  private readonly announced = new Set<string>();
  private active = false;
  private isStarted = false;
  private cancelTimer: Cancel = () => undefined;

  /** @param onAdopted called when events may have been given to this process's handlers */
  constructor(
    private readonly deliveries: Deliveries,
    private readonly handlers: Handlers,
    private readonly clock: Clock,
    private readonly keepUnsubscribedDays: number,
    private readonly onAdopted: () => void,
    /** Real time: a clock that tests move by days would make thousands of heartbeats. */
    private readonly heart: Timers,
  ) {}

  /** Resolves when the handlers are known, or that has failed and is tried again; never rejects. */
  async start(): Promise<void> {
    this.active = true;
    this.tellFound();
    await this.refresh();
  }

  /** Tells which handlers are here, and whether any process has one of atm.paid, without subscribing; never rejects. */
  async look(): Promise<void> {
    this.tellFound();
    if (this.handlers.has('atm.paid')) return;
    try {
      this.warnOfNone(await this.deliveries.handlers(this.clock.now()));
    } catch (error) {
      const text = `The ledger could not be asked which handlers there are: ${reasonOf(error)}`;
      this.logger.warn('handlers_not_listed', text);
    }
  }

  stop(): void {
    this.active = false;
    this.cancelTimer();
  }

  /** Makes handlers known that are not yet. */
  async announce(): Promise<readonly HandlerStatus[]> {
    const now = this.clock.now();
    const unknown = this.handlers.subscriptions.filter((subscription) => !this.announced.has(nameOf(subscription)));
    const known = await this.deliveries.subscribe(unknown, now, this.keptSince(now));
    for (const subscription of unknown) this.announced.add(nameOf(subscription));
    return known;
  }

  private async refresh(): Promise<void> {
    let pause = REFRESH_MS;
    try {
      const known = await this.sayAll();
      if (!this.isStarted) this.warnOfNone(known);
      // An event that was being recorded while this process subscribed may have been kept: it is looked for once more soon.
      if (!this.isStarted) pause = SETTLING_MS;
      this.isStarted = true;
      this.remind(known);
      this.onAdopted();
    } catch (error) {
      pause = this.isStarted ? REFRESH_MS : RETRY_MS;
      const text = `The ledger could not be told which handlers run here: ${reasonOf(error)}`;
      this.logger.warn('handlers_not_announced', text);
    }
    if (!this.active) return;
    this.cancelTimer = this.heart.after(pause, () => void this.refresh());
  }

  private sayAll(): Promise<readonly HandlerStatus[]> {
    const now = this.clock.now();
    const { subscriptions } = this.handlers;
    const isKnown = this.isStarted && subscriptions.every((subscription) => this.announced.has(nameOf(subscription)));
    return isKnown ? this.deliveries.refresh(subscriptions, now, this.keptSince(now)) : this.announce();
  }

  private warnOfNone(known: readonly HandlerStatus[]): void {
    if (known.some(({ types }) => types.includes('atm.paid'))) return;
    this.logger.warn(
      'paid_handler_missing',
      "No handler of atm.paid is known, here or in any other process. Decorate a method of a provider with @OnAtmEvent('atm.paid').",
    );
  }

  private keptSince(now: Date): Date {
    return new Date(now.getTime() - this.keepUnsubscribedDays * DAY_MS);
  }

  private tellFound(): void {
    const found = this.handlers.all.map(({ id, type }) => `${id} (${type})`).sort();
    const text = found.length > 0 ? `Handlers found: ${found.join(', ')}` : 'No handlers were found.';
    this.logger.log('handlers_found', text);
  }

  private remind(known: readonly HandlerStatus[]): void {
    const now = this.clock.now().getTime();
    for (const { id, isRunning, pending } of known) {
      const last = this.reminded.get(id) ?? Number.NEGATIVE_INFINITY;
      if (isRunning || pending === 0 || now - last < REMINDER_MS) continue;
      this.reminded.set(id, now);
      this.logger.warn(
        'handler_not_running',
        `No process has the handler ${id}. Deliveries that wait for it: ${pending}. Deploy it, or drop them for good ` +
          `with wanpay.retireHandler('${id}').`,
        { handler: id, pending },
      );
    }
  }
}

function nameOf({ handler, type }: Subscription): string {
  return `${type} ${handler}`;
}
