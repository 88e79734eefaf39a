import { Inject, Injectable } from '@nestjs/common';
import {
  assertOrderRequest,
  type Clock,
  createOrderNo,
  DUPLICATE_ORDER_CODE,
  type OrderRequest,
  type Outcome,
} from '../protocol/index.js';
import { PlatformError, PlatformRefusedError } from '../platform/errors.js';
import { MAX_ATTEMPTS, PlatformClient } from '../platform/platform-client.js';
import { type MerchantRegistry, requireMerchant } from '../platform/merchants.js';
import { livemodeOf } from '../platform/platform.js';
import { CLOCK, MERCHANT_REGISTRY } from '../platform/tokens.js';
import { type CheckSchedule, nextCheck } from '../ledger/check-schedule.js';
import { Ledger } from '../ledger/ledger.js';
import { type PayerAccountPolicy, redactOutcome } from '../ledger/payer.js';
import { isIssued, type IssuedPayment, type Payment, type PaymentKey } from '../ledger/payment.js';
import type { TimelineEntry } from '../ledger/timeline.js';
import { AccountLostError, OrderTermsConflictError, PaymentInProgressError, PaymentNotFoundError } from './errors.js';

/** What a payment is to be. */
export interface CreatePayment {
  /** 1 to 20 digits and upper-case letters, unique for ever. Left out, a fresh one is made. */
  readonly orderNo?: string;
  /** Whole New Taiwan dollars, 11 to 9,999,999,999. */
  readonly amount: number;
  /** Days until the account lapses, 1 to 30; left out, the module's default. */
  readonly validDays?: number;
  /** At most 256 characters. */
  readonly description?: string;
  /** Where the payer's browser is sent back to; left out, the module's default. At most 256 characters. */
  readonly returnUrl?: string;
  /** Where the platform posts the result; left out, this module's own address. At most 256 characters. */
  readonly notificationUrl?: string;
  /** Who is paid; left out, the configured merchant. */
  readonly merchantNo?: string;
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
  private readonly creating = new Map<string, InFlight>();
  private readonly querying = new Map<string, Promise<Payment>>();
  /** The orders that this process asked for without learning the result, and asks for no more. */
  private readonly unresolved = new Set<string>();
  private readonly isLive: (merchantNo: string) => boolean;

  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(PlatformClient) private readonly client: PlatformClient,
    @Inject(MERCHANT_REGISTRY) private readonly merchants: MerchantRegistry,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PAYMENT_SETTINGS) private readonly settings: PaymentSettings,
  ) {
    this.isLive = livemodeOf(settings.baseUrl);
  }

  /** {@link WanPayService.createPayment} */
  async create(asked: CreatePayment): Promise<IssuedPayment> {
    const request = await this.complete(asked);
    const key = keyOf(request);
    const running = this.creating.get(key);
    if (running) {
      assertSameTerms(asked, running.terms);
      return running.payment;
    }
    const payment = this.openOrRecover(asked, request).finally(() => this.creating.delete(key));
    this.creating.set(key, { terms: request, payment });
    return payment;
  }

  /** {@link WanPayService.getPayment} */
  async get(orderNo: string, merchantNo = this.settings.defaults.merchantNo): Promise<Payment | undefined> {
    const merchant = await requireMerchant(this.merchants, merchantNo);
    return this.ledger.find({ merchantNo: merchant.merchantNo, orderNo });
  }

  /** {@link WanPayService.getPaymentTimeline} */
  async timeline(orderNo: string, merchantNo = this.settings.defaults.merchantNo): Promise<readonly TimelineEntry[]> {
    const merchant = await requireMerchant(this.merchants, merchantNo);
    return this.ledger.timeline({ merchantNo: merchant.merchantNo, orderNo });
  }

  /** {@link WanPayService.queryPayment} */
  async query(orderNo: string, merchantNo?: string): Promise<Payment> {
    const payment = await this.get(orderNo, merchantNo);
    if (!payment) throw new PaymentNotFoundError(orderNo);
    const key = keyOf(payment);
    const running = this.querying.get(key);
    if (running) return running;
    const settled = this.askAndSettle(payment).finally(() => this.querying.delete(key));
    this.querying.set(key, settled);
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
    const opening: Payment = { ...request, state: 'opening', livemode, createdAt: now, updatedAt: now };
    const { payment, opened } = await this.ledger.open(opening, this.nextCheck(opening));
    if (opened) return this.openFresh(opening);
    assertSameTerms(asked, payment);
    if (isIssued(payment)) return payment;
    return this.recover(payment);
  }

  private async openFresh(opening: Payment): Promise<IssuedPayment> {
    try {
      return await this.order(opening);
    } catch (error) {
      // The platform has no such order, so the number is free again, for other terms too.
      if (error instanceof PlatformError && !error.mayHaveActed) {
        await this.ledger.withdraw(opening);
        this.unresolved.delete(keyOf(opening));
      }
      throw error;
    }
  }

  /** A payment whose opening is unknown, from an earlier call or a process that is gone: ask before asking anew. */
  private async recover(opening: Payment): Promise<IssuedPayment> {
    if (this.mayBeAskedElsewhere(opening)) throw new PaymentInProgressError(opening.orderNo);
    const outcome = await this.client.queryOrder(opening.merchantNo, opening.orderNo);
    if (outcome) {
      await this.settle(opening, outcome);
      throw new AccountLostError(opening.orderNo);
    }
    try {
      return await this.order(opening);
    } catch (error) {
      const taken = error instanceof PlatformRefusedError && error.platformCode === DUPLICATE_ORDER_CODE;
      throw taken ? new AccountLostError(opening.orderNo) : error;
    }
  }

  /** Whether another process that shares the ledger may still be waiting for the platform's reply to this order. */
  private mayBeAskedElsewhere(opening: Payment): boolean {
    if (!this.ledger.isShared || this.unresolved.has(keyOf(opening))) return false;
    const longestAskMs = this.settings.timeoutMs * MAX_ATTEMPTS + RETRY_PAUSES_MS;
    return this.clock.now().getTime() - opening.createdAt.getTime() < longestAskMs;
  }

  private async order(opening: Payment): Promise<IssuedPayment> {
    const key = keyOf(opening);
    this.unresolved.add(key);
    const account = await this.client.openOrder(opening);
    const check = this.nextCheck({ ...opening, account });
    const issued = await this.ledger.issue(opening, account, this.clock.now(), check);
    if (!issued) throw new PaymentNotFoundError(opening.orderNo);
    this.unresolved.delete(key);
    return issued;
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
    return settled.payment ?? payment;
  }
}

/** More than the client's pauses between its attempts come to. */
const RETRY_PAUSES_MS = 5000;
const TERMS = ['amount', 'validDays', 'description', 'returnUrl', 'notificationUrl'] as const;

/** A term that the caller leaves out means whatever the payment was opened with. */
function assertSameTerms(asked: CreatePayment, opened: OrderRequest): void {
  const different = TERMS.filter((term) => asked[term] !== undefined && asked[term] !== opened[term]);
  if (different.length > 0) throw new OrderTermsConflictError(opened.orderNo, different);
}

function keyOf({ merchantNo, orderNo }: PaymentKey): string {
  return `${merchantNo} ${orderNo}`;
}
