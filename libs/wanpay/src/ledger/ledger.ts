import type { Outcome, VirtualAccount } from '../protocol/index.js';
import type { AtmEvent } from './events.js';
import type { IssuedPayment, Payment, PaymentKey } from './payment.js';
import type { Settlement } from './settle.js';

/** What the platform said of an order, to be applied and recorded. */
export interface Report extends PaymentKey {
  readonly outcome: Outcome;
  /** Taken over by the event when the order is not in the ledger. */
  readonly livemode: boolean;
  readonly now: Date;
}

/** What became of a report; without a payment, the order is not in the ledger. */
export type Settled = Omit<Settlement, 'payment'> & { readonly payment?: Payment };

/** An event that was claimed for delivery. */
export interface OwedEvent {
  readonly event: AtmEvent;
  /** How often its delivery was attempted before, and failed. */
  readonly attempts: number;
  /** The handlers that have done their part already. */
  readonly handled: readonly string[];
}

/** What one attempt at delivering an event came to. */
export interface DeliveryAttempt {
  /** All handlers that have done their part so far. */
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
export interface DeadLetter extends OwedEvent {
  readonly failure: DeliveryFailure;
  readonly diedAt: Date;
}

/**
 * The truth: payments, and the events owed to the host. Everything else is a nudge that can be lost.
 *
 * Each method is one transaction: when its promise resolves, what it did survives whatever the adapter promises to
 * survive; when it rejects, nothing was done. Methods may be called concurrently.
 */
export interface Ledger {
  /** Records the intent to open a payment, unless its order number is taken; tells which of the two it was. */
  open(payment: Payment): Promise<{ readonly payment: Payment; readonly opened: boolean }>;
  /** Removes an intent that the platform never took up; does nothing once it is more than an intent. */
  withdraw(key: PaymentKey): Promise<void>;
  find(key: PaymentKey): Promise<Payment | undefined>;
  /** Stores the account that the platform issued, with the event owed (`issue`). Undefined when there is no such payment. */
  issue(key: PaymentKey, account: VirtualAccount, now: Date): Promise<IssuedPayment | undefined>;
  /** Applies an outcome (`settle`, `unmatched`) and records it together with the events owed. */
  settle(report: Report): Promise<Settled>;

  /** Takes up to `limit` events that are due, in order per payment, for the caller alone until `leaseUntil`. */
  claim(now: Date, leaseUntil: Date, limit: number): Promise<readonly OwedEvent[]>;
  /** Records what became of a claimed event, and gives its lease back. */
  recordAttempt(event: AtmEvent, attempt: DeliveryAttempt): Promise<void>;
  /** When the next event falls due that nobody holds; undefined when none is owed. */
  nextDue(): Promise<Date | undefined>;
  deadLetters(): Promise<readonly DeadLetter[]>;
  /** Owes a dead letter again, from its first attempt, to the handlers that have not done their part; false when there is none. */
  replay(eventId: string, now: Date): Promise<boolean>;

  /** Calls back, after the commit, whenever events became owed. A nudge: it may be missed. */
  onEventsOwed(listener: () => void): void;
}
