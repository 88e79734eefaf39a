import type { ReconciliationReport, WanPayService } from 'nestjs-wanpay';
import type { KeptRecord, Period } from 'nestjs-wanpay/ledger';

/** Called after each order with the progress. */
export type Listener = NonNullable<Parameters<WanPayService['reconcile']>[1]>;
/** How far a reconciliation is. */
export type Progress = Parameters<Listener>[0];

/** An order whose state a run changed, or for which the platform gave no answer. */
export interface ReconciledOrder {
  readonly merchantNo: string;
  readonly orderNo: string;
  readonly amount: number;
  readonly from: string;
  /** Absent where the platform gave no answer. */
  readonly to?: string;
}

/** A reconciliation as it is kept in the ledger, so that every process can show it. Times are ISO 8601. */
export interface ReconciliationRun {
  readonly from: string;
  readonly to: string;
  readonly by?: string | undefined;
  /** Who continued it last. */
  readonly resumedBy?: string | undefined;
  readonly state: 'running' | 'interrupted' | 'done' | 'failed';
  /** When the process that runs it last wrote its progress. */
  readonly updatedAt: string;
  readonly done: number;
  readonly total: number;
  /** Where it can continue. */
  readonly position?: Progress['position'] | undefined;
  readonly report?: ReconciliationReport;
  /** The orders whose state has changed. */
  readonly changed: readonly ReconciledOrder[];
  /** The orders that the platform gave no answer for. */
  readonly unanswered: readonly ReconciledOrder[];
  readonly error?: string | undefined;
}

/** A run with its name. */
export interface KeptRun extends ReconciliationRun {
  readonly id: string;
  readonly at: Date;
  /** Whether its process ended before it was done, or has written nothing for a while. */
  readonly isInterrupted: boolean;
}

/** The kind of the records. */
export const RECONCILIATION = 'reconciliation';
/** How long a process may write nothing before its run counts as interrupted, in milliseconds. Its lease lapses earlier. */
const STALE_MS = 30_000;

/** A run's name in an address. */
export function runName({ id, at }: Pick<KeptRecord, 'id' | 'at'>): string {
  return `${id}.${at.getTime()}`;
}

/** The period of a run. */
export function periodOfRun({ from, to }: ReconciliationRun): Period {
  return { from: new Date(from), to: new Date(to) };
}

/** Whether it ended before it was done, so that it can be continued. */
export function canGoOn({ state, isInterrupted }: KeptRun): boolean {
  return state === 'failed' || isInterrupted;
}

/** Reads a run that was kept. */
export function toRun({ id, at, document }: KeptRecord, now: Date): KeptRun {
  const run: unknown = JSON.parse(document);
  if (!isRun(run)) throw new TypeError('A record of a reconciliation holds something else.');
  const isSilent = now.getTime() - new Date(run.updatedAt).getTime() > STALE_MS;
  return { ...run, id, at, isInterrupted: run.state === 'interrupted' || (run.state === 'running' && isSilent) };
}

function isRun(value: unknown): value is ReconciliationRun {
  return typeof value === 'object' && value !== null && 'state' in value && 'changed' in value;
}
