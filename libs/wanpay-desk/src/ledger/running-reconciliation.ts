import type { ReconciliationReport, WanPayService } from 'nestjs-wanpay';
import { StructuredLogger } from 'nestjs-wanpay/telemetry';
import {
  type KeptRun,
  type Listener,
  periodOfRun,
  type Progress,
  RECONCILIATION,
  type ReconciledOrder,
  type ReconciliationRun,
} from './reconciliation-run.js';

/** The lease of the one run that a period has at a time. */
export interface RunLease {
  readonly name: string;
  readonly holder: string;
}

const PROGRESS_MS = 1000;
/** The lease is renewed whenever progress is written. */
export const LEASE_SECONDS = 20;
const MAX_LISTED = 2000;

/** A run whose lease this process has. It writes its progress until it is done, fails, is stopped, or loses its lease. */
export class RunningReconciliation {
  private readonly logger = new StructuredLogger('WanPayDesk');
  private readonly stopping = new AbortController();
  private readonly changed: ReconciledOrder[];
  private readonly unanswered: ReconciledOrder[];
  private progress: Pick<ReconciliationRun, 'done' | 'total' | 'position'>;
  private saying = Promise.resolve();
  private isLost = false;

  constructor(
    private readonly wanpay: WanPayService,
    private readonly run: KeptRun,
    private readonly lease: RunLease,
  ) {
    const { changed, unanswered, done, total, position } = run;
    this.changed = [...changed];
    this.unanswered = [...unanswered];
    this.progress = { done, total, position };
  }

  /** Runs until the end and gives the lease back. Never rejects. */
  async finish(): Promise<void> {
    const timer = setInterval(() => {
      // One write after the other, so that older progress never replaces newer.
      this.saying = this.saying.then(() => this.say({ state: 'running' })).catch(this.complain);
    }, PROGRESS_MS).unref();
    const last = await this.reconcile();
    clearInterval(timer);
    await this.saying;
    try {
      await this.say(last);
      await this.wanpay.dropLease(this.lease.name, this.lease.holder);
    } catch (error) {
      this.complain(error);
    }
  }

  /** Queries no more payments. Any process can continue the run later. */
  stop(): void {
    this.stopping.abort();
  }

  private async reconcile(): Promise<Pick<ReconciliationRun, 'state' | 'report' | 'error'>> {
    const { signal } = this.stopping;
    const { position } = this.run;
    const stopped = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve(undefined);
      });
    });
    try {
      const work = this.wanpay.reconcile(periodOfRun(this.run), this.heed, { position, signal });
      // A query that is under way may take longer than a host that shuts down can wait.
      const report: ReconciliationReport | undefined = await Promise.race([work, stopped]);
      return report ? { state: 'done', report } : { state: 'interrupted' };
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'It failed.';
      this.logger.error('desk_reconciliation_failed', `A reconciliation failed: ${reason}`, { reason });
      return { state: 'failed', error: reason };
    }
  }

  private readonly heed: Listener = ({ done, total, position }: Progress, { before, after, isAnswered }) => {
    if (this.stopping.signal.aborted) return;
    this.progress = { done, total, position };
    const { merchantNo, orderNo, amount, state } = before;
    const about = { merchantNo, orderNo, amount, from: state };
    if (!isAnswered) list(this.unanswered, about);
    if (after !== undefined && after.state !== state) list(this.changed, { ...about, to: after.state });
  };

  /** Writes only while it has the lease, because another process may have continued the run. */
  private async say(rest: Pick<ReconciliationRun, 'state' | 'report' | 'error'>): Promise<void> {
    const { id, at, isInterrupted: _, ...run } = this.run;
    const { name, holder } = this.lease;
    this.isLost ||= !(await this.wanpay.takeLease(name, holder, LEASE_SECONDS));
    if (this.isLost) {
      this.stop();
      return;
    }
    const updatedAt = (await this.wanpay.status()).at.toISOString();
    const { changed, unanswered } = this;
    const kept: ReconciliationRun = { ...run, ...this.progress, updatedAt, changed, unanswered, ...rest };
    await this.wanpay.keepRecord({ kind: RECONCILIATION, id, at, document: JSON.stringify(kept) });
  }

  private readonly complain = (error: unknown): void => {
    const reason = error instanceof Error ? error.message : 'unknown';
    this.logger.error('desk_report_not_kept', `The progress of a reconciliation could not be saved: ${reason}`);
  };
}

/** Adds an order once, because payments are queried again after an interruption. */
function list(orders: ReconciledOrder[], order: ReconciledOrder): void {
  const isListed = orders.some(
    ({ merchantNo, orderNo }) => merchantNo === order.merchantNo && orderNo === order.orderNo,
  );
  if (!isListed && orders.length < MAX_LISTED) orders.push(order);
}
