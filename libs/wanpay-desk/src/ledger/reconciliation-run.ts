import type { ReconciliationReport, WanPayService } from 'nestjs-wanpay';
import type { KeptRecord, Period } from 'nestjs-wanpay/ledger';

/** Hears how far a reconciliation is, after each order. */
export type Listener = NonNullable<Parameters<WanPayService['reconcile']>[1]>;
/** How far a reconciliation is. */
export type Progress = Parameters<Listener>[0];

/** An order that a run found otherwise than it was, or could not ask about. */
export interface ReconciledOrder {
  readonly merchantNo: string;
  readonly orderNo: string;
  readonly amount: number;
  readonly from: string;
  /** Absent where the platform gave no answer. */
  readonly to?: string;
}

/** A reconciliation as the ledger keeps it, so that every process shows it. Moments are ISO 8601. */
export interface ReconciliationRun {
  readonly from: string;
  readonly to: string;
  readonly by?: string | undefined;
  /** Who had it go on last. */
  readonly resumedBy?: string | undefined;
  readonly state: 'running' | 'interrupted' | 'done' | 'failed';
  /** When the process that runs it last said so. */
  readonly updatedAt: string;
  readonly done: number;
  readonly total: number;
  /** From where it can go on. */
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
  /** It was running, and its process ended or has not said so for a while. */
  readonly isInterrupted: boolean;
}

/** The kind of the records. */
export const RECONCILIATION = 'reconciliation';
/** How long a process may say nothing before its run counts as interrupted; its lease has lapsed before. */
const STALE_MS = 30_000;

/** A run's name in an address. */
export function runName({ id, at }: Pick<KeptRecord, 'id' | 'at'>): string {
  return `${id}.${at.getTime()}`;
}

/** The period of a run. */
export function periodOfRun({ from, to }: ReconciliationRun): Period {
  return { from: new Date(from), to: new Date(to) };
}

/** Whether it ended before it was done, so that it can go on. */
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
