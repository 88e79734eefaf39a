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

  /** Records the intent to open a payment, unless its order number is taken; tells which of the two it was. */
  open(payment: Payment): Promise<{ readonly payment: Payment; readonly opened: boolean }>;
  /** Removes an intent that the platform never took up; does nothing once it is more than an intent. */
  withdraw(key: PaymentKey): Promise<void>;
  find(key: PaymentKey): Promise<Payment | undefined>;
  /** Stores the account that the platform issued, with the event owed (`issue`). Undefined when there is no such payment. */
  issue(key: PaymentKey, account: VirtualAccount, now: Date): Promise<IssuedPayment | undefined>;
  /** Applies an outcome (`settle`, `unmatched`) and records it, with what it changed and the events owed. */
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

  /** Calls back, after the commit, whenever events became owed. A nudge: it may be missed. */
  onEventsOwed(listener: () => void): void;
}
