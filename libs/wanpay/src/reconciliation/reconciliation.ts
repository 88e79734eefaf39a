import { Inject, Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import { Ledger } from '../ledger/ledger.js';
import type { Payment, PaymentState } from '../ledger/payment.js';
import type { Period } from '../ledger/store.js';
import { CLOCK } from '../platform/tokens.js';
import type { Clock } from '../protocol/index.js';
import { type CheckResult, PaymentChecker } from './payment-checker.js';

/** What reconciling a period came to. */
export interface ReconciliationReport {
  /** The period: this moment and later. */
  readonly from: Date;
  /** The period: before this moment. */
  readonly to: Date;
  /** Payments that were created in the period. */
  readonly payments: number;
  /** Payments that were queried, and answered for. */
  readonly checked: number;
  /** Payments that the platform gave no answer for; nothing of theirs was changed. */
  readonly unanswered: number;
  /** Payments of the period that a notification settled. */
  readonly settledByNotification: number;
  /** Payments of the period that a query settled, now or before. */
  readonly settledByQuery: number;
  /**
   * Payments with transfers that did not pay them: of another amount, a second one, or one to an account that never came. Look
   * at each.
   */
  readonly needsReview: number;
  /** Orders that were first heard of in the period and that this ledger never opened: look at each. */
  readonly unknownOrders: number;
  /** Payments that are neither paid nor over. */
  readonly stillOpen: number;
}

/** How far reconciling is. */
export interface ReconciliationProgress {
  /** Payments that were dealt with so far. */
  readonly done: number;
  /** Payments that are to be dealt with. */
  readonly total: number;
}

/** What asking after one payment came to. */
export interface ReconciledPayment {
  readonly before: Payment;
  /** As it is now; absent where the platform gave no answer, or has no such order. */
  readonly after?: Payment;
  /** Whether the platform answered, if only that it has no such order. */
  readonly isAnswered: boolean;
}

/** Hears how far reconciling is, and what became of a payment. */
export type ReconciliationListener = (progress: ReconciliationProgress, payment: ReconciledPayment) => void;

/** What money may still come for, or have come for: all but what is paid. */
const UNPAID: readonly PaymentState[] = ['opening', 'pending', 'failed', 'closed', 'expired'];
const PAGE = 200;

/** The injection token of the settings of {@link Reconciliation}. */
export const RECONCILIATION_SETTINGS = Symbol('WanPayReconciliationSettings');

/** Queries every payment of a period that is not paid, whatever its schedule says, and counts what there is. */
@Injectable()
export class Reconciliation {
  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(PaymentChecker) private readonly checker: PaymentChecker,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RECONCILIATION_SETTINGS) private readonly settings: { readonly concurrency: number },
  ) {}

  /** {@link WanPayService.reconcile} */
  async reconcile(period: Period, onProgress?: ReconciliationListener): Promise<ReconciliationReport> {
    const { states: before } = await this.ledger.summarize(period);
    const total = UNPAID.reduce((sum, state) => sum + before[state], 0);
    const counts = { checked: 0, unanswered: 0 };
    const limit = pLimit(this.settings.concurrency);
    const deal = async (payment: Payment): Promise<void> => {
      const result = await this.ask(payment);
      const isAnswered = result.kind === 'answered' || result.kind === 'missing';
      counts[isAnswered ? 'checked' : 'unanswered'] += 1;
      onProgress?.(
        { done: counts.checked + counts.unanswered, total },
        { before: payment, isAnswered, ...(result.kind === 'answered' ? { after: result.payment } : {}) },
      );
    };
    for await (const payments of this.pages(period)) await Promise.all(payments.map((payment) => limit(deal, payment)));
    return { from: period.from, to: period.to, ...counts, ...(await this.count(period)) };
  }

  private async count(period: Period): Promise<Omit<ReconciliationReport, 'from' | 'to' | 'checked' | 'unanswered'>> {
    const { states, settledBy, needsReview, unknownOrders } = await this.ledger.summarize(period);
    return {
      payments: Object.values(states).reduce((sum, count) => sum + count),
      settledByNotification: settledBy.notification,
      settledByQuery: settledBy.query,
      needsReview,
      unknownOrders,
      stillOpen: states.opening + states.pending,
    };
  }

  private async *pages({ from, to, merchantNo }: Period): AsyncGenerator<readonly Payment[]> {
    const filter = { createdFrom: from, createdBefore: to, states: UNPAID, limit: PAGE };
    let after: string | undefined;
    do {
      const page = await this.ledger.list({
        ...filter,
        ...(merchantNo ? { merchantNo } : {}),
        ...(after ? { after } : {}),
      });
      yield page.payments;
      after = page.next;
    } while (after);
  }

  /** Waits for room, where the merchant's queries leave none. */
  private async ask(payment: Payment): Promise<CheckResult> {
    for (;;) {
      const result = await this.checker.ask(payment);
      if (result.kind !== 'crowded') return result;
      const now = this.clock.now();
      const wait = this.checker.pace.nextFree(payment.merchantNo, now).getTime() - now.getTime();
      await new Promise<void>((resolve) => this.clock.after(wait, resolve));
    }
  }
}
