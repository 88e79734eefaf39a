import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { Delivery, DeliveryCounts } from './delivery/delivery.js';
import type { News } from './delivery/news.js';
import type { AtmEvent } from './ledger/events.js';
import type { DeadLetter, Ledger, PaymentFilter, PaymentPage, Period, TimelineEntry } from './ledger/ledger.js';
import type { IssuedPayment, Payment } from './ledger/payment.js';
import type { NotificationVerifier } from './notifications/verifier.js';
import type { CreatePayment, Payments } from './payments/payments.js';
import type { Notification } from './protocol/index.js';
import type { Reconciliation, ReconciliationProgress, ReconciliationReport } from './reconciliation/reconciliation.js';
import type { Sweeper, SweepResult } from './reconciliation/sweeper.js';

/** What the payer's browser brought back: signed by the platform, and yet only something to show the payer. */
export interface PaymentReturn extends Notification {
  /** A return is no proof of payment; wait for `atm.paid`, or ask with `queryPayment`. */
  readonly displayOnly: true;
}

/** Which merchant is meant, where a host serves several. */
export interface MerchantChoice {
  readonly merchantNo?: string;
}

/** Small enough that no other write waits long behind it. */
const PURGE_BATCH = 200;

/** ATM payments through WanPay. Inject it by its class, or a named instance with `@InjectWanPay('name')`. */
@Injectable()
export class WanPayService {
  constructor(
    private readonly parts: {
      readonly payments: Payments;
      readonly verifier: NotificationVerifier;
      readonly delivery: Delivery;
      readonly reconciliation: Reconciliation;
      readonly sweeper: Sweeper;
      readonly news: News;
      readonly ledger: Ledger;
    },
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
   * @throws PlatformError when the platform refused, can't be reached or gave no usable answer; `mayHaveActed` tells
   * whether the order may exist there all the same
   */
  createPayment(payment: CreatePayment): Promise<IssuedPayment> {
    return this.parts.payments.create(payment);
  }

  /** The payment as the ledger has it; undefined when there is none of that order number. */
  getPayment(orderNo: string, { merchantNo }: MerchantChoice = {}): Promise<Payment | undefined> {
    return this.parts.payments.get(orderNo, merchantNo);
  }

  /**
   * Asks the platform how an order stands (3.1.3), settles what it says just as a notification would, events included,
   * and returns the payment as it then is.
   *
   * @throws PaymentNotFoundError when the ledger has no such payment
   * @throws PlatformError when the platform has no such order, refused, can't be reached or gave no usable answer
   */
  queryPayment(orderNo: string, { merchantNo }: MerchantChoice = {}): Promise<Payment> {
    return this.parts.payments.query(orderNo, merchantNo);
  }

  /**
   * Asks the platform after every payment of a period that is not paid, whatever its schedule says, settles the answers,
   * events included, and counts what there is. Queries are sent at the configured rate.
   *
   * @param period by the payments' creation; `merchantNo` left out means every merchant's
   * @param onProgress called as payments are dealt with
   */
  reconcile(period: Period, onProgress?: (progress: ReconciliationProgress) => void): Promise<ReconciliationReport> {
    return this.parts.reconciliation.reconcile(period, onProgress);
  }

  /**
   * Asks after every payment whose check is due, as the module does by itself unless `reconciliation.enabled` is false:
   * for a host that has a scheduler of its own. Of several processes, one sweeps at a time.
   */
  sweep(): Promise<SweepResult> {
    return this.parts.sweeper.sweep();
  }

  /**
   * Checks and reads the fields with which the payer's browser came back to the return URL.
   *
   * @param query the parsed query string or form of that request
   * @throws NotificationRefusedError when its form, merchant or signature is wrong
   */
  async parseReturn(query: unknown): Promise<PaymentReturn> {
    return { ...(await this.parts.verifier.authenticate(query)), displayOnly: true };
  }

  /** Best-effort news of events, after the durable handlers are done with them. What must not be missed belongs in `@OnAtmEvent`. */
  get events$(): Observable<AtmEvent> {
    return this.parts.news.events$;
  }

  /** What this process has made of the events owed since it started. */
  get deliveryCounts(): DeliveryCounts {
    return this.parts.delivery.counts;
  }

  /** The events whose delivery was given up, each with its last failure. */
  deadLetters(): Promise<readonly DeadLetter[]> {
    return this.parts.ledger.deadLetters();
  }

  /**
   * Payments by the time of their creation, newest first, a page at a time.
   *
   * @throws InvalidFieldError when `limit` is outside 1 to 1000
   * @throws InvalidCursorError when `after` is not the `next` of a page
   */
  listPayments(filter: PaymentFilter = {}): Promise<PaymentPage> {
    return this.parts.ledger.list(filter);
  }

  /** What the platform said of an order and what was owed for it, oldest first; empty for an order nobody ever heard of. */
  getPaymentTimeline(orderNo: string, { merchantNo }: MerchantChoice = {}): Promise<readonly TimelineEntry[]> {
    return this.parts.payments.timeline(orderNo, merchantNo);
  }

  /**
   * Removes payments that ended and were last touched before a moment, with their trail, unless an event of theirs is
   * still owed or a dead letter. Money that comes for a removed payment becomes `atm.unmatched`.
   *
   * @returns how many payments were removed
   */
  async purge({ before }: { readonly before: Date }): Promise<number> {
    let total = 0;
    for (let purged = PURGE_BATCH; purged === PURGE_BATCH; total += purged) {
      purged = await this.parts.ledger.purge(before, PURGE_BATCH);
    }
    return total;
  }

  /** Delivers a dead letter again, to the handlers that have not done their part; false when there is none of that id. */
  replay(eventId: string): Promise<boolean> {
    return this.parts.delivery.replay(eventId);
  }

  /** Delivers every dead letter again; returns how many. */
  replayAll(): Promise<number> {
    return this.parts.delivery.replayAll();
  }
}
