import type { Outcome, VirtualAccount } from '../protocol/index.js';
import { pageLimit, readCursor, toPage } from './cursor.js';
import { type ClaimedDelivery, Deliveries, type OfferDeliveries } from './deliveries.js';
import { type AtmEvent } from './events.js';
import { checkKey, digestOf } from './order-key.js';
import { type PersonAction, toStoredAction } from './person-action.js';
import { type Applied, OrderWriter } from './order-writer.js';
import {
  changed,
  type IssuedPayment,
  type Payment,
  type PaymentFailure,
  type PaymentKey,
  type PaymentState,
} from './payment.js';
import { type Review, toReview } from './review.js';
import { accept, fail, isReplyAwaited, issue, loseReply, settle, type Settlement, unknownOrder } from './settle.js';
import type {
  CheckClaim,
  ClaimedChecks,
  KeptRecord,
  KeptRecordQuery,
  LedgerStore,
  ListedOrder,
  ListedUnknownOrder,
  OutcomeSource,
  Period,
  PeriodSummary,
  RecordedOutcome,
  StoredOutcome,
  TransactionSupport,
  UnknownOrder,
} from './store.js';
import { anyTransferOf, lookUp } from './transfer.js';
import {
  type PaymentFilter,
  type PaymentPage,
  type TimelineEntry,
  toTimeline,
  type UnknownOrderFilter,
  type UnknownOrderPage,
} from './timeline.js';

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

/** Called with events after their commit, and with those of their deliveries that this process claimed with that commit. */
export type EventListener = (events: readonly AtmEvent[], claimed: readonly ClaimedDelivery[]) => void;

/** Hears what became of a report once that is committed. */
export type SettlementListener = (source: OutcomeSource, settled: Pick<Settled, 'payment' | 'events'>) => void;

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

/** A payment's check is brought forward at most once in so many minutes: strangers can repeat what was once signed. */
const EXPEDITE_EVERY_MINUTES = 5;
const MINUTE_MS = 60_000;
const RECORDS_KEPT_MS = 366 * 86_400_000;
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
  private readonly listeners: EventListener[] = [];
  private onSettlement: SettlementListener | undefined;

  /** @param random numbers from 0 to below 1 */
  constructor(
    private readonly store: LedgerStore,
    random: () => number = Math.random,
  ) {
    this.deliveries = new Deliveries(store);
    this.writer = new OrderWriter(
      store,
      (events, claimed) => {
        this.announce(events, claimed);
      },
      random,
    );
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
      this.announce([], []);
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
  onEvents(listener: EventListener): void {
    this.listeners.push(listener);
  }

  /**
   * Sets what is called whenever events are about to be recorded: it returns which of their deliveries this process claims with
   * the commit, if the store can do that. Claimed deliveries are passed to {@link onEvents}. Undefined turns this off.
   */
  offerDeliveries(offer: OfferDeliveries | undefined): void {
    this.writer.offer = offer;
  }

  /** Calls back, after the commit, when an outcome or a person's decision was applied in this process; one listener at most. */
  onSettled(listener: SettlementListener | undefined): void {
    this.onSettlement = listener;
  }

  /** Keeps with each event the trace context that the callback tells at the time; undefined ends that. */
  traceBy(readTrace: (() => string | undefined) | undefined): void {
    this.writer.readTrace = readTrace;
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

  /**
   * The platform is asked again for an account: until then its reply may come.
   *
   * @returns false when the payment is not `opening`, or another process that shares the ledger awaits the reply just now
   */
  awaitReply(key: PaymentKey, now: Date, replyAwaitedUntil: Date): Promise<boolean> {
    return this.writer.write(key, (record): Applied<boolean> => {
      const payment = record?.payment;
      if (payment?.state !== 'opening' || (this.isShared && isReplyAwaited(payment, now))) return { result: false };
      return { result: true, change: { payment: changed(payment, { replyAwaitedUntil }) } };
    });
  }

  /**
   * The platform's reply did not come, and will not (`loseReply`). The payment stays `opening`, to be asked about.
   *
   * @param failure what the platform said instead, if anything
   */
  loseReply(key: PaymentKey, now: Date, failure?: PaymentFailure): Promise<void> {
    return this.change(key, (payment) => loseReply(payment, now, failure));
  }

  /** Ends a payment whose account will never be known (`fail`). */
  fail(key: PaymentKey, failure: PaymentFailure, now: Date): Promise<void> {
    return this.change(key, (payment) => fail(payment, failure, now));
  }

  /**
   * Removes a payment that the platform never took up, so that its number is free again. One that has events or money stays
   * `opening`, to be asked for again: its history must not be lost.
   */
  withdraw(key: PaymentKey, failure: PaymentFailure, now: Date): Promise<void> {
    return this.writer.write(key, (record): Applied<void> => {
      if (record?.payment?.state !== 'opening') return NOTHING;
      const { heldTransfers, otherTransfers } = record.payment;
      const isUntouched = record.eventCount === 0 && !heldTransfers && !otherTransfers;
      if (isUntouched) return { result: undefined, change: { remove: true } };
      const { payment, events } = loseReply(record.payment, now, failure);
      return { result: undefined, change: { payment, events } };
    });
  }

  /**
   * A person decides that unclaimed money pays a payment (`accept`); the decision and its reason are part of the history.
   *
   * @returns undefined when there is no such payment, or nothing of the amount asked waits for such a decision
   */
  async accept(key: PaymentKey, reason: string, now: Date, by?: string): Promise<Payment | undefined> {
    const settled = await this.writer.write(
      key,
      (record): Applied<Pick<Settlement, 'payment' | 'events'> | undefined> => {
        const before = record?.payment;
        const accepted = before && accept(before, reason, now, by);
        if (!accepted) return { result: undefined };
        const { payment, events, transfer } = accepted;
        const outcome: RecordedOutcome = {
          ...{ status: 'paid', code: ACCEPTED, ...transfer, message: reason },
          ...(by === undefined ? {} : { by }),
        };
        const report = { ...key, livemode: payment.livemode, outcome, source: 'person' as const, now };
        const outcomes = [toStoredOutcome(report, { from: before.state, to: payment.state })];
        return { result: { payment, events }, change: { payment, events, outcomes, check: 'remove' } };
      },
    );
    if (settled) this.onSettlement?.('person', settled);
    return settled?.payment;
  }

  /**
   * Records what a person did about an order. Once it was `reviewed`, the order needs no person until more money comes.
   *
   * @returns false when there is no such order
   */
  recordAction(key: PaymentKey, action: PersonAction, now: Date): Promise<boolean> {
    return this.writer.write(key, (record): Applied<boolean> => {
      const { payment, unknown } = record ?? {};
      const outcomes = [toStoredAction(action, now)];
      const reviewOf = (order: Payment | UnknownOrder): { review: Review; updatedAt: Date } => ({
        review: toReview(order, now, action.by, action.transfers),
        updatedAt: now,
      });
      if (!payment && !unknown) return { result: false };
      if (action.action !== 'reviewed') return { result: true, note: { outcomes } };
      if (payment) return { result: true, change: { payment: changed(payment, reviewOf(payment)), outcomes } };
      return {
        result: true,
        change: unknown ? { unknown: { ...unknown, ...reviewOf(unknown) }, outcomes } : { outcomes },
      };
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
      if (payment.state === 'paid') return { result: payment, change: { payment, events, check: 'remove' } };
      return { result: payment, change: { payment, events, ...(nextCheckAt ? { check: { by: nextCheckAt } } : {}) } };
    });
  }

  /**
   * Applies an outcome (`settle`, `unknownOrder`) and records it, with what it changed and the events. A payment that is paid
   * needs no more checks; an unconfirmed notification brings its payment's check forward, as {@link requestCheck} does.
   */
  async settle(report: Report): Promise<Settled> {
    const settled = await this.writer.write(report, (record): Applied<Settled> => {
      const { outcome, now } = report;
      const before = record?.payment;
      if (!before) return settleUnknown(report, record?.unknown);
      const { payment, events, unconfirmed } = settle(before, outcome, now, report.mustConfirm);
      const outcomes = [toStoredOutcome(report, { from: before.state, to: payment.state })];
      const result = { payment, events, unconfirmed };
      const expedited = unconfirmed && report.source === 'notification' ? expedite(payment, now) : undefined;
      if (expedited) return { result, change: { ...expedited, events, outcomes } };
      if (payment === before) return { result, note: { outcomes } };
      const check = payment.state === 'paid' ? { check: 'remove' as const } : {};
      return { result, change: { payment, events, outcomes, ...check } };
    });
    this.onSettlement?.(report.source, settled);
    return settled;
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
    const orders = await this.store.listOrders({ ...filter, ...position, limit });
    return toPage(orders.filter(isPayment), limit);
  }

  /**
   * Orders that are known from the platform's word alone, by the time when they were first heard of, newest first.
   *
   * @throws InvalidFieldError when `limit` is outside 1 to 1000
   * @throws InvalidCursorError when `after` is not the `next` of a page
   */
  async listUnknownOrders({ after, limit: asked, ...filter }: UnknownOrderFilter): Promise<UnknownOrderPage> {
    const limit = pageLimit(asked);
    const position = after === undefined ? {} : { after: readCursor(after) };
    const orders = await this.store.listOrders({ ...filter, ...position, hasPayment: false, limit });
    const { payments, next } = toPage(
      orders.filter(isUnknown).map((order) => ({ ...order, createdAt: order.firstSeenAt })),
      limit,
    );
    return { orders: payments.map(({ createdAt: _firstSeenAt, ...order }) => order), ...(next ? { next } : {}) };
  }

  /** Returns an order that this ledger did not open; undefined if it has a payment, or if the platform never reported it. */
  async findUnknown(key: PaymentKey): Promise<ListedUnknownOrder | undefined> {
    checkKey(key);
    const [record] = await this.store.load([key]);
    return record?.unknown && { ...record.unknown, merchantNo: key.merchantNo, orderNo: key.orderNo };
  }

  /** Keeps a document beside the payments, for a year, or replaces it. */
  keepRecord(record: KeptRecord, now: Date): Promise<void> {
    return this.store.records.keep(record, new Date(now.getTime() - RECORDS_KEPT_MS));
  }

  /** Kept documents of a kind, newest first. */
  listRecords(query: KeptRecordQuery): Promise<readonly KeptRecord[]> {
    return this.store.records.list(query);
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

  /**
   * Gives back a claimed check; false, and nothing done, when the claim is no longer the caller's. A paid payment gets no check.
   */
  scheduleCheck({ payment, leaseUntil }: DueCheck, { at, failures }: NextCheck): Promise<boolean> {
    const check = at ? { set: { at, failures } } : ('remove' as const);
    return this.writer.writeIf(payment, { expectedCheckAt: leaseUntil, check });
  }

  /**
   * Brings a payment's check forward to `now`, or to five minutes after it was last brought forward, unless it is due earlier
   * already; false when that changes nothing, since there is no such payment, it is paid, or it was done before.
   */
  requestCheck(key: PaymentKey, now: Date): Promise<boolean> {
    return this.writer.write(key, (record): Applied<boolean> => {
      const expedited = record?.payment && record.payment.state !== 'paid' && expedite(record.payment, now);
      return expedited ? { result: true, change: expedited } : { result: false };
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

  private change(key: PaymentKey, rule: (payment: Payment) => Settlement): Promise<void> {
    return this.writer.write(key, (record): Applied<void> => {
      if (!record?.payment) return NOTHING;
      const { payment, events } = rule(record.payment);
      return payment === record.payment ? NOTHING : { result: undefined, change: { payment, events } };
    });
  }

  private announce(...recorded: Parameters<EventListener>): void {
    for (const listener of this.listeners) listener(...recorded);
  }
}

/** What a rule comes to that changes nothing. */
const NOTHING: Applied<void> = { result: undefined };
/** The code of a person's decision, among those of the platform. */
const ACCEPTED = 'accepted';

/**
 * Plans a check that was asked for: at once, or when the reply can't come any more that would say more, and at most once in
 * five minutes. Undefined while such a check is planned. It changes the payment, so that a settlement meanwhile is noticed: a
 * paid payment must get no check.
 */
function expedite(payment: Payment, now: Date): { payment: Payment; check: { by: Date } } | undefined {
  const { expeditedAt, replyAwaitedUntil } = payment;
  if (expeditedAt && expeditedAt > now) return undefined;
  const earliest = isReplyAwaited(payment, now) ? (replyAwaitedUntil ?? now) : now;
  const allowed = expeditedAt ? expeditedAt.getTime() + EXPEDITE_EVERY_MINUTES * MINUTE_MS : 0;
  const by = new Date(Math.max(earliest.getTime(), allowed));
  return { payment: changed(payment, { expeditedAt: by }), check: { by } };
}

/** The platform's word about an order without a payment: the same transfer, or the same code, again is no second event. */
function settleUnknown(report: Report, known: UnknownOrder | undefined): Applied<Settled> {
  const { outcome, now } = report;
  const { transfers = [], codes = [], firstSeenAt = now, review } = known ?? {};
  const result = { events: [], unconfirmed: false };
  const outcomes = [toStoredOutcome(report)];
  const transfer = outcome.status === 'paid' ? anyTransferOf(outcome) : undefined;
  const seen = transfer ? lookUp(transfers, transfer) : { kind: codes.includes(outcome.code) ? 'known' : 'new' };
  if (seen.kind === 'known') return { result, note: { outcomes } };
  const head = { firstSeenAt, updatedAt: now, ...(review ? { review } : {}) };
  if ('transfer' in seen) {
    const completed = transfers.map((other, i) => (i === seen.index ? seen.transfer : other));
    return { result, change: { unknown: { ...head, transfers: completed, codes }, outcomes } };
  }
  const event = unknownOrder(report, outcome, now);
  const unknown = transfer
    ? { ...head, transfers: [...transfers, transfer], codes }
    : { ...head, transfers, codes: [...codes, outcome.code] };
  return { result: { events: [event], unconfirmed: false }, change: { unknown, events: [event], outcomes } };
}

function toStoredOutcome(
  { outcome, source, now }: Pick<StoredOutcome, 'outcome' | 'source'> & { readonly now: Date },
  change?: StoredOutcome['change'],
): StoredOutcome {
  const digest = digestOf(source, outcome, change?.to);
  const [firstSeenAt, lastSeenAt, count] = [now, now, 1];
  // Written out twice, because a field that is added later costs 40 bytes for each outcome.
  return change
    ? { digest, source, outcome, change, firstSeenAt, lastSeenAt, count }
    : { digest, source, outcome, firstSeenAt, lastSeenAt, count };
}

function isPayment(order: ListedOrder): order is Payment {
  return 'state' in order;
}

function isUnknown(order: ListedOrder): order is ListedUnknownOrder {
  return !isPayment(order);
}
