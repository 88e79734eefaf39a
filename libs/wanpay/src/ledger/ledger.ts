import type { Outcome, VirtualAccount } from '../protocol/index.js';
import type { AtmEvent, AtmEventType } from './events.js';
import type { IssuedPayment, Payment, PaymentKey, PaymentState } from './payment.js';
import type { Settlement } from './settle.js';

/** How an outcome was learnt. */
export type OutcomeSource = 'notification' | 'query';

/** What the platform said of an order, to be applied and recorded. */
export interface Report extends PaymentKey {
  readonly outcome: Outcome;
  readonly source: OutcomeSource;
  /** Taken over by the event when the order is not in the ledger. */
  readonly livemode: boolean;
  /** Whether a "paid" is to be confirmed by a query before it is believed. */
  readonly mustConfirm?: boolean;
  readonly now: Date;
}

/** What became of a report; without a payment, the order is not in the ledger. */
export type Settled = Omit<Settlement, 'payment'> & { readonly payment?: Payment };

/** An event that was claimed for delivery. */
export interface OwedEvent {
  readonly event: AtmEvent;
  /** Which attempt this is, from 1; a replay counts anew. An attempt that a crash cut short counts. */
  readonly attempt: number;
  /** What proves the claim: no other claim on this event ever has the same number. */
  readonly claim: number;
  /** The handlers that have done their part already. */
  readonly handled: readonly string[];
}

/** What one attempt at delivering an event came to. */
export interface DeliveryAttempt {
  /** The handlers that did their part in this attempt; they are added to those before. */
  readonly handled: readonly string[];
  /** Why it is not done yet. */
  readonly failure?: DeliveryFailure;
  /** When to try again; without it, the event is done, or with a failure given up: a dead letter. */
  readonly retryAt?: Date;
  readonly now: Date;
}

/** Which handlers failed, and how the last of them did. */
export interface DeliveryFailure {
  readonly handlers: readonly string[];
  readonly message: string;
}

/** An event whose delivery was given up; a person can look at it and replay it. */
export interface DeadLetter {
  readonly event: AtmEvent;
  /** How many attempts failed. */
  readonly attempts: number;
  readonly handled: readonly string[];
  readonly failure: DeliveryFailure;
  readonly diedAt: Date;
}

/** Which payments to list. */
export interface PaymentFilter {
  readonly merchantNo?: string;
  readonly states?: readonly PaymentState[];
  /** Created at or after this. */
  readonly createdFrom?: Date;
  /** Created before this. */
  readonly createdBefore?: Date;
  /** At most so many, 1 to 1000; 50 by default. */
  readonly limit?: number;
  /** The `next` of the page before. */
  readonly after?: string;
}

/** Some payments, newest first. */
export interface PaymentPage {
  readonly payments: readonly Payment[];
  /** Pass it as `after` for the payments that follow; absent on the last page. */
  readonly next?: string;
}

/** Something that the platform said of an order, and what it changed. */
export interface OutcomeSeen {
  readonly kind: 'outcome';
  readonly at: Date;
  readonly source: OutcomeSource;
  readonly outcome: Outcome;
  /** The payment's states before and after; absent when the order was not in the ledger. */
  readonly change?: { readonly from: PaymentState; readonly to: PaymentState };
}

/** An event that was owed to the host, and how far its delivery is. */
export interface EventOwed {
  readonly kind: 'event';
  readonly at: Date;
  readonly eventId: string;
  readonly type: AtmEventType;
  readonly delivery: 'owed' | 'delivered' | 'dead';
  readonly attempts: number;
  readonly handled: readonly string[];
  readonly failure?: DeliveryFailure;
}

/** One line of an order's history. */
export type TimelineEntry = OutcomeSeen | EventOwed;

/** A payment that was claimed, to ask the platform how it stands. */
export interface DueCheck {
  readonly payment: Payment;
  /** How many checks in a row had no answer before this one. */
  readonly failures: number;
  /** Until when nobody else claims it; it also proves the claim. */
  readonly leaseUntil: Date;
}

/** When a payment is to be asked after next. */
export interface NextCheck {
  /** Absent when it needs no more checks. */
  readonly at?: Date;
  /** How many checks in a row have had no answer so far. */
  readonly failures: number;
}

/** A period, and whose payments are meant. */
export interface Period {
  /** This moment and later. */
  readonly from: Date;
  /** Before this moment. */
  readonly to: Date;
  /** Left out, every merchant's. */
  readonly merchantNo?: string;
}

/** What the ledger knows of the payments that were created in a period. */
export interface PeriodSummary {
  /** How many payments are in each state. */
  readonly states: Readonly<Record<PaymentState, number>>;
  /** How many of those that ended did so by a notification, and how many by a query. */
  readonly settledBy: Readonly<Record<OutcomeSource, number>>;
  /** Payments for which the platform reported an amount that was not asked. */
  readonly mismatched: number;
  /** Signed news in the period of orders that are not in the ledger. */
  readonly unmatched: number;
}

/**
 * Whether a handler can write in the very transaction that marks its event as handled: with a client that it may await
 * (`async`), with one that it must use synchronously (`sync`), or not at all.
 */
export type TransactionSupport = 'none' | 'sync' | 'async';

/**
 * The truth: payments, what was said of them, and the events owed to the host. Everything else is a nudge that can be lost.
 *
 * Each method is one transaction: when its promise resolves, what it did survives whatever the adapter promises to
 * survive; when it rejects, nothing was done. Methods may be called concurrently.
 */
export interface Ledger {
  readonly transactions: TransactionSupport;
  /** Whether other processes may work on the same data, so that events can become owed without anyone here knowing. */
  readonly isShared: boolean;

  /** Called once before anything else: connects, and brings the tables up to date. */
  start(): Promise<void>;
  /** Called once when nothing else will be asked; closes what {@link start} opened. */
  stop(): Promise<void>;

  /**
   * Records the intent to open a payment, unless its order number is taken; tells which of the two it was.
   *
   * @param nextCheckAt when the platform is to be asked after it
   */
  open(payment: Payment, nextCheckAt?: Date): Promise<{ readonly payment: Payment; readonly opened: boolean }>;
  /** Removes an intent that the platform never took up; does nothing once it is more than an intent. */
  withdraw(key: PaymentKey): Promise<void>;
  find(key: PaymentKey): Promise<Payment | undefined>;
  /**
   * Stores the account that the platform issued, with the event owed (`issue`). Undefined when there is no such payment.
   *
   * @param nextCheckAt when the platform is to be asked after it at the latest. A payment that is paid gets no check
   */
  issue(key: PaymentKey, account: VirtualAccount, now: Date, nextCheckAt?: Date): Promise<IssuedPayment | undefined>;
  /**
   * Applies an outcome (`settle`, `unmatched`) and records it, with what it changed and the events owed. A payment that is
   * paid needs no more checks; an unconfirmed notification makes its payment's next check due at `report.now`.
   */
  settle(report: Report): Promise<Settled>;

  /** Payments by the time of their creation, newest first. */
  list(filter: PaymentFilter): Promise<PaymentPage>;
  /** Everything that was said of an order and owed for it, oldest first. */
  timeline(key: PaymentKey): Promise<readonly TimelineEntry[]>;
  /**
   * Removes up to `limit` orders, with their trail, that ended (`paid`, `failed`, `closed`, `expired`) and were last
   * touched before `before`, unless an event of theirs is still owed or dead; returns how many.
   */
  purge(before: Date, limit: number): Promise<number>;

  /** Takes up to `limit` events that are due, in order per payment, for the caller alone until `leaseUntil`. */
  claim(now: Date, leaseUntil: Date, limit: number): Promise<readonly OwedEvent[]>;
  /** Gives a claimed event back as if it had never been claimed. Does nothing when the claim is no longer the caller's. */
  release(owed: OwedEvent): Promise<void>;
  /** Records what became of a claimed event and gives it back; false, and nothing done, when the claim is no longer the caller's. */
  recordAttempt(owed: OwedEvent, attempt: DeliveryAttempt): Promise<boolean>;
  /**
   * Runs a handler inside the transaction that marks it as having handled the event, so that what it writes through
   * `client` happens exactly once. Rejects, and rolls back, when the handler fails or the claim is no longer the caller's.
   */
  transact(owed: OwedEvent, handler: string, work: (client: unknown) => unknown): Promise<void>;
  /** When the next event falls due that nobody holds, or a claim on one lapses; undefined when none is owed. */
  nextDue(): Promise<Date | undefined>;
  deadLetters(): Promise<readonly DeadLetter[]>;
  /** Owes a dead letter again, from its first attempt, to the handlers that have not done their part; false when there is none. */
  replay(eventId: string, now: Date): Promise<boolean>;

  /**
   * Calls back, after the commit, whenever events became owed, with the ids of those that this process recorded; with
   * none when another process did. A nudge: it may be missed.
   */
  onEventsOwed(listener: (eventIds: readonly string[]) => void): void;

  /**
   * Takes up to `limit` payments whose check is due, the longest due first, for the caller alone until `leaseUntil`; then
   * they are due again. What it costs depends on what is due, not on how many payments there are.
   *
   * @param merchantNo left out, every merchant's
   */
  claimChecks(now: Date, leaseUntil: Date, limit: number, merchantNo?: string): Promise<readonly DueCheck[]>;
  /** Gives back a claimed check; false, and nothing done, when the claim is no longer the caller's. A payment that is paid gets no check. */
  scheduleCheck(check: DueCheck, next: NextCheck): Promise<boolean>;
  /** Makes a payment's check due at `now`, unless it is due already; false when there is no such payment or it is paid. */
  requestCheck(key: PaymentKey, now: Date): Promise<boolean>;
  /** When the next check falls due; undefined when none is planned. */
  nextCheckDue(merchantNo?: string): Promise<Date | undefined>;
  /** Counts the payments of a period. */
  summarize(period: Period): Promise<PeriodSummary>;

  /** Takes or renews a named lease, which one holder has at a time until it lapses; false while another holds it. */
  takeLease(name: string, holder: string, now: Date, until: Date): Promise<boolean>;
  /** Gives back a lease, if the holder still has it. */
  dropLease(name: string, holder: string): Promise<void>;
}
