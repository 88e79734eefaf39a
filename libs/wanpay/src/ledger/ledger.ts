import type { Outcome, VirtualAccount } from '../protocol/index.js';
import { pageLimit, readCursor, toPage } from './cursor.js';
import { Deliveries } from './deliveries.js';
import { type AtmEvent } from './events.js';
import { checkKey, digestOf } from './order-key.js';
import { type Applied, OrderWriter } from './order-writer.js';
import { type IssuedPayment, type Payment, type PaymentKey, type PaymentState } from './payment.js';
import { issue, settle, type Settlement, unknownOrder } from './settle.js';
import type {
  CheckClaim,
  ClaimedChecks,
  LedgerStore,
  OutcomeSource,
  Period,
  PeriodSummary,
  StoredOutcome,
  TransactionSupport,
  UnknownOrder,
} from './store.js';
import { type PaymentFilter, type PaymentPage, type TimelineEntry, toTimeline } from './timeline.js';

/** What the platform said about an order, to be applied and recorded. */
export interface Report extends PaymentKey {
  readonly outcome: Outcome;
  readonly source: OutcomeSource;
  /** Taken over by the event when the order is unknown. */
  readonly livemode: boolean;
  /** Whether a "paid" must be confirmed by a query before it is believed. */
  readonly mustConfirm?: boolean;
  readonly now: Date;
}

/** What became of a report; without a payment, the order is unknown. */
export type Settled = Omit<Settlement, 'payment'> & { readonly payment?: Payment };

/** A payment whose check was claimed. */
export interface DueCheck {
  readonly payment: Payment;
  /** How many checks in a row had no answer before this one. */
  readonly failures: number;
  /** Until when nobody else claims it; it also proves the claim. */
  readonly leaseUntil: Date;
}

/** When a payment is to be asked about next. */
export interface NextCheck {
  /** Absent when it needs no more checks. */
  readonly at?: Date;
  /** How many checks in a row have had no answer so far. */
  readonly failures: number;
}

const ENDED: readonly PaymentState[] = ['paid', 'failed', 'closed', 'expired'];

/**
 * The truth: payments, what was said about them, and the events that came of it. Every rule about money is here or in
 * {@link settle}; the store below keeps rows.
 *
 * When a method's promise resolves, what it did survives whatever the store promises to survive; when it rejects, nothing
 * was done. Methods may be called concurrently, and from several processes over one shared store.
 */
export class Ledger {
  /** The events' way to the host's handlers. */
  readonly deliveries: Deliveries;
  private readonly writer: OrderWriter;
  private readonly listeners: ((events: readonly AtmEvent[]) => void)[] = [];

  constructor(private readonly store: LedgerStore) {
    this.deliveries = new Deliveries(store);
    this.writer = new OrderWriter(store, (events) => {
      this.announce(events);
    });
  }

  get transactions(): TransactionSupport {
    return this.store.transactions;
  }

  /** Whether other processes may work on the same data, so that deliveries can appear without anyone here knowing. */
  get isShared(): boolean {
    return this.store.isShared;
  }

  /** Called once before anything else: connects, and brings the tables up to date. */
  start(): Promise<void> {
    return this.store.start(() => {
      this.announce([]);
    });
  }

  /** Called once when nothing else will be asked; closes what {@link start} opened. */
  stop(): Promise<void> {
    return this.store.stop();
  }

  /**
   * Calls back, after the commit, when events were recorded: with those that this process recorded, or with none when
   * another process recorded some. It is a hint: it may be missed.
   */
  onEvents(listener: (events: readonly AtmEvent[]) => void): void {
    this.listeners.push(listener);
  }

  /**
   * Records that a payment is being opened, unless its order number is taken; tells which of the two it was.
   *
   * @param nextCheckAt when the platform is to be asked about it
   */
  open(payment: Payment, nextCheckAt?: Date): Promise<{ readonly payment: Payment; readonly opened: boolean }> {
    return this.writer.write(payment, (record): Applied<{ payment: Payment; opened: boolean }> => {
      if (record?.payment) return { result: { payment: record.payment, opened: false } };
      return {
        result: { payment, opened: true },
        change: { payment, ...(nextCheckAt ? { check: { set: { at: nextCheckAt, failures: 0 } } } : {}) },
      };
    });
  }

  /** Removes a payment that the platform never took up; does nothing once something is known of it. */
  withdraw(key: PaymentKey): Promise<void> {
    return this.writer.write(key, (record): Applied<void> => {
      const isUntouched = record?.payment?.state === 'opening' && record.eventCount === 0;
      return { result: undefined, ...(isUntouched ? { change: { remove: true } } : {}) };
    });
  }

  /** The payment; undefined when there is none. */
  async find(key: PaymentKey): Promise<Payment | undefined> {
    checkKey(key);
    const [record] = await this.store.load([key]);
    return record?.payment;
  }

  /**
   * Stores the account that the platform issued, with its event (`issue`). Undefined when there is no such payment.
   *
   * @param nextCheckAt when the platform is to be asked about it at the latest. A payment that is paid gets no check
   */
  issue(key: PaymentKey, account: VirtualAccount, now: Date, nextCheckAt?: Date): Promise<IssuedPayment | undefined> {
    return this.writer.write(key, (record): Applied<IssuedPayment | undefined> => {
      if (!record?.payment) return { result: undefined };
      const { payment, events } = issue(record.payment, account, now);
      const check = nextCheckAt && payment.state !== 'paid' ? { check: { by: nextCheckAt } } : {};
      return { result: payment, change: { payment, events, ...check } };
    });
  }

  /**
   * Applies an outcome (`settle`, `unknownOrder`) and records it, with what it changed and the events. A payment that is paid
   * needs no more checks; an unconfirmed notification makes its payment's next check due at `report.now`.
   */
  settle(report: Report): Promise<Settled> {
    return this.writer.write(report, (record) => {
      const { outcome, now } = report;
      const before = record?.payment;
      if (!before) return settleUnknown(report, record?.unknown);
      const { payment, events, unconfirmed } = settle(before, outcome, now, report.mustConfirm);
      const outcomes = [toStoredOutcome(report, { from: before.state, to: payment.state })];
      const result = { payment, events, unconfirmed };
      if (payment === before) {
        const isDoubted = unconfirmed && report.source === 'notification';
        // Raises the version, as requestCheck does.
        return { result, ...(isDoubted ? { change: { outcomes, check: { by: now } } } : { note: { outcomes } }) };
      }
      const check = payment.state === 'paid' ? { check: 'remove' as const } : {};
      return { result, change: { payment, events, outcomes, ...check } };
    });
  }

  /**
   * Payments by the time of their creation, newest first.
   *
   * @throws InvalidFieldError when `limit` is outside 1 to 1000
   * @throws InvalidCursorError when `after` is not the `next` of a page
   */
  async list({ after, limit: asked, ...filter }: PaymentFilter): Promise<PaymentPage> {
    const limit = pageLimit(asked);
    const position = after === undefined ? {} : { after: readCursor(after) };
    return toPage(await this.store.listPayments({ ...filter, ...position, limit }), limit);
  }

  /** Everything that was said about an order and came of it, oldest first. */
  async timeline(key: PaymentKey): Promise<readonly TimelineEntry[]> {
    checkKey(key);
    return toTimeline(await this.store.history(key));
  }

  /**
   * Removes up to `limit` orders that ended (`paid`, `failed`, `closed`, `expired`) or are unknown, with their history, that
   * were last changed before `before`, unless a delivery of theirs is pending or dead; returns how many.
   */
  async purge(before: Date, limit: number): Promise<number> {
    const purged = await this.store.purge(ENDED, before, limit);
    if (purged > 0) this.writer.forget();
    return purged;
  }

  /** Counts the payments of a period. */
  summarize(period: Period): Promise<PeriodSummary> {
    return this.store.count(period);
  }

  /** Takes up to `limit` payments whose check is due, the longest due first, for the caller alone until `leaseUntil`. */
  claimChecks(claim: CheckClaim): Promise<ClaimedChecks> {
    return this.store.claimChecks(claim);
  }

  /** When the next check falls due; undefined when none is planned. */
  async nextCheckDue(now: Date, merchantNo?: string): Promise<Date | undefined> {
    const merchant = merchantNo === undefined ? {} : { merchantNo };
    return (await this.store.claimChecks({ now, leaseUntil: now, limit: 0, ...merchant })).nextDueAt;
  }

  /** Gives back a claimed check; false, and nothing done, when the claim is no longer the caller's. A paid payment gets no check. */
  scheduleCheck({ payment, leaseUntil }: DueCheck, { at, failures }: NextCheck): Promise<boolean> {
    const check = at ? { set: { at, failures } } : ('remove' as const);
    return this.writer.writeIf(payment, { expectedCheckAt: leaseUntil, check });
  }

  /** Makes a payment's check due at `now`, unless it is due already; false when there is no such payment or it is paid. */
  requestCheck(key: PaymentKey, now: Date): Promise<boolean> {
    return this.writer.write(key, (record): Applied<boolean> => {
      if (!record?.payment || record.payment.state === 'paid') return { result: false };
      // Raises the version, so that a settlement meanwhile is noticed: a paid payment must get no check.
      return { result: true, change: { check: { by: now } } };
    });
  }

  /** Takes or renews a named lease, which one holder has at a time until it lapses; false while another holds it. */
  takeLease(name: string, holder: string, now: Date, until: Date): Promise<boolean> {
    return this.store.lease({ name, holder, now, until });
  }

  /** Gives back a lease, if the holder still has it. */
  async dropLease(name: string, holder: string, now: Date): Promise<void> {
    await this.store.lease({ name, holder, now });
  }

  private announce(events: readonly AtmEvent[]): void {
    for (const listener of this.listeners) listener(events);
  }
}

/** The platform's word about an order without a payment: the same fact again is no second event. */
function settleUnknown(report: Report, known: UnknownOrder | undefined): Applied<Settled> {
  const { outcome, now } = report;
  const event = unknownOrder(report, outcome, now);
  const outcomes = [toStoredOutcome(report)];
  const facts = known?.facts ?? [];
  if (facts.includes(event.id)) return { result: { events: [], unconfirmed: false }, note: { outcomes } };
  const unknown = { facts: [...facts, event.id], firstSeenAt: known?.firstSeenAt ?? now, updatedAt: now };
  return { result: { events: [event], unconfirmed: false }, change: { unknown, events: [event], outcomes } };
}

function toStoredOutcome({ outcome, source, now }: Report, change?: StoredOutcome['change']): StoredOutcome {
  const digest = digestOf(source, outcome, change?.to);
  const times = { firstSeenAt: now, lastSeenAt: now, count: 1 };
  return { digest, source, outcome, ...times, ...(change ? { change } : {}) };
}
