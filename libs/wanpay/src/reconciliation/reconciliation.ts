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
  /** Where a later call can continue if this one ends early. */
  readonly position: ReconciliationPosition;
}

/**
 * How far the reconciliation of a period is; it can be kept as JSON. Payments of the page at hand are queried again when it
 * continues.
 */
export interface ReconciliationPosition {
  /** The cursor of the page at hand; absent for the first page. */
  readonly after?: string | undefined;
  readonly checked: number;
  readonly unanswered: number;
  readonly total: number;
}

/** Options of a reconciliation. */
export interface ReconciliationOptions {
  /** Continues where an earlier call for the same period ended. */
  readonly position?: ReconciliationPosition | undefined;
  /** Stops the reconciliation: no more payments are queried, and the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
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

/** A page of payments, and the cursor that it was read with. */
interface Page {
  readonly payments: readonly Payment[];
  readonly after: string | undefined;
}

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
  async reconcile(
    period: Period,
    onProgress?: ReconciliationListener,
    { position: begun, signal }: ReconciliationOptions = {},
  ): Promise<ReconciliationReport> {
    const total = begun?.total ?? (await this.countUnpaid(period));
    const counts = { checked: begun?.checked ?? 0, unanswered: begun?.unanswered ?? 0 };
    const limit = pLimit(this.settings.concurrency);
    let position: ReconciliationPosition = { ...counts, total, after: begun?.after };
    const deal = async (payment: Payment): Promise<void> => {
      const result = await this.ask(payment, signal);
      const isAnswered = result.kind === 'answered' || result.kind === 'missing';
      counts[isAnswered ? 'checked' : 'unanswered'] += 1;
      const after = result.kind === 'answered' ? { after: result.payment } : {};
      // A paid payment is not listed again, so a later call would not count it.
      if (after.after?.state === 'paid') position = { ...position, checked: position.checked + 1 };
      const progress = { done: counts.checked + counts.unanswered, total, position };
      onProgress?.(progress, { before: payment, isAnswered, ...after });
    };
    for await (const { payments, after } of this.pages(period, begun?.after)) {
      position = { ...counts, total, after };
      await Promise.all(payments.map((payment) => limit(deal, payment)));
    }
    return { from: period.from, to: period.to, ...counts, ...(await this.count(period)) };
  }

  private async countUnpaid(period: Period): Promise<number> {
    const { states } = await this.ledger.summarize(period);
    return UNPAID.reduce((sum, state) => sum + states[state], 0);
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

  private async *pages({ from, to, merchantNo }: Period, begun: string | undefined): AsyncGenerator<Page> {
    const filter = { createdFrom: from, createdBefore: to, states: UNPAID, limit: PAGE };
    let after = begun;
    do {
      const page = await this.ledger.list({
        ...filter,
        ...(merchantNo ? { merchantNo } : {}),
        ...(after ? { after } : {}),
      });
      yield { payments: page.payments, after };
      after = page.next;
    } while (after);
  }

  /** Waits for room, where the merchant's queries leave none. */
  private async ask(payment: Payment, signal: AbortSignal | undefined): Promise<CheckResult> {
    for (;;) {
      signal?.throwIfAborted();
      const result = await this.checker.ask(payment);
      if (result.kind !== 'crowded') return result;
      const now = this.clock.now();
      const wait = this.checker.pace.nextFree(payment.merchantNo, now).getTime() - now.getTime();
      await new Promise<void>((resolve) => this.clock.after(wait, resolve));
    }
  }
}
