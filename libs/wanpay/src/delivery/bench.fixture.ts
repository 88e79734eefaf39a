import type { AtmEvent, AtmEventType } from '../ledger/events.js';
import { Ledger } from '../ledger/ledger.js';
import type { LedgerStore } from '../ledger/store.js';
import { MemoryStore } from '../ledger/stores/memory/memory-store.js';
import type { Cancel, Clock, VirtualAccount } from '../protocol/index.js';
import { Delivery, type DeliverySettings } from './delivery.js';
import { EventBroadcaster } from './event-broadcaster.js';
import type { AtmHandlerContext } from './handler-context.js';
import type { EventHandler } from './handlers.js';

export const START = Date.parse('2022-07-22T03:00:00Z');
/** Longer than any claim with these settings lasts. */
export const CLAIM_MS = 120_000;
export const SETTINGS: DeliverySettings = {
  enabled: true,
  maxAttempts: 3,
  baseDelayMs: 1000,
  maxDelayMs: 60_000,
  concurrency: 8,
  handlerTimeoutMs: 30_000,
  keepUnsubscribedDays: 30,
};
export const ACCOUNT: VirtualAccount = {
  number: '46710722851832',
  bankCode: '013',
  bankName: '國泰世華商業銀行',
  branchCode: '2022',
  branchName: '大昌分行',
  holder: '旺沛大數位股份有限公司',
  expiresAt: new Date('2022-07-24T15:59:59Z'),
};
const TURNS = 10;

/** Time that stands still until it is told to pass. */
export class ManualClock implements Clock {
  private ms = START;
  private timers: { readonly at: number; readonly task: () => void }[] = [];

  now(): Date {
    return new Date(this.ms);
  }

  after(delay: number, task: () => void): Cancel {
    const timer = { at: this.ms + delay, task };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass, and everything happen that falls due meanwhile. */
  async pass(ms: number): Promise<void> {
    const end = this.ms + ms;
    for (;;) {
      const [next] = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.ms = Math.max(this.ms, next.at);
      next.task();
      await quiet();
    }
    this.ms = end;
  }

  /** How long each timer has to run yet. */
  get armed(): readonly number[] {
    return this.timers.map(({ at }) => at - this.ms);
  }
}

/** Lets everything happen that waits for nothing but its turn. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A store that several processes work on. */
export class SharedStore extends MemoryStore {
  override readonly isShared = true;
}

/** A handler that notes its calls and ends each when it is told to. */
export class HeldHandler implements EventHandler {
  readonly isAsync = true;
  readonly calls: string[] = [];
  readonly contexts: AtmHandlerContext<unknown>[] = [];
  private readonly held: { readonly orderNo: string; readonly end: (error?: Error) => void }[] = [];

  constructor(
    readonly id: string,
    readonly type: AtmEventType = 'atm.issued',
    readonly transaction = false,
  ) {}

  handle(event: AtmEvent, context: AtmHandlerContext<unknown>): Promise<void> {
    this.calls.push(event.orderNo);
    this.contexts.push(context);
    return new Promise((resolve, reject) => {
      this.held.push({
        orderNo: event.orderNo,
        end: (error) => {
          if (error) reject(error);
          else resolve();
        },
      });
    });
  }

  get running(): number {
    return this.held.length;
  }

  /** Ends the oldest call, or the oldest about an order. */
  async end(orderNo?: string, error?: Error): Promise<void> {
    const i = orderNo === undefined ? 0 : this.held.findIndex((call) => call.orderNo === orderNo);
    const [call] = this.held.splice(i, 1);
    if (!call) throw new Error('No such call is running.');
    call.end(error);
    await quiet();
  }
}

export function handler(id: string, type: AtmEventType, handle: EventHandler['handle']): EventHandler {
  return { id, type, transaction: false, isAsync: false, handle };
}

export interface BenchOptions extends Partial<DeliverySettings> {
  /** Several benches over one store are several processes. */
  readonly store?: LedgerStore;
  readonly clock?: ManualClock;
  readonly random?: () => number;
}

/** A process: a ledger with some payments, and a delivery with what it needs. */
export class Bench {
  readonly clock: ManualClock;
  readonly ledger: Ledger;
  readonly broadcaster = new EventBroadcaster();
  readonly delivery: Delivery;

  constructor({
    store = new MemoryStore(),
    clock = new ManualClock(),
    random = () => 0.5,
    ...settings
  }: BenchOptions = {}) {
    this.clock = clock;
    this.ledger = new Ledger(store);
    this.delivery = new Delivery(this.ledger, this.broadcaster, clock, { ...SETTINGS, ...settings }, random, clock);
    this.delivery.listen();
  }

  async start(...handlers: EventHandler[]): Promise<void> {
    for (const each of handlers) this.delivery.register(each);
    await this.delivery.start();
    await quiet();
  }

  /** Opens a payment and has its account issued, which makes an `atm.issued`. */
  async issue(orderNo: string): Promise<void> {
    const now = this.clock.now();
    const key = { merchantNo: '1265', orderNo };
    const payment = { ...key, amount: 1280, livemode: false, createdAt: now, updatedAt: now };
    await this.ledger.open({ ...payment, state: 'opening' });
    await this.ledger.issue(key, ACCOUNT, now);
    await quiet();
  }

  /** Settles a payment as paid, which makes an `atm.paid`. */
  async pay(orderNo: string): Promise<void> {
    await this.ledger.settle({
      merchantNo: '1265',
      orderNo,
      livemode: false,
      outcome: { status: 'paid', code: '0000', reportedAmount: '1280' },
      source: 'notification',
      now: this.clock.now(),
    });
    await quiet();
  }

  /** Every delivery as `A1 atm.issued mail delivered`, in the order in which they were recorded. */
  async states(): Promise<readonly string[]> {
    const { deliveries } = await this.ledger.deliveries.list({ limit: 1000 }, this.clock.now());
    return deliveries.map(({ event, handler: id, state }) => `${event.orderNo} ${event.type} ${id} ${state}`).reverse();
  }
}
