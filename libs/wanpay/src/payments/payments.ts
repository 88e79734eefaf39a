import { Inject, Injectable, Optional } from '@nestjs/common';
import {
  assertOrderRequest,
  assertPlainText,
  type Clock,
  createOrderNo,
  DUPLICATE_ORDER_CODE,
  InvalidFieldError,
  type OrderRequest,
  type Outcome,
  type VirtualAccount,
} from '../protocol/index.js';
import { Activity } from '../observation/activity.js';
import { type Observer, UNOBSERVED } from '../observation/observer.js';
import { PlatformError, PlatformRefusedError } from '../platform/errors.js';
import { MAX_ATTEMPTS, PlatformClient } from '../platform/platform-client.js';
import { type MerchantRegistry, requireMerchant } from '../platform/merchants.js';
import { livemodeOf } from '../platform/platform.js';
import { CLOCK, MERCHANT_REGISTRY } from '../platform/tokens.js';
import { type CheckSchedule, nextCheck } from '../ledger/check-schedule.js';
import { Ledger } from '../ledger/ledger.js';
import { type PayerAccountPolicy, redactOutcome } from '../ledger/payer.js';
import {
  deadlineOf,
  hasEnded,
  isIssued,
  type IssuedPayment,
  type Payment,
  type PaymentFailure,
  type PaymentKey,
  shown,
} from '../ledger/payment.js';
import { isPersonAction, PERSON_ACTIONS, type PersonAction } from '../ledger/person-action.js';
import type { ListedUnknownOrder } from '../ledger/store.js';
import type { TimelineEntry } from '../ledger/timeline.js';
import {
  AccountLostError,
  NothingToAcceptError,
  OrderNumberTakenError,
  OrderTermsConflictError,
  PaymentEndedError,
  PaymentInProgressError,
  PaymentNotFoundError,
} from './errors.js';

/** The terms of a payment to open (3.1.1). */
export interface CreatePayment {
  /** 1 to 20 digits and upper-case letters, unique for ever. Left out, a fresh one is made. */
  readonly orderNo?: string | undefined;
  /** Whole New Taiwan dollars, 11 to 9,999,999,999. */
  readonly amount: number;
  /** Days until the account lapses, 1 to 30; left out, the module's default. */
  readonly validDays?: number | undefined;
  /** At most 256 characters, without control characters, half characters, and `&` followed by a name and `=`. */
  readonly description?: string | undefined;
  /**
   * Where the payer's browser is sent back to; left out, the module's default. http or https, at most 256 characters, without
   * `?`, `&` and `#`.
   */
  readonly returnUrl?: string | undefined;
  /**
   * Where the platform posts the result; left out, this module's own address. http or https, at most 256 characters, without `?`,
   * `&` and `#`.
   */
  readonly notificationUrl?: string | undefined;
  /** Who is paid; left out, the configured merchant. */
  readonly merchantNo?: string | undefined;
}

/** A person's decision that unclaimed money pays a payment. */
export interface AcceptPayment {
  /** Why: kept in the payment's history. Text of 1 to 256 characters. */
  readonly reason: string;
  /** Who decides, as the host calls them: kept with the reason. At most 100 characters. */
  readonly by?: string | undefined;
  /** Left out, the configured merchant. */
  readonly merchantNo?: string | undefined;
}

/** Something that a person did about an order. */
export interface RecordAction extends PersonAction {
  /** Left out, the configured merchant. */
  readonly merchantNo?: string | undefined;
}

/** What a payment takes over where a call leaves it out. */
export interface PaymentDefaults {
  readonly merchantNo?: string;
  readonly validDays?: number;
  readonly returnUrl?: string;
  /** Asked for each time, since a host's global prefix is set after the module was made. */
  readonly notificationUrl: () => string | undefined;
}

/** What payments go by. */
export interface PaymentSettings {
  readonly baseUrl: string;
  /** How long one exchange with the platform may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly payerAccount: PayerAccountPolicy;
  readonly defaults: PaymentDefaults;
  /** When the platform is asked about a payment without being told to. */
  readonly reconciliation: CheckSchedule;
}

/** The injection token of {@link PaymentSettings}. */
export const PAYMENT_SETTINGS = Symbol('WanPayPaymentSettings');

interface InFlight {
  readonly terms: OrderRequest;
  readonly payment: Promise<IssuedPayment>;
}

/** Opens payments and queries them. A payment is in the ledger before the platform hears of it. */
@Injectable()
export class Payments {
  readonly #creating = new Map<string, InFlight>();
  readonly #querying = new Map<string, Promise<Payment>>();
  private readonly isLive: (merchantNo: string) => boolean;

  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(PlatformClient) private readonly client: PlatformClient,
    @Inject(MERCHANT_REGISTRY) private readonly merchants: MerchantRegistry,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PAYMENT_SETTINGS) private readonly settings: PaymentSettings,
    @Optional() @Inject(Activity) private readonly observer: Observer = UNOBSERVED,
  ) {
    this.isLive = livemodeOf(settings.baseUrl);
  }

  /** {@link WanPayService.createPayment} */
  create(asked: CreatePayment): Promise<IssuedPayment> {
    return this.observer.around({ name: 'createPayment', merchantNo: asked.merchantNo, orderNo: asked.orderNo }, () =>
      this.createOnce(asked),
    );
  }

  private async createOnce(asked: CreatePayment): Promise<IssuedPayment> {
    const request = await this.complete(asked);
    const key = keyOf(request);
    const running = this.#creating.get(key);
    if (running) {
      assertSameTerms(asked, running.terms);
      return running.payment;
    }
    const payment = this.openOrRecover(asked, request).finally(() => this.#creating.delete(key));
    this.#creating.set(key, { terms: request, payment });
    return payment;
  }

  /** {@link WanPayService.getPayment} */
  async get(orderNo: string, merchantNo = this.settings.defaults.merchantNo): Promise<Payment | undefined> {
    const merchant = await requireMerchant(this.merchants, merchantNo);
    const payment = await this.ledger.find({ merchantNo: merchant.merchantNo, orderNo });
    return payment && shown(payment);
  }

  /** {@link WanPayService.getUnknownOrder} */
  async getUnknown(
    orderNo: string,
    merchantNo = this.settings.defaults.merchantNo,
  ): Promise<ListedUnknownOrder | undefined> {
    const merchant = await requireMerchant(this.merchants, merchantNo);
    return this.ledger.findUnknown({ merchantNo: merchant.merchantNo, orderNo });
  }

  /** {@link WanPayService.getPaymentTimeline} */
  async timeline(orderNo: string, merchantNo = this.settings.defaults.merchantNo): Promise<readonly TimelineEntry[]> {
    const merchant = await requireMerchant(this.merchants, merchantNo);
    return this.ledger.timeline({ merchantNo: merchant.merchantNo, orderNo });
  }

  /** {@link WanPayService.acceptPayment} */
  async accept(orderNo: string, { reason, by, merchantNo }: AcceptPayment): Promise<Payment> {
    assertReason(reason);
    if (by !== undefined) assertPlainText('by', by, LONGEST_NAME);
    const payment = await this.get(orderNo, merchantNo);
    if (!payment) throw new PaymentNotFoundError(orderNo);
    const accepted = await this.ledger.accept(payment, reason, this.clock.now(), by);
    if (!accepted) throw new NothingToAcceptError(orderNo);
    return shown(accepted);
  }

  /** {@link WanPayService.recordAction} */
  async recordAction(orderNo: string, asked: RecordAction): Promise<void> {
    const { action, text, by, transfers } = asked;
    if (!isPersonAction(action)) throw new InvalidFieldError('action', `must be one of ${PERSON_ACTIONS.join(', ')}.`);
    if (text !== undefined) assertPlainText('text', text, LONGEST_NOTE);
    if (by !== undefined) assertPlainText('by', by, LONGEST_NAME);
    if (transfers !== undefined && !(Number.isSafeInteger(transfers) && transfers >= 0)) {
      throw new InvalidFieldError('transfers', 'must be a whole number, 0 or more.');
    }
    const { merchantNo } = await requireMerchant(this.merchants, asked.merchantNo ?? this.settings.defaults.merchantNo);
    const done = { action, text, by, transfers };
    const isRecorded = await this.ledger.recordAction({ merchantNo, orderNo }, done, this.clock.now());
    if (!isRecorded) throw new PaymentNotFoundError(orderNo);
  }

  /** {@link WanPayService.queryPayment} */
  query(orderNo: string, merchantNo?: string): Promise<Payment> {
    return this.observer.around({ name: 'queryPayment', merchantNo, orderNo }, () =>
      this.queryOnce(orderNo, merchantNo),
    );
  }

  private async queryOnce(orderNo: string, merchantNo: string | undefined): Promise<Payment> {
    const payment = await this.get(orderNo, merchantNo);
    if (!payment) throw new PaymentNotFoundError(orderNo);
    const key = keyOf(payment);
    const running = this.#querying.get(key);
    if (running) return running;
    const settled = this.askAndSettle(payment).finally(() => this.#querying.delete(key));
    this.#querying.set(key, settled);
    return settled;
  }

  private async complete(asked: CreatePayment): Promise<OrderRequest> {
    const { defaults } = this.settings;
    const merchant = await requireMerchant(this.merchants, asked.merchantNo ?? defaults.merchantNo);
    const notificationUrl = asked.notificationUrl ?? defaults.notificationUrl();
    const validDays = asked.validDays ?? defaults.validDays;
    const returnUrl = asked.returnUrl ?? defaults.returnUrl;
    const request: OrderRequest = {
      merchantNo: merchant.merchantNo,
      orderNo: asked.orderNo ?? createOrderNo(this.clock.now()),
      amount: asked.amount,
      ...(validDays === undefined ? {} : { validDays }),
      ...(asked.description === undefined ? {} : { description: asked.description }),
      ...(returnUrl === undefined ? {} : { returnUrl }),
      ...(notificationUrl === undefined ? {} : { notificationUrl }),
    };
    assertOrderRequest(request);
    return request;
  }

  private async openOrRecover(asked: CreatePayment, request: OrderRequest): Promise<IssuedPayment> {
    const now = this.clock.now();
    const livemode = this.isLive(request.merchantNo);
    const times = { createdAt: now, updatedAt: now, replyAwaitedUntil: this.replyAwaitedUntil(now) };
    const opening: Payment = { ...request, state: 'opening', livemode, ...times };
    const { payment, opened } = await this.ledger.open(opening, this.nextCheck(opening));
    if (opened) return this.openFresh(opening);
    assertSameTerms(asked, payment);
    if (isIssued(payment) && payment.state === 'paid') return shown(payment);
    if (hasEnded(payment) || (isIssued(payment) && now > deadlineOf(payment)))
      throw new PaymentEndedError(shown(payment));
    return isIssued(payment) ? shown(payment) : this.recover(payment);
  }

  private async openFresh(opening: Payment): Promise<IssuedPayment> {
    try {
      return await this.order(opening);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      // The platform has no such order, so the number is free again, for other terms too.
      if (!error.mayHaveActed) await this.ledger.withdraw(opening, failureOf(error), this.clock.now());
      if (!isDuplicate(error)) throw error;
      await this.ledger.fail(opening, failureOf(error), this.clock.now());
      await this.lookForMoney(opening);
      throw new OrderNumberTakenError(opening.orderNo);
    }
  }

  /** The number of somebody else may be paid already, and then nobody would be told again. */
  private async lookForMoney(payment: Payment): Promise<void> {
    try {
      const outcome = await this.client.queryOrder(payment.merchantNo, payment.orderNo, { attempts: 1 });
      if (outcome) await this.settle(payment, outcome);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      await this.ledger.requestCheck(payment, this.clock.now());
    }
  }

  /** A payment whose opening is unknown, from an earlier call or a process that is gone: ask before asking anew. */
  private async recover(opening: Payment): Promise<IssuedPayment> {
    const now = this.clock.now();
    // Before the query: what another process opens meanwhile would look as if its account were lost.
    const isOurs = await this.ledger.awaitReply(opening, now, this.replyAwaitedUntil(now, QUERY_AND_ORDER));
    if (!isOurs) throw new PaymentInProgressError(opening.orderNo);
    const outcome = await this.queryOpening(opening);
    if (outcome) {
      await this.ledger.fail(opening, ACCOUNT_LOST, this.clock.now());
      await this.settle(opening, outcome);
      throw new AccountLostError(opening.orderNo);
    }
    try {
      return await this.order(opening);
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      await this.ledger.fail(opening, ACCOUNT_LOST, this.clock.now());
      throw new AccountLostError(opening.orderNo);
    }
  }

  /** Where there is no answer, no account is awaited any more: the next call may ask at once. */
  private async queryOpening(opening: Payment): Promise<Outcome | undefined> {
    try {
      return await this.client.queryOrder(opening.merchantNo, opening.orderNo);
    } catch (error) {
      await this.ledger.loseReply(opening, this.clock.now());
      throw error;
    }
  }

  /** When the longest exchanges with the platform that may follow are over. */
  private replyAwaitedUntil(now: Date, exchanges = 1): Date {
    return new Date(now.getTime() + exchanges * (this.settings.timeoutMs * MAX_ATTEMPTS + RETRY_PAUSES_MS));
  }

  private async order(opening: Payment): Promise<IssuedPayment> {
    const account = await this.ask(opening);
    const check = this.nextCheck({ ...opening, account });
    const issued = await this.ledger.issue(opening, account, this.clock.now(), check);
    if (!issued) throw new PaymentNotFoundError(opening.orderNo);
    return shown(issued);
  }

  private async ask(opening: Payment): Promise<VirtualAccount> {
    try {
      return await this.client.openOrder(opening);
    } catch (error) {
      if (!isDuplicate(error)) await this.ledger.loseReply(opening, this.clock.now(), refusalOf(error));
      throw error;
    }
  }

  private nextCheck(payment: Payment): Date | undefined {
    return nextCheck(payment, this.clock.now(), this.settings.reconciliation);
  }

  private async askAndSettle(payment: Payment): Promise<Payment> {
    const outcome = await this.client.queryOrder(payment.merchantNo, payment.orderNo);
    if (!outcome) throw new PlatformRefusedError('5223', 'query', '');
    return this.settle(payment, outcome);
  }

  private async settle(payment: Payment, outcome: Outcome): Promise<Payment> {
    const settled = await this.ledger.settle({
      merchantNo: payment.merchantNo,
      orderNo: payment.orderNo,
      livemode: payment.livemode,
      outcome: redactOutcome(outcome, this.settings.payerAccount),
      source: 'query',
      now: this.clock.now(),
    });
    return shown(settled.payment ?? payment);
  }
}

/** Why a payment failed whose order the platform has, while its reply never reached us. */
const ACCOUNT_LOST: PaymentFailure = {
  code: 'account_lost',
  message: 'WanPay has the order, but its reply with the account number was lost.',
};

function isDuplicate(error: unknown): error is PlatformRefusedError {
  return error instanceof PlatformRefusedError && error.platformCode === DUPLICATE_ORDER_CODE;
}

function failureOf(error: PlatformError): PaymentFailure {
  return refusalOf(error) ?? { code: error.code, message: error.message };
}

/** What the platform itself said; undefined where it said nothing. */
function refusalOf(error: unknown): PaymentFailure | undefined {
  if (!(error instanceof PlatformRefusedError)) return undefined;
  const { platformCode, info, message } = error;
  return { code: platformCode, message: info || message };
}

const QUERY_AND_ORDER = 2;
/** More than the client's pauses between its attempts come to. */
const RETRY_PAUSES_MS = 5000;
const TERMS = ['amount', 'validDays', 'description', 'returnUrl', 'notificationUrl'] as const;

/** A term that the caller leaves out means whatever the payment was opened with. */
function assertSameTerms(asked: CreatePayment, opened: OrderRequest): void {
  const different = TERMS.filter((term) => asked[term] !== undefined && asked[term] !== opened[term]);
  if (different.length > 0) throw new OrderTermsConflictError(opened.orderNo, different);
}

const LONGEST_REASON = 256;
const LONGEST_NAME = 100;
const LONGEST_NOTE = 1000;

function assertReason(reason: string): void {
  assertPlainText('reason', reason, LONGEST_REASON);
  if (reason.trim() === '') throw new InvalidFieldError('reason', 'must not be empty.');
}

function keyOf({ merchantNo, orderNo }: PaymentKey): string {
  return `${merchantNo} ${orderNo}`;
}
