import { Inject, Injectable } from '@nestjs/common';
import { type LogFields, StructuredLogger } from '../logging/structured-logger.js';
import { PlatformError, PlatformRefusedError } from '../platform/errors.js';
import { PlatformClient } from '../platform/platform-client.js';
import { CLOCK } from '../platform/tokens.js';
import { Ledger } from '../ledger/ledger.js';
import { type PayerAccountPolicy, redactOutcome } from '../ledger/payer.js';
import type { Payment } from '../ledger/payment.js';
import { reasonOf } from '../protocol/cause.js';
import type { Clock, Outcome } from '../protocol/index.js';
import { CircuitBreaker, type CircuitBreakerListener } from './circuit-breaker.js';
import { RateLimiter } from './rate-limiter.js';

/** What became of asking after a payment. */
export type CheckResult =
  /** The platform told how it stands, and that is settled. */
  | { readonly kind: 'answered'; readonly payment: Payment }
  /** The platform has no such order. */
  | { readonly kind: 'missing' }
  /** There was no answer, and nothing was changed. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** It was not asked, since nobody answers. */
  | { readonly kind: 'paused'; readonly until: Date }
  /** It was not asked, since the merchant has no room for another query now. */
  | { readonly kind: 'crowded' };

/** The platform's own trouble (3.2.1); whatever else it refuses, it refuses a merchant or an order. */
const TROUBLE_CODES = new Set(['991', '992', '993', '999']);
/** What refuses a merchant altogether: a bad parameter, no permission or address, a wrong number or key (3.2.1). */
const REFUSAL_CODES = new Set(['910', '911', '913']);
/** The platform, or a merchant's access to it, fails so often in a row before nobody is asked for a while. */
const CIRCUIT = { failures: 5, pauseMs: 30_000, longestPauseMs: 600_000 };

/** For how long the platform is not asked, since it, or a merchant's access to it, failed again and again. */
export interface Pause {
  /** Absent where it is about every merchant. */
  readonly merchantNo?: string;
  readonly until: Date;
}

/** What a checker goes by. */
export interface CheckerSettings {
  readonly queriesPerSecond: number;
  readonly payerAccount: PayerAccountPolicy;
}

/** The injection token of {@link CheckerSettings}. */
export const CHECKER_SETTINGS = Symbol('WanPayCheckerSettings');

/** Queries payments, within the bounds that the platform sets its callers, and settles what it says. */
@Injectable()
export class PaymentChecker {
  private readonly logger = new StructuredLogger('WanPayReconciliation');
  private readonly platform: CircuitBreaker;
  private readonly merchants = new Map<string, CircuitBreaker>();
  /** How many queries may be sent for each merchant in a second. */
  readonly pace: RateLimiter;

  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(PlatformClient) private readonly client: PlatformClient,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CHECKER_SETTINGS) private readonly settings: CheckerSettings,
  ) {
    this.pace = new RateLimiter(settings.queriesPerSecond);
    this.platform = new CircuitBreaker(clock, CIRCUIT, this.listener('WanPay'));
  }

  /** Until when nobody is asked, or nothing for a merchant, since there was no answer again and again. */
  pausedUntil(merchantNo?: string): Date | undefined {
    return this.platform.openUntil ?? (merchantNo === undefined ? undefined : this.circuitOf(merchantNo).openUntil);
  }

  /** Every pause there is now; without a merchant, nobody is asked. */
  get pauses(): readonly Pause[] {
    const merchants = [...this.merchants].map(([merchantNo, { openUntil }]) => ({ merchantNo, until: openUntil }));
    return [{ until: this.platform.openUntil }, ...merchants].filter(
      (pause): pause is Pause => pause.until !== undefined,
    );
  }

  /** Asks once; whatever failed is for the caller to try again later. */
  async ask(payment: Payment): Promise<CheckResult> {
    const { merchantNo } = payment;
    const merchant = this.circuitOf(merchantNo);
    const until = this.pausedUntil(merchantNo);
    if (until) return { kind: 'paused', until };
    if (!this.pace.take(merchantNo, this.clock.now())) return { kind: 'crowded' };
    this.platform.admits();
    merchant.admits();
    const asked = await this.query(payment, merchant);
    if (asked.kind !== 'found') return asked;
    return { kind: 'answered', payment: await this.settle(payment, asked.outcome) };
  }

  private async query(
    { merchantNo, orderNo }: Payment,
    merchant: CircuitBreaker,
  ): Promise<{ kind: 'found'; outcome: Outcome } | { kind: 'missing' } | { kind: 'failed'; error: unknown }> {
    try {
      const outcome = await this.client.queryOrder(merchantNo, orderNo, { attempts: 1 });
      this.platform.succeeded();
      merchant.succeeded();
      return outcome ? { kind: 'found', outcome } : { kind: 'missing' };
    } catch (error) {
      this.countFailure(error, merchant);
      return { kind: 'failed', error };
    }
  }

  private async settle(payment: Payment, outcome: Outcome): Promise<Payment> {
    const { merchantNo, orderNo, livemode } = payment;
    const settled = await this.ledger.settle({
      merchantNo,
      orderNo,
      livemode,
      outcome: redactOutcome(outcome, this.settings.payerAccount),
      source: 'query',
      now: this.clock.now(),
    });
    return settled.payment ?? payment;
  }

  private countFailure(error: unknown, merchant: CircuitBreaker): void {
    if (error instanceof PlatformRefusedError && !TROUBLE_CODES.has(error.platformCode)) {
      this.platform.succeeded();
      if (REFUSAL_CODES.has(error.platformCode)) merchant.failed(error);
      else merchant.succeeded();
    } else if (error instanceof PlatformError) {
      this.platform.failed(error);
    } else {
      merchant.failed(error);
    }
  }

  private circuitOf(merchantNo: string): CircuitBreaker {
    const circuit =
      this.merchants.get(merchantNo) ??
      new CircuitBreaker(this.clock, CIRCUIT, this.listener(`WanPay, for merchant ${merchantNo},`, { merchantNo }));
    this.merchants.set(merchantNo, circuit);
    return circuit;
  }

  private listener(who: string, fields?: LogFields): CircuitBreakerListener {
    return {
      opened: (error) => {
        this.logger.error(
          'checks_paused',
          `${who} gave no answer ${CIRCUIT.failures} times in a row; checks pause until it does. ${reasonOf(error)}`,
          fields,
        );
      },
      closed: () => {
        this.logger.log('checks_resumed', `${who} answers again; checks go on.`, fields);
      },
    };
  }
}
