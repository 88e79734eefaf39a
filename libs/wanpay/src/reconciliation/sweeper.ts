import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable, Optional } from '@nestjs/common';
import pLimit, { type LimitFunction } from 'p-limit';
import { type CheckSchedule, nextCheck } from '../ledger/check-schedule.js';
import { type DueCheck, Ledger, type NextCheck } from '../ledger/ledger.js';
import type { Payment, PaymentFailure } from '../ledger/payment.js';
import type { ClaimedChecks } from '../ledger/store.js';
import type { SweepResult } from '../ledger/work-queue.js';
import { Activity } from '../observation/activity.js';
import { type Observer, UNOBSERVED } from '../observation/observer.js';
import { StructuredLogger } from '../logging/structured-logger.js';
import { CLOCK, RANDOM } from '../platform/tokens.js';
import { reasonOf } from '../protocol/cause.js';
import { type Cancel, type Clock, TIMESTAMP_VALIDITY_SECONDS } from '../protocol/index.js';
import { type CheckResult, PaymentChecker } from './payment-checker.js';

/** How payments are swept. */
export interface SweepSettings extends CheckSchedule {
  /** How many queries are under way at once. */
  readonly concurrency: number;
  /** How long one exchange with the platform may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The one merchant whose payments are swept; left out, every merchant's. */
  readonly onlyMerchantNo?: string;
  /** Whether something else sweeps checks when they are due; this process then sweeps only what is overdue. */
  readonly isScheduled: boolean;
}

/** The injection token of {@link SweepSettings}. */
export const SWEEP_SETTINGS = Symbol('WanPaySweepSettings');

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
/** How many payments are claimed for each query that can be under way. */
const TURNS = 4;
/** By how much a claim and the lease outlast their exchanges with the platform, which is also the delay after a crash. */
const LEASE_MARGIN_MS = 10 * SECOND_MS;
/** The longest that a sweep is not looked for: other processes may have planned checks that this one does not know. */
const LONGEST_WAIT_MS = 5 * MINUTE_MS;
/** How soon a process looks again while another one sweeps. */
const YIELD_MS = 30 * SECOND_MS;
/** How overdue a check must be before such a process sweeps it. */
const MAKING_SURE_MS = 2 * MINUTE_MS;
const BACKOFF_BASE_MS = MINUTE_MS;
const LONGEST_BACKOFF_MS = 24 * 60 * MINUTE_MS;
/** After so many failures in a row a payment's check is reported, since the cause is then not short-lived. */
const FAILURES_TOLD = 3;
/** An order can't be taken up any more once its request is out of its validity (1.2); a tolerance for clocks that differ. */
const OPENING_LIFE_MS = 2 * TIMESTAMP_VALIDITY_SECONDS * SECOND_MS;

/** Why a payment failed of which the platform knows nothing. */
const NEVER_OPENED: PaymentFailure = { code: '5223', message: 'WanPay has no such order.' };

/**
 * Queries the payments whose check is due, settles the answers, and plans the checks that follow.
 *
 * One process sweeps at a time: it holds a lease in the ledger. Everything else is in the ledger too, so the next process
 * continues a sweep that was cut short.
 */
@Injectable()
export class Sweeper {
  private readonly logger = new StructuredLogger('WanPayReconciliation');
  private readonly holder = randomUUID();
  private readonly limit: LimitFunction;
  private readonly lease: string;
  private active = false;
  private stopped = false;
  private waking = false;
  private isWoken = false;
  private sweeping: Promise<SweepResult> | undefined;
  private cancelTimer: Cancel = () => undefined;

  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(PaymentChecker) private readonly checker: PaymentChecker,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SWEEP_SETTINGS) private readonly settings: SweepSettings,
    @Optional() @Inject(RANDOM) private readonly random: () => number = Math.random,
    @Optional() @Inject(Activity) private readonly observer: Observer = UNOBSERVED,
  ) {
    this.limit = pLimit(settings.concurrency);
    this.lease = `sweep ${settings.onlyMerchantNo ?? '*'}`;
  }

  /** Sweeps by itself from now on, whenever a check falls due. */
  start(): void {
    this.active = true;
    this.wake();
  }

  /** Sweeps no more, and waits for the queries that are under way. */
  async stop(): Promise<void> {
    this.active = false;
    this.stopped = true;
    this.cancelTimer();
    await this.sweeping?.catch(() => undefined);
  }

  /** Resolves when no sweep is under way. */
  async idle(): Promise<void> {
    while (this.sweeping ?? this.waking) {
      await nextTurn();
      await this.sweeping?.catch(() => undefined);
    }
  }

  /** Looks for checks that are due, if this process sweeps by itself. */
  wake(): void {
    this.isWoken = true;
    if (this.waking || !this.active) return;
    void this.sweepAndArm();
  }

  /**
   * Asks after every payment whose check is due; joins the sweep that is under way in this process.
   *
   * @returns what it came to; nothing of it while another process sweeps
   */
  sweep(): Promise<SweepResult> {
    this.sweeping ??= this.observer
      .around({ name: 'sweep' }, () => this.run())
      .finally(() => {
        this.sweeping = undefined;
      });
    return this.sweeping;
  }

  private async sweepAndArm(): Promise<void> {
    this.waking = true;
    this.cancelTimer();
    let wait = 0;
    while (this.isWoken && this.active) {
      this.isWoken = false;
      wait = await this.sweep()
        .then(() => this.nextWait())
        .catch((error: unknown) => {
          this.logger.error('sweep_failed', `Payments could not be swept: ${reasonOf(error)}`);
          return YIELD_MS;
        });
    }
    this.waking = false;
    if (!this.active) return;
    this.cancelTimer = this.clock.after(wait, () => {
      this.wake();
    });
  }

  private async run(): Promise<SweepResult> {
    const total = { answered: 0, changed: 0, failed: 0 };
    while (await this.mayGoOn()) {
      const now = this.clock.now();
      const leaseUntil = this.leaseEnd(now);
      const { checks } = await this.claim(now, leaseUntil, this.room(now));
      if (checks.length === 0) break;
      await Promise.all(checks.map((check) => this.limit(() => this.check({ ...check, leaseUntil }, total))));
    }
    await this.ledger.dropLease(this.lease, this.holder, this.clock.now());
    this.observer.happened({ kind: 'sweep' });
    return total;
  }

  private claim(now: Date, leaseUntil: Date, limit: number): Promise<ClaimedChecks> {
    const { onlyMerchantNo } = this.settings;
    const merchant = onlyMerchantNo === undefined ? {} : { merchantNo: onlyMerchantNo };
    return this.ledger.claimChecks({ now, leaseUntil, limit, ...merchant });
  }

  private async mayGoOn(): Promise<boolean> {
    const now = this.clock.now();
    const { onlyMerchantNo } = this.settings;
    if (this.stopped || this.checker.pausedUntil(onlyMerchantNo) || this.room(now) === 0) return false;
    return this.ledger.takeLease(this.lease, this.holder, now, this.leaseEnd(now));
  }

  /** What is claimed beyond what may be asked would only be put back. */
  private room(now: Date): number {
    const { onlyMerchantNo, concurrency } = this.settings;
    const most = TURNS * concurrency;
    return onlyMerchantNo === undefined ? most : Math.min(most, this.checker.pace.free(onlyMerchantNo, now));
  }

  private async check(check: DueCheck, total: { answered: number; changed: number; failed: number }): Promise<void> {
    const { payment } = check;
    if (payment.state === 'paid') {
      await this.ledger.scheduleCheck(check, { failures: 0 });
      return;
    }
    const asked = this.clock.now();
    const result = await this.checker.ask(payment);
    this.observer.happened({ kind: 'check', result: result.kind });
    if (result.kind === 'answered' || result.kind === 'missing') total.answered += 1;
    if (result.kind === 'answered' && result.payment.state !== payment.state) total.changed += 1;
    if (result.kind === 'failed') total.failed += 1;
    await this.ledger.scheduleCheck(check, await this.planAfter(check, result, asked));
  }

  private async planAfter(check: DueCheck, result: CheckResult, asked: Date): Promise<NextCheck> {
    const { payment, failures } = check;
    switch (result.kind) {
      case 'answered':
        return this.scheduled(result.payment, asked);
      case 'missing':
        return this.planMissing(payment, asked);
      case 'failed':
        return this.planFailed(payment, failures + 1, result.error);
      case 'paused':
        return { at: result.until, failures };
      case 'crowded':
        return { at: this.checker.pace.place(payment.merchantNo, this.clock.now()), failures };
    }
  }

  /** What the platform never took up, and can't any more, has failed. */
  private async planMissing(payment: Payment, asked: Date): Promise<NextCheck> {
    if (payment.state !== 'opening') {
      const { merchantNo, orderNo } = payment;
      const text = `WanPay says that it has no order ${orderNo}, which it issued an account for.`;
      this.logger.warn('order_missing', text, { merchantNo, orderNo });
      return this.scheduled(payment, asked);
    }
    const age = asked.getTime() - payment.createdAt.getTime();
    if (age <= OPENING_LIFE_MS) return this.scheduled(payment, asked);
    await this.ledger.fail(payment, payment.failure ?? NEVER_OPENED, this.clock.now());
    return { failures: 0 };
  }

  private planFailed({ merchantNo, orderNo }: Payment, failures: number, error: unknown): NextCheck {
    if (failures === FAILURES_TOLD && !this.checker.pausedUntil(merchantNo)) {
      const text = `Order ${orderNo} could not be checked ${failures} times in a row. ${reasonOf(error)}`;
      this.logger.warn('checks_failing', text, { merchantNo, orderNo, failures });
    }
    const ceiling = Math.min(BACKOFF_BASE_MS * 2 ** (failures - 1), LONGEST_BACKOFF_MS);
    const pause = Math.ceil(ceiling * (0.5 + this.random() / 2));
    return { at: new Date(this.clock.now().getTime() + pause), failures };
  }

  /** An answer is as old as its question: what was planned between the two, or asked for meanwhile, is still to be asked. */
  private scheduled(payment: Payment, asked: Date): NextCheck {
    const { expeditedAt } = payment;
    const planned = nextCheck(payment, asked, this.settings);
    const at = expeditedAt && expeditedAt > asked && (!planned || expeditedAt < planned) ? expeditedAt : planned;
    return { ...(at ? { at } : {}), failures: 0 };
  }

  private leaseEnd(now: Date): Date {
    const turns = Math.ceil(this.room(now) / this.settings.concurrency);
    return new Date(now.getTime() + turns * this.settings.timeoutMs + LEASE_MARGIN_MS);
  }

  private async nextWait(): Promise<number> {
    const now = this.clock.now();
    const due = await this.ledger.nextCheckDue(now, this.settings.onlyMerchantNo);
    const earliest = Math.max(due?.getTime() ?? Number.POSITIVE_INFINITY, this.openAgainAt(now));
    // What is due and was not swept is being swept by another process.
    const wait = earliest <= now.getTime() ? YIELD_MS : earliest - now.getTime();
    return Math.min(wait + (this.settings.isScheduled ? MAKING_SURE_MS : 0), LONGEST_WAIT_MS);
  }

  /** When this process may ask again, in milliseconds. */
  private openAgainAt(now: Date): number {
    const { onlyMerchantNo } = this.settings;
    const paced = onlyMerchantNo === undefined ? now : this.checker.pace.nextFree(onlyMerchantNo, now);
    return Math.max(paced.getTime(), this.checker.pausedUntil(onlyMerchantNo)?.getTime() ?? 0);
  }
}
