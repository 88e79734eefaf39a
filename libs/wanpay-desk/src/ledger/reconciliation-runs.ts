import { randomUUID } from 'node:crypto';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import type { Period } from 'nestjs-wanpay/ledger';
import { dayOf } from '../days.js';
import { DeskLedger } from './desk-ledger.js';
import {
  canGoOn,
  type KeptRun,
  periodOfRun,
  RECONCILIATION,
  type ReconciliationRun,
  runName,
  toRun,
} from './reconciliation-run.js';
import { LEASE_SECONDS, RunningReconciliation, type RunLease } from './running-reconciliation.js';

/** The run that was asked for, and whether it had already begun. */
export interface AskedRun {
  readonly name: string;
  readonly hadBegun: boolean;
}

/**
 * Runs reconciliations in the background, and keeps their progress and reports in the ledger. All processes together have one run
 * of a period at a time.
 */
@Injectable()
export class ReconciliationRuns implements BeforeApplicationShutdown {
  private readonly running = new Map<RunningReconciliation, Promise<void>>();

  constructor(@Inject(DeskLedger) private readonly ledger: DeskLedger) {}

  /** Stops the runs while the ledger is still open, so that they are shown as interrupted at once. */
  async beforeApplicationShutdown(): Promise<void> {
    for (const run of this.running.keys()) run.stop();
    await Promise.all(this.running.values());
  }

  /** Starts a run, or finds the running one of the same period; undefined if another process has only just started it. */
  async start(period: Period, by: string | undefined): Promise<AskedRun | undefined> {
    const id = randomUUID();
    const { at } = await this.ledger.wanpay.status();
    const run: KeptRun = {
      ...{ id, at, from: period.from.toISOString(), to: period.to.toISOString(), by, isInterrupted: false },
      ...{ state: 'running', updatedAt: at.toISOString(), done: 0, total: 0, changed: [], unanswered: [] },
    };
    const lease = this.leaseOf(run);
    if (await this.take(lease)) {
      await this.begin(run, lease);
      return { name: runName(run), hadBegun: false };
    }
    const other = await this.findRunning(run);
    return other && { name: runName(other), hadBegun: true };
  }

  /** Continues a run that was interrupted or failed; false if it is running or done. */
  async resume(asked: KeptRun, by: string | undefined): Promise<boolean> {
    const lease = this.leaseOf(asked);
    if (!(await this.take(lease))) return false;
    // Read again, because another process may have finished it.
    const run = await this.find(runName(asked));
    if (!run || !canGoOn(run)) {
      await this.ledger.wanpay.dropLease(lease.name, lease.holder);
      return false;
    }
    const updatedAt = (await this.ledger.wanpay.status()).at.toISOString();
    const again = {
      ...run,
      state: 'running',
      error: undefined,
      resumedBy: by,
      updatedAt,
      isInterrupted: false,
    } as const;
    await this.begin(again, lease);
    return true;
  }

  /** The newest runs, or those before a moment. */
  async list(before?: Date): Promise<readonly KeptRun[]> {
    const records = await this.ledger.wanpay.listRecords({ kind: RECONCILIATION, before, limit: 50 });
    const { at: now } = await this.ledger.wanpay.status();
    return records.map((record) => toRun(record, now));
  }

  async find(name: string): Promise<KeptRun | undefined> {
    const [id = '', time = ''] = name.split('.', 2);
    const at = new Date(Number(time));
    if (time === '' || Number.isNaN(at.getTime())) return undefined;
    const records = await this.ledger.wanpay.listRecords({ kind: RECONCILIATION, at, limit: 10 });
    const record = records.find((each) => each.id === id);
    return record && toRun(record, (await this.ledger.wanpay.status()).at);
  }

  /** The running run of the same period. It may be an old one that was resumed. */
  private async findRunning({ from, to }: ReconciliationRun): Promise<KeptRun | undefined> {
    let before: Date | undefined;
    for (let runs = await this.list(); runs.length > 0; runs = await this.list(before)) {
      const running = runs.find((run) => run.from === from && run.to === to && run.state === 'running');
      if (running) return running;
      before = runs.at(-1)?.at;
    }
    return undefined;
  }

  private take({ name, holder }: RunLease): Promise<boolean> {
    return this.ledger.wanpay.takeLease(name, holder, LEASE_SECONDS);
  }

  private async begin(run: KeptRun, lease: RunLease): Promise<void> {
    const { wanpay } = this.ledger;
    const { id, at, isInterrupted: _, ...kept } = run;
    await wanpay.keepRecord({ kind: RECONCILIATION, id, at, document: JSON.stringify(kept) });
    const running = new RunningReconciliation(wanpay, run, lease);
    const ending = running.finish().then(() => void this.running.delete(running));
    this.running.set(running, ending);
  }

  /** The lease of a period and instance. Each attempt has its own holder, so that a process can't take the lease from itself. */
  private leaseOf(run: ReconciliationRun): RunLease {
    const { from, to } = periodOfRun(run);
    const name = `desk ${dayOf(from)} ${dayOf(to)} ${this.ledger.instance ?? ''}`.trim().slice(0, 100);
    return { name, holder: randomUUID() };
  }
}
