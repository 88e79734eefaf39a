import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { ReconciliationReport } from 'nestjs-wanpay';
import type { KeptRecord, Period } from 'nestjs-wanpay/ledger';
import { DeskLedger } from './desk-ledger.js';

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
  readonly state: 'running' | 'done' | 'failed';
  /** When the process that runs it last said so. */
  readonly updatedAt: string;
  readonly done: number;
  readonly total: number;
  readonly report?: ReconciliationReport;
  /** The orders whose state has changed. */
  readonly changed: readonly ReconciledOrder[];
  /** The orders that the platform gave no answer for. */
  readonly unanswered: readonly ReconciledOrder[];
  readonly error?: string;
}

/** A run with its name. */
export interface KeptRun extends ReconciliationRun {
  readonly id: string;
  readonly at: Date;
  /** It was running, and nobody has said so for a while: its process ended. */
  readonly isInterrupted: boolean;
}

const KIND = 'reconciliation';
const PROGRESS_MS = 1000;
const STALE_MS = 60_000;
const MAX_LISTED = 2000;

/** Runs reconciliations in the background, and keeps how far they are, and their reports, in the ledger. */
@Injectable()
export class ReconciliationRuns implements OnApplicationShutdown {
  private readonly logger = new Logger('WanPayDesk');
  private readonly running = new Set<NodeJS.Timeout>();

  constructor(@Inject(DeskLedger) private readonly ledger: DeskLedger) {}

  onApplicationShutdown(): void {
    for (const timer of this.running) clearInterval(timer);
  }

  /** Begins a run, and returns its name at once. */
  async start(period: Period, by: string | undefined): Promise<string> {
    const { at } = await this.ledger.wanpay.status();
    const id = randomUUID();
    const head = { from: period.from.toISOString(), to: period.to.toISOString(), ...(by === undefined ? {} : { by }) };
    const run: ReconciliationRun = {
      ...head,
      ...{ state: 'running', updatedAt: at.toISOString(), done: 0, total: 0, changed: [], unanswered: [] },
    };
    await this.keep(id, at, run);
    void this.run(id, at, run, period);
    return runName({ id, at });
  }

  async list(): Promise<readonly KeptRun[]> {
    const records = await this.ledger.wanpay.listRecords({ kind: KIND, limit: 50 });
    const { at: now } = await this.ledger.wanpay.status();
    return records.map((record) => toRun(record, now));
  }

  async find(name: string): Promise<KeptRun | undefined> {
    const [id = '', time = ''] = name.split('.', 2);
    const at = new Date(Number(time));
    if (time === '' || Number.isNaN(at.getTime())) return undefined;
    const records = await this.ledger.wanpay.listRecords({ kind: KIND, at, limit: 10 });
    const record = records.find((each) => each.id === id);
    return record && toRun(record, (await this.ledger.wanpay.status()).at);
  }

  private async run(id: string, at: Date, begun: ReconciliationRun, period: Period): Promise<void> {
    const changed: ReconciledOrder[] = [];
    const unanswered: ReconciledOrder[] = [];
    let progress = { done: 0, total: 0 };
    const say = async (rest: Partial<ReconciliationRun>): Promise<void> => {
      const updatedAt = (await this.ledger.wanpay.status()).at.toISOString();
      await this.keep(id, at, { ...begun, ...progress, updatedAt, changed, unanswered, ...rest });
    };
    let saying = Promise.resolve();
    const timer = setInterval(() => {
      // One after the other, so that an older word never follows a newer one.
      saying = saying.then(() => say({})).catch(() => undefined);
    }, PROGRESS_MS).unref();
    this.running.add(timer);
    let last: Partial<ReconciliationRun>;
    try {
      const report = await this.ledger.wanpay.reconcile(period, (now, { before, after, isAnswered }) => {
        progress = now;
        const about = {
          merchantNo: before.merchantNo,
          orderNo: before.orderNo,
          amount: before.amount,
          from: before.state,
        };
        if (!isAnswered && unanswered.length < MAX_LISTED) unanswered.push(about);
        const isChanged = after !== undefined && after.state !== before.state;
        if (isChanged && changed.length < MAX_LISTED) changed.push({ ...about, to: after.state });
      });
      last = { state: 'done', report };
    } catch (error) {
      last = { state: 'failed', error: error instanceof Error ? error.message : 'It failed.' };
    }
    clearInterval(timer);
    this.running.delete(timer);
    try {
      await saying;
      await say(last);
    } catch (error) {
      this.logger.error('The report of a reconciliation could not be kept.', error);
    }
  }

  private keep(id: string, at: Date, run: ReconciliationRun): Promise<void> {
    return this.ledger.wanpay.keepRecord({ kind: KIND, id, at, document: JSON.stringify(run) });
  }
}

/** A run's name in an address. */
export function runName({ id, at }: Pick<KeptRecord, 'id' | 'at'>): string {
  return `${id}.${at.getTime()}`;
}

function toRun({ id, at, document }: KeptRecord, now: Date): KeptRun {
  const run: unknown = JSON.parse(document);
  if (!isRun(run)) throw new TypeError('A record of a reconciliation holds something else.');
  const isInterrupted = run.state === 'running' && now.getTime() - new Date(run.updatedAt).getTime() > STALE_MS;
  return { ...run, id, at, isInterrupted };
}

function isRun(value: unknown): value is ReconciliationRun {
  return typeof value === 'object' && value !== null && 'state' in value && 'changed' in value;
}
