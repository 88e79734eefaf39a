import { inspect } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { Delivery } from './delivery/delivery.js';
import { EventBroadcaster } from './delivery/event-broadcaster.js';
import type { AddedHandler } from './delivery/handlers.js';
import type { AtmEvent } from './ledger/events.js';
// From the public door: a host's compiler writes the names of these types only where it has read who exports them.
import type {
  DeliveryCounts,
  DeliveryFilter,
  DeliveryPage,
  HandlerStatus,
  KeptRecord,
  KeptRecordQuery,
  ListedUnknownOrder,
  PaymentFilter,
  PaymentPage,
  ReplayFilter,
  SweepResult,
  TimelineEntry,
  UnknownOrderFilter,
  UnknownOrderPage,
} from './ledger/index.js';
import { Ledger } from './ledger/ledger.js';
import { type IssuedPayment, type Payment, shown } from './ledger/payment.js';
import type { Period, PeriodSummary, Subscription } from './ledger/store.js';
import { NotificationVerifier } from './notifications/verifier.js';
import { type AcceptPayment, type CreatePayment, Payments, type RecordAction } from './payments/payments.js';
import { CLOCK } from './platform/tokens.js';
import { type Clock, type Notification, withoutForeignFields } from './protocol/index.js';
import {
  Reconciliation,
  type ReconciliationListener,
  type ReconciliationOptions,
  type ReconciliationReport,
} from './reconciliation/reconciliation.js';
import { Sweeper } from './reconciliation/sweeper.js';
import { StatusReader, type WanPayStatus } from './wanpay.status.js';
import {
  assertAcceptPayment,
  assertCreatePayment,
  assertDeliveryFilter,
  assertDeliveryId,
  assertHandlerId,
  assertLease,
  assertLookup,
  assertMoment,
  assertObject,
  assertPaymentFilter,
  assertPeriod,
  assertRecord,
  assertRecordQuery,
  assertReplayFilter,
  assertSubscription,
} from './wanpay.input.js';

/** What the payer's browser brought back (3.1.2): signed by the platform, but only to show to the payer. */
export interface PaymentReturn extends Notification {
  /** A return is no proof of payment; wait for `atm.paid`, or ask with `queryPayment`. */
  readonly displayOnly: true;
}

/** Which merchant is meant, where a host serves several. */
export interface MerchantChoice {
  readonly merchantNo?: string | undefined;
}

/** Small enough that no other write waits long behind it. */
const PURGE_BATCH = 200;

/** ATM payments through WanPay. Inject it by its class, or a named instance with `@InjectWanPay('name')`. */
@Injectable()
export class WanPayService {
  constructor(
    @Inject(Payments) private readonly payments: Payments,
    @Inject(NotificationVerifier) private readonly verifier: NotificationVerifier,
    @Inject(Delivery) private readonly delivery: Delivery,
    @Inject(Reconciliation) private readonly reconciliation: Reconciliation,
    @Inject(Sweeper) private readonly sweeper: Sweeper,
    @Inject(EventBroadcaster) private readonly broadcaster: EventBroadcaster,
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(StatusReader) private readonly reader: StatusReader,
  ) {}

  /**
   * Opens a payment and returns it with the virtual account to show the payer (3.1.1).
   *
   * Idempotent by order number: the same call again returns the same account without asking the platform twice, also
   * when both run at once. After a call whose result was unknown, the next one queries the platform before asking anew.
   *
   * @throws InvalidFieldError when a value is outside the protocol's limits; nothing was recorded or sent
   * @throws OrderTermsConflictError when the order number was used on other terms
   * @throws AccountLostError when the platform has the order but its reply with the account never arrived
   * @throws OrderNumberTakenError when the platform knows the number from somebody else (6307)
   * @throws PaymentEndedError when the payment failed, closed or expired, or its account has lapsed
   * @throws PaymentInProgressError when another process that shares the ledger asks for this very order
   * @throws UnknownMerchantError when no such merchant is configured
   * @throws PlatformError when the platform refused, can't be reached or gave no usable answer; `mayHaveActed` tells
   * whether the order may exist there all the same
   */
  async createPayment(payment: CreatePayment): Promise<IssuedPayment> {
    assertCreatePayment(payment);
    return this.payments.create(payment);
  }

  /**
   * The payment as the ledger has it; undefined when there is none of that order number.
   *
   * @throws InvalidFieldError when a number is no text, too long, or holds control or half characters
   * @throws UnknownMerchantError when no such merchant is configured
   */
  async getPayment(orderNo: string, options: MerchantChoice = {}): Promise<Payment | undefined> {
    assertObject('options', options);
    assertLookup(orderNo, options.merchantNo);
    return this.payments.get(orderNo, options.merchantNo);
  }

  /**
   * A person decides that money which the platform reported for a payment without a known account (`atm.unclaimed_payment`)
   * is this payment's after all: it becomes `paid`, with `atm.paid`. The reason is kept in its history.
   *
   * @throws InvalidFieldError when a number or the reason is no text, too long, or holds control or half characters
   * @throws UnknownMerchantError when no such merchant is configured
   * @throws PaymentNotFoundError when the ledger has no such payment
   * @throws NothingToAcceptError when no reported transfer of its amount waits for such a decision
   */
  async acceptPayment(orderNo: string, decision: AcceptPayment): Promise<Payment> {
    assertAcceptPayment(orderNo, decision);
    return this.payments.accept(orderNo, decision);
  }

  /**
   * Asks the platform how an order stands (3.1.3), settles what it says just as a notification would, events included,
   * and returns the payment as it then is.
   *
   * @throws InvalidFieldError when a number is no text, too long, or holds control or half characters
   * @throws UnknownMerchantError when no such merchant is configured
   * @throws PaymentNotFoundError when the ledger has no such payment
   * @throws PlatformError when the platform has no such order, refused, can't be reached or gave no usable answer
   */
  async queryPayment(orderNo: string, options: MerchantChoice = {}): Promise<Payment> {
    assertObject('options', options);
    assertLookup(orderNo, options.merchantNo);
    return this.payments.query(orderNo, options.merchantNo);
  }

  /**
   * Asks the platform after every payment of a period that is not paid, whatever its schedule says, settles the answers,
   * events included, and counts what there is. Queries are sent at the configured rate.
   *
   * @param period by the payments' creation; `merchantNo` left out means every merchant's
   * @param onProgress called after each payment; a later call can continue from its `position`
   * @param options `signal` stops the reconciliation; `position` continues where an earlier call for the same period ended
   * @throws InvalidFieldError when `from` or `to` is no valid `Date`, or `merchantNo` is not text of 1 to 30 characters
   * @throws InvalidCursorError when `position` did not come from an earlier call
   * @throws the reason of `signal` when it is aborted
   */
  async reconcile(
    period: Period,
    onProgress?: ReconciliationListener,
    options: ReconciliationOptions = {},
  ): Promise<ReconciliationReport> {
    assertPeriod(period);
    assertObject('options', options);
    return this.reconciliation.reconcile(period, onProgress, options);
  }

  /**
   * Counts the payments of a period, by their creation, as the ledger has them; the platform is not asked.
   *
   * @throws InvalidFieldError when `from` or `to` is no valid `Date`, or `merchantNo` is not text of 1 to 30 characters
   */
  async summarizePayments(period: Period): Promise<PeriodSummary> {
    assertPeriod(period);
    return this.ledger.summarize(period);
  }

  /**
   * Asks after every payment whose check is due, as the module does by itself unless `reconciliation.enabled` is false:
   * for a host that has a scheduler of its own. Of several processes, one sweeps at a time.
   */
  sweep(): Promise<SweepResult> {
    return this.sweeper.sweep();
  }

  /**
   * Checks and reads the fields with which the payer's browser came back to the return URL.
   *
   * Every parameter takes part in the signature (2.3), but the host's own parameters and those that others append, such as
   * `utm_source`, are left aside: the fields of 3.1.2 count where the signature holds without the rest.
   *
   * @param query the parsed query string or form of that request
   * @throws NotificationRefusedError when its form, merchant or signature is wrong
   */
  async parseReturn(query: unknown): Promise<PaymentReturn> {
    return { ...(await this.authenticateReturn(query)), displayOnly: true };
  }

  /**
   * Events as this process records them: best effort, for this process alone, and gone when missed. What must not be missed
   * belongs in `@OnAtmEvent`.
   */
  get events$(): Observable<AtmEvent> {
    return this.broadcaster.events$;
  }

  /** What the attempts of this process came to since it started. */
  get deliveryCounts(): DeliveryCounts {
    return this.delivery.counts;
  }

  /**
   * How the instance stands: what waits in the ledger, for all processes, and what this process has seen since it started. The
   * platform is not asked.
   */
  status(): Promise<WanPayStatus> {
    return this.reader.read();
  }

  /** Every handler that the ledger knows, whichever process has it, and how many deliveries wait for it. */
  handlers(): Promise<readonly HandlerStatus[]> {
    return this.ledger.deliveries.handlers(this.clock.now());
  }

  /**
   * Registers a handler that is not found at start, such as one in a module that is loaded later. Call it each time that the
   * process starts.
   *
   * @throws HandlerRegistrationError when its id is taken, or it asks for a transaction that the ledger doesn't have
   */
  addHandler(handler: AddedHandler): Promise<void> {
    return this.delivery.addHandler(handler);
  }

  /**
   * Forgets a handler that no process has any more, and drops its deliveries, delivered or not. It can't be undone.
   *
   * @param options `force`: also when a process had the handler in the last three minutes
   * @returns false when the ledger knows no handler of that id
   * @throws HandlerInUseError when a process has it
   */
  async retireHandler(id: string, options: { readonly force?: boolean | undefined } = {}): Promise<boolean> {
    assertHandlerId(id);
    assertObject('options', options);
    return (await this.ledger.deliveries.retire(id, this.clock.now(), options)) !== undefined;
  }

  /**
   * Delivers to a handler the events of a period that it never got, because it subscribed later.
   *
   * @param period `from` inclusive, `to` exclusive; left out, until now
   * @returns how many deliveries were added
   * @throws InvalidFieldError when `from` or `to` is no valid `Date`, or the handler or the type is none
   */
  async backfillHandler(
    subscription: Subscription,
    period: { readonly from: Date; readonly to?: Date | undefined },
  ): Promise<number> {
    assertSubscription(subscription);
    assertObject('period', period);
    const { handler, type } = subscription;
    const { from, to = this.clock.now() } = period;
    assertMoment('from', from);
    assertMoment('to', to);
    const added = await this.ledger.deliveries.backfill({ handler, type }, from, to, this.clock.now());
    this.delivery.wake();
    return added;
  }

  /**
   * Deliveries, newest first, a page at a time: those that wait, run, are done (`delivered`) or were given up (`dead`).
   *
   * @throws InvalidFieldError when `limit` is outside 1 to 1000, or another value is none that the filter takes
   * @throws InvalidCursorError when `after` is not the `next` of a page
   */
  async listDeliveries(filter: DeliveryFilter = {}): Promise<DeliveryPage> {
    assertDeliveryFilter(filter);
    return this.ledger.deliveries.list(filter, this.clock.now());
  }

  /** Delivers once more what was delivered or given up; false when there is no such delivery, or it runs just now. */
  async replayDelivery(id: string): Promise<boolean> {
    assertDeliveryId(id);
    const isReplayed = await this.ledger.deliveries.replay(id, this.clock.now());
    this.delivery.wake();
    return isReplayed;
  }

  /**
   * Delivers once more everything that a filter finds, dead letters unless told otherwise, in batches; returns how many.
   *
   * @throws InvalidFieldError when a value is none that the filter takes
   */
  async replayDeliveries(filter: ReplayFilter = {}): Promise<number> {
    assertReplayFilter(filter);
    const count = await this.ledger.deliveries.replayAll(filter, this.clock.now());
    this.delivery.wake();
    return count;
  }

  /**
   * Payments by the time of their creation, newest first, a page at a time.
   *
   * @throws InvalidFieldError when `limit` is outside 1 to 1000, or another value is none that the filter takes
   * @throws InvalidCursorError when `after` is not the `next` of a page
   */
  async listPayments(filter: PaymentFilter = {}): Promise<PaymentPage> {
    assertPaymentFilter(filter);
    const page = await this.ledger.list(filter);
    return { ...page, payments: page.payments.map(shown) };
  }

  /**
   * Orders that the platform spoke of and that this ledger never opened, by the time when they were first heard of, newest
   * first, a page at a time.
   *
   * @throws InvalidFieldError when `limit` is outside 1 to 1000, or another value is none that the filter takes
   * @throws InvalidCursorError when `after` is not the `next` of a page
   */
  async listUnknownOrders(filter: UnknownOrderFilter = {}): Promise<UnknownOrderPage> {
    assertPaymentFilter(filter);
    return this.ledger.listUnknownOrders(filter);
  }

  /**
   * Returns an order that the platform reported and that this ledger never opened, with its transfers (3.1.2). Undefined if the
   * order has a payment, or if nothing was reported for it.
   *
   * @throws InvalidFieldError when a number is not text of 1 to 100 characters, or has control characters or lone surrogates
   * @throws UnknownMerchantError when no such merchant is configured
   */
  async getUnknownOrder(orderNo: string, options: MerchantChoice = {}): Promise<ListedUnknownOrder | undefined> {
    assertObject('options', options);
    assertLookup(orderNo, options.merchantNo);
    return this.payments.getUnknown(orderNo, options.merchantNo);
  }

  /**
   * Records in an order's history what a person did about it. `reviewed` says that what needed a person was dealt with: the
   * order is listed under `needsReview` again when more money comes.
   *
   * @throws InvalidFieldError when a value is no text, too long, or holds control or half characters
   * @throws UnknownMerchantError when no such merchant is configured
   * @throws PaymentNotFoundError when the ledger knows no such order
   */
  async recordAction(orderNo: string, action: RecordAction): Promise<void> {
    assertObject('action', action);
    assertLookup(orderNo, action.merchantNo);
    await this.payments.recordAction(orderNo, action);
  }

  /**
   * Keeps a document in the ledger for a year, such as a report, so that every process sees it; one of the same kind, moment
   * and id is replaced.
   *
   * @throws InvalidFieldError when the kind is not text of 1 to 32 characters, the id of 1 to 100, or `at` no valid `Date`
   */
  async keepRecord(record: KeptRecord): Promise<void> {
    assertRecord(record);
    await this.ledger.keepRecord(record, this.clock.now());
  }

  /**
   * Kept documents of a kind, newest first.
   *
   * @throws InvalidFieldError when a value is none that the query takes
   */
  async listRecords(query: KeptRecordQuery): Promise<readonly KeptRecord[]> {
    assertRecordQuery(query);
    return this.ledger.listRecords(query);
  }

  /**
   * Takes or renews a named lease for 1 to 3600 seconds, so that only one of the processes that share the ledger does some work.
   * Returns false while another holder has the lease.
   *
   * @throws InvalidFieldError when the name or the holder is not text of 1 to 100 characters, or `seconds` is not a whole number
   * from 1 to 3600
   */
  async takeLease(name: string, holder: string, seconds: number): Promise<boolean> {
    assertLease(name, holder, seconds);
    const now = this.clock.now();
    return this.ledger.takeLease(leaseOf(name), holder, now, new Date(now.getTime() + seconds * 1000));
  }

  /**
   * Gives back a lease if the holder still has it.
   *
   * @throws InvalidFieldError when the name or the holder is not text of 1 to 100 characters
   */
  async dropLease(name: string, holder: string): Promise<void> {
    assertLease(name, holder);
    await this.ledger.dropLease(leaseOf(name), holder, this.clock.now());
  }

  /**
   * What the platform said about an order and the events that followed, oldest first; empty for an unknown order.
   *
   * @throws InvalidFieldError when a number is no text, too long, or holds control or half characters
   * @throws UnknownMerchantError when no such merchant is configured
   */
  async getPaymentTimeline(orderNo: string, options: MerchantChoice = {}): Promise<readonly TimelineEntry[]> {
    assertObject('options', options);
    assertLookup(orderNo, options.merchantNo);
    return this.payments.timeline(orderNo, options.merchantNo);
  }

  /**
   * Removes payments that ended, and unknown orders, that were last changed before a moment, with their history, unless a
   * delivery of theirs is pending or dead. Money that comes for a removed payment becomes `atm.unknown_order`.
   *
   * @returns how many were removed
   * @throws InvalidFieldError when `before` is no valid `Date`
   */
  async purge(options: { readonly before: Date }): Promise<number> {
    assertObject('options', options);
    const { before } = options;
    assertMoment('before', before);
    let total = 0;
    for (let purged = PURGE_BATCH; purged === PURGE_BATCH; total += purged) {
      purged = await this.ledger.purge(before, PURGE_BATCH);
    }
    return total;
  }

  /** Nothing of what it is made of is for a log. */
  toJSON(): object {
    return {};
  }

  [inspect.custom](): string {
    return 'WanPayService {}';
  }

  private async authenticateReturn(query: unknown): Promise<Notification> {
    try {
      return await this.verifier.authenticate(query);
    } catch (refusal) {
      try {
        return await this.verifier.authenticate(withoutForeignFields(query));
      } catch {
        throw refusal;
      }
    }
  }
}

/** A name that differs from those of the module's own leases. */
function leaseOf(name: string): string {
  return `host:${name}`;
}
