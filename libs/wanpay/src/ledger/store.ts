import type { Outcome } from '../protocol/index.js';
import type { AtmEventType } from './events.js';
import type { Payment, PaymentKey, PaymentState } from './payment.js';
import type { Review } from './review.js';
import type { StoredEvent } from './stored-event.js';
import type { Transfer } from './transfer.js';

/** How an outcome reached us: by the platform's message, by its answer to a query, or by a person's decision. */
export type OutcomeSource = 'notification' | 'query' | 'person';

/**
 * Whether a handler can write in the very transaction that marks its delivery as done: with a client that it may await
 * (`async`), with one that it must use synchronously (`sync`), or not at all (`none`).
 */
export type TransactionSupport = 'none' | 'sync' | 'async';

/** What is known of an order that this ledger did not open: the platform's word alone. */
export interface UnknownOrder {
  /** The transfers that were reported for it; each had an event. */
  readonly transfers: readonly Transfer[];
  /** The codes of what else was said of it; each had an event. */
  readonly codes: readonly string[];
  /** Present where a person has dealt with it. */
  readonly review?: Review;
  readonly firstSeenAt: Date;
  readonly updatedAt: Date;
}

/** An order as it is stored: a payment, or an unknown order. */
export interface OrderRecord extends PaymentKey {
  /** Raised by one with each change. */
  readonly version: number;
  readonly payment?: Payment;
  /** Present where there is no payment. */
  readonly unknown?: UnknownOrder;
  /** How many events the order has had; the next one gets this number as its `seq`. */
  readonly eventCount: number;
}

/** An outcome as it is recorded; of a person's doing, with who it was, as the host calls them. */
export interface RecordedOutcome extends Outcome {
  readonly by?: string;
}

/** An outcome as it is stored: the same content again raises the count of the row that is there. */
export interface StoredOutcome {
  /** Identifies the content and the source among the outcomes of its order: 16 hexadecimal digits. */
  readonly digest: string;
  readonly source: OutcomeSource;
  readonly outcome: RecordedOutcome;
  /** The payment's states before and after the first time; absent for an order without a payment. */
  readonly change?: { readonly from: PaymentState; readonly to: PaymentState };
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly count: number;
}

/** When a payment is to be asked about. */
export interface PlannedCheck {
  readonly at: Date;
  /** How many checks in a row had no answer. */
  readonly failures: number;
}

/** What becomes of a payment's check: set as given; brought forward to `by` unless it is earlier already; or removed. */
export type CheckChange = { readonly set: PlannedCheck } | { readonly by: Date } | 'remove';

/** A change of one order. All of it is written, or none. */
export interface OrderChange extends PaymentKey {
  /**
   * The version that must still be there; 0 demands that there is no such order yet, and creates it. Left out, the change
   * applies to whatever is there and leaves the version alone: only `outcomes` and `check` may then be changed, and an order
   * that is not there is not created.
   */
  readonly expectedVersion?: number;
  /** The version of an order that the change creates; left out, 1. So a process never takes an order for one that was removed. */
  readonly firstVersion?: number;
  /** The change applies only while the check is planned for exactly this moment. It proves a claim on the check. */
  readonly expectedCheckAt?: Date;
  /** Removes the order with everything that belongs to it. */
  readonly remove?: true;
  /** The payment as it is from now on. It replaces an unknown order. */
  readonly payment?: Payment;
  /** The unknown order as it is from now on. Without it and `payment`, what is there stays. */
  readonly unknown?: UnknownOrder;
  readonly check?: CheckChange;
  /** Outcomes to add or to count, each digest at most once. */
  readonly outcomes?: readonly StoredOutcome[];
  /** Events to append. Each gets one pending delivery, due at its `occurredAt`, for each subscription to its type. */
  readonly events?: readonly StoredEvent[];
}

/** A handler that wants the events of one type. */
export interface Subscription {
  /** The handler's stable id. */
  readonly handler: string;
  readonly type: AtmEventType;
}

/** A subscription as the store knows it. */
export interface StoredSubscription extends Subscription {
  /** When a process last said that it has this handler. */
  readonly lastSeenAt: Date;
  readonly subscribedAt: Date;
  /** Deliveries that wait or run. */
  readonly pending: number;
  readonly dead: number;
}

/** A change of the subscriptions. */
export interface SubscriptionChange {
  /** Subscriptions that a process has. Unknown ones are added, and get the events of their type from now on. */
  readonly add?: readonly Subscription[];
  /**
   * Events of a type that had no subscription when they were recorded are kept. Kept events at or after this moment go to
   * the subscriptions of their type that exist once `add` has been applied.
   */
  readonly adoptSince?: Date;
  /** Subscriptions that a process still has: their `lastSeenAt` becomes `now`. Unknown ones are not added. */
  readonly seen?: readonly Subscription[];
  /** Gives the events of the subscription's type that occurred in a period, and that have no delivery to it, one each. */
  readonly backfill?: { readonly subscription: Subscription; readonly from: Date; readonly to: Date };
  /** Removes every subscription of this handler, with all of its deliveries. */
  readonly retire?: string;
  readonly now: Date;
}

/** The subscriptions once a change was made. */
export interface Subscriptions {
  readonly subscriptions: readonly StoredSubscription[];
  /** How many deliveries the change added. */
  readonly added: number;
}

/** Identifies a delivery: one event of one order on its way to one handler. */
export interface DeliveryKey extends PaymentKey {
  /** The event's number within its order, from 0. */
  readonly seq: number;
  readonly handler: string;
}

/** Where a delivery stands. `running` is a pending one that a process has claimed. */
export type DeliveryState = 'pending' | 'running' | 'delivered' | 'dead';

/** A delivery as it is stored. */
export interface StoredDelivery extends DeliveryKey {
  /** A number that grows with each delivery recorded; pages are in its descending order. */
  readonly position: number;
  readonly event: StoredEvent;
  /** The order's payment as it is now; absent for an order without one. */
  readonly payment?: Payment;
  readonly state: 'pending' | 'delivered' | 'dead';
  /** How many attempts were begun, the one that runs included. A replay begins anew. */
  readonly attempts: number;
  /** Grows with each claim and never falls, so that it proves a claim. */
  readonly claim: number;
  /** Whether a process has claimed it. */
  readonly claimed: boolean;
  /** When it is due; of a claimed one, when the claim lapses. */
  readonly dueAt: Date;
  /** Why the last attempt failed. */
  readonly failure?: string;
  /** When it was delivered or given up. */
  readonly finishedAt?: Date;
}

/** Which deliveries to claim. */
export interface DeliveryClaim {
  /** Only deliveries to these subscriptions are claimed. */
  readonly subscriptions: readonly Subscription[];
  readonly now: Date;
  /** Until when nobody else claims them. */
  readonly leaseUntil: Date;
  /** 0 claims nothing, and tells when the next one falls due. */
  readonly limit: number;
}

/** What was claimed. */
export interface ClaimedDeliveries {
  readonly deliveries: readonly StoredDelivery[];
  /**
   * When the next delivery to these subscriptions falls due, or a claim on one lapses; undefined when none is pending. It
   * need not be told when as many were claimed as the limit allows, and at least one.
   */
  readonly nextDueAt?: Date;
}

/** The result of committing changes of orders: what was applied, and which deliveries were claimed. */
export interface CommittedChanges {
  /** Which changes were applied, in their order. */
  readonly applied: readonly boolean[];
  /** The added deliveries that were claimed. Each has attempt 1 and claim 1. */
  readonly claimed: readonly DeliveryKey[];
}

/** A change of one delivery. */
export interface DeliveryChange extends DeliveryKey {
  /** The claim that must still be the newest on a pending delivery. Left out, the delivery must not be claimed. */
  readonly expectedClaim?: number;
  /** Where it stands from now on. A pending one that is changed is no longer claimed, unless `renew` says so. */
  readonly state: 'pending' | 'delivered' | 'dead';
  /** When it is due; with `renew`, when the claim lapses. */
  readonly dueAt: Date;
  /** Keeps the claim. */
  readonly renew?: true;
  /** How many attempts count from now on; left out, as many as before. */
  readonly attempts?: number;
  /** From now on. Left out, there is none; with `renew`, what is there stays. */
  readonly failure?: string;
  /** From now on. Left out, there is none; with `renew`, what is there stays. */
  readonly finishedAt?: Date;
}

/** A handler's work inside the transaction that writes its delivery's change. */
export interface TransactionalWork {
  /** Runs the handler with the store's client. A rejection rolls back. */
  run(client: unknown): unknown;
  /** Aborted when the work takes too long: the store rolls back, destroys the connection and rejects. */
  readonly signal: AbortSignal;
}

/** Which deliveries to list. */
export interface DeliveryQuery {
  readonly state?: DeliveryState | undefined;
  readonly handler?: string | undefined;
  readonly type?: AtmEventType | undefined;
  /** Recorded at or after this. */
  readonly from?: Date | undefined;
  /** Recorded before this. */
  readonly to?: Date | undefined;
  readonly limit: number;
  /** Only deliveries with a smaller position. */
  readonly before?: number | undefined;
  /** Tells pending and running apart. */
  readonly now: Date;
}

/** Where a page of payments ends: payments are listed by (`createdAt`, `merchantNo`, `orderNo`), descending. */
export interface PaymentPosition extends PaymentKey {
  readonly createdAt: Date;
}

/** Which payments to list. */
export interface PaymentQuery {
  readonly merchantNo?: string | undefined;
  readonly states?: readonly PaymentState[] | undefined;
  /** Created at or after this. */
  readonly createdFrom?: Date | undefined;
  /** Created before this. */
  readonly createdBefore?: Date | undefined;
  /** The amount that was asked for. */
  readonly amount?: number | undefined;
  /** The whole number of the virtual account. */
  readonly accountNo?: string | undefined;
  /** The last five digits of the account that money came from. */
  readonly payerNo?: string | undefined;
  /** Only those that a person has to look at. */
  readonly needsReview?: true | undefined;
  readonly limit: number;
  /** Only payments that follow this position. */
  readonly after?: PaymentPosition | undefined;
}

/** Which unknown orders to list. Their position's `createdAt` is when they were first heard of. */
export interface UnknownOrderQuery extends Pick<PaymentQuery, 'merchantNo' | 'needsReview' | 'limit' | 'after'> {
  readonly hasPayment: false;
}

/** An unknown order with its number. */
export interface ListedUnknownOrder extends UnknownOrder, PaymentKey {}

/** An order of a page: only a payment has a `state`. */
export type ListedOrder = Payment | ListedUnknownOrder;

/** A document that is kept beside the payments, such as a report. */
export interface KeptRecord {
  /** What it is, in at most 32 characters: records are listed by their kind. */
  readonly kind: string;
  /** Its name, in at most 100 characters. */
  readonly id: string;
  /** What it is sorted by. The kind, this and the id identify it. */
  readonly at: Date;
  /** JSON, of at most a few megabytes. */
  readonly document: string;
}

/** Which records to list. */
export interface KeptRecordQuery {
  readonly kind: string;
  /** The moment of one record. */
  readonly at?: Date | undefined;
  /** Only records before this moment. */
  readonly before?: Date | undefined;
  readonly limit: number;
}

/** Everything that is stored about an order. */
export interface OrderHistory {
  readonly payment?: Payment;
  readonly outcomes: readonly StoredOutcome[];
  /** In the order of their `seq`. */
  readonly events: readonly StoredEvent[];
  readonly deliveries: readonly Omit<StoredDelivery, 'event' | 'payment'>[];
}

/** A period, and whose payments are meant. */
export interface Period {
  /** This moment and later. */
  readonly from: Date;
  /** Before this moment. */
  readonly to: Date;
  /** Left out, every merchant's. */
  readonly merchantNo?: string | undefined;
}

/** What the ledger knows of the payments that were created in a period. */
export interface PeriodSummary {
  /** How many payments are in each state. */
  readonly states: Readonly<Record<PaymentState, number>>;
  /** How many payments that ended did so by a notification, by a query, and by a person's decision. */
  readonly settledBy: Readonly<Record<OutcomeSource, number>>;
  /** Payments with transfers that did not pay them: of another amount, a second one, or one to an account that never came. */
  readonly needsReview: number;
  /** Orders of the period that have no payment in this ledger. */
  readonly unknownOrders: number;
}

/** Which checks to claim. */
export interface CheckClaim {
  readonly now: Date;
  /** Until when nobody else claims them; a claim moves the check to this moment. */
  readonly leaseUntil: Date;
  /** 0 claims nothing, and tells when the next one falls due. */
  readonly limit: number;
  /** Left out, every merchant's. */
  readonly merchantNo?: string;
}

/** What was claimed. */
export interface ClaimedChecks {
  /** Longest due first. */
  readonly checks: readonly { readonly payment: Payment; readonly failures: number }[];
  /**
   * When the next check falls due; undefined when none is planned. It need not be told when as many were claimed as the
   * limit allows, and at least one.
   */
  readonly nextDueAt?: Date;
}

/** A named lease, which one holder has at a time until it lapses. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly now: Date;
  /** Until when it is held; left out, the holder gives it back. */
  readonly until?: Date;
}

/** Where documents are kept beside the payments, such as the reports of a reconciliation. No rule of the ledger reads them. */
export interface RecordStore {
  /** Keeps a record, or replaces it, and removes those of its kind that are older than `since`. */
  keep(record: KeptRecord, since: Date): Promise<void>;
  /** Records of a kind, newest first. */
  list(query: KeptRecordQuery): Promise<readonly KeptRecord[]>;
}

/**
 * Where a ledger keeps its rows. A store knows rows, versions and claims, and no rule about money: those are in the kernel,
 * `Ledger`. It writes what it is given and gives back what it was given.
 *
 * Each operation is one transaction: when its promise resolves, what it did survives whatever the store promises to survive;
 * when it rejects, nothing was done. Operations may run concurrently. The conformance suite, `nestjs-wanpay/ledger-conformance`,
 * tells whether a store keeps this contract.
 */
export interface LedgerStore {
  readonly transactions: TransactionSupport;
  /** Whether other processes may work on the same rows. */
  readonly isShared: boolean;
  /** Whether {@link commit} blocks the process, so that a batch had better wait for everything that the turn brings. */
  readonly blocks: boolean;
  /** How many batches {@link commit} had better be given at once, each with other orders; left out, one after another. */
  readonly commitsAtOnce?: number;
  /** Documents that are kept beside the payments. */
  readonly records: RecordStore;

  /**
   * Connects, and brings the tables up to date. Called once, before everything else.
   *
   * @param onDeliveries called when another process may have recorded deliveries. It is a hint, and may be missed
   */
  start(onDeliveries: () => void): Promise<void>;
  /** Closes what {@link start} opened. Called once, after everything else. */
  stop(): Promise<void>;

  /** Reads orders; the results are in the order of the keys. A key may be asked for once only. */
  load(keys: readonly PaymentKey[]): Promise<readonly (OrderRecord | undefined)[]>;
  /**
   * Applies each change whose expectations hold, and leaves the others alone; tells which were applied. At most one change
   * names an order. An applied change with an `expectedVersion` raises the version by one.
   *
   * @throws StoreUnavailableError when nothing at all can be written just now, so that it is no use to try the changes one by
   * one. The same is true of {@link changeDeliveries}
   */
  commit(changes: readonly OrderChange[]): Promise<readonly boolean[]>;
  /**
   * Does what {@link commit} does, and claims deliveries that it adds in the same transaction. It claims only deliveries that
   * {@link claimDeliveries} could claim next, and may claim fewer. A store without this method has them claimed afterwards.
   */
  commitAndClaim?(changes: readonly OrderChange[], claim: DeliveryClaim): Promise<CommittedChanges>;
  /** Either payments or unknown orders, newest first: up to `limit`, and one more where there are more. */
  listOrders(query: PaymentQuery | UnknownOrderQuery): Promise<readonly ListedOrder[]>;
  history(key: PaymentKey): Promise<OrderHistory>;
  /** Counts the payments that were created in a period, and the orders without a payment that were first heard of in it. */
  count(period: Period): Promise<PeriodSummary>;
  /**
   * Removes up to `limit` orders whose payment is in one of `states`, and unknown orders, whose `updatedAt` is before
   * `before`, unless a delivery of theirs is pending or dead; returns how many.
   */
  purge(states: readonly PaymentState[], before: Date, limit: number): Promise<number>;

  /** Changes the subscriptions: `retire`, `add`, `seen`, `adoptSince`, `backfill`, in this order. */
  subscribe(change: SubscriptionChange): Promise<Subscriptions>;
  /**
   * Claims deliveries that are due, for the caller alone until the lease ends. Of the deliveries of one order to one handler
   * only the first that is pending can be claimed, so that they run in order. A claim raises `attempts` and `claim`.
   */
  claimDeliveries(claim: DeliveryClaim): Promise<ClaimedDeliveries>;
  /**
   * Applies each change whose expectation holds; tells which were applied. At most one change names a delivery. Without
   * `work`, changes that expect a claim may be lost if the store's server crashes. Their deliveries then run again.
   *
   * @param work run in the same transaction, before the change is written. The change must then be a single one. When it
   * can't be applied, everything is rolled back
   */
  changeDeliveries(changes: readonly DeliveryChange[], work?: TransactionalWork): Promise<readonly boolean[]>;
  /** Deliveries, newest first. */
  listDeliveries(query: DeliveryQuery): Promise<readonly StoredDelivery[]>;

  claimChecks(claim: CheckClaim): Promise<ClaimedChecks>;
  /** Takes, renews or gives back a lease; tells whether the holder has it now. */
  lease(lease: Lease): Promise<boolean>;
}
