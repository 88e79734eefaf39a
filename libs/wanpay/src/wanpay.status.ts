import { Inject, Injectable } from '@nestjs/common';
import type { HandlerStatus } from './ledger/deliveries.js';
import { Ledger } from './ledger/ledger.js';
import { Activity, type ProcessActivity } from './observation/activity.js';
import type { Observer } from './observation/observer.js';
import type { QueueJobs } from './ledger/work-queue.js';
import { CLOCK } from './platform/tokens.js';
import type { Clock } from './protocol/index.js';
import { PaymentChecker, type Pause } from './reconciliation/payment-checker.js';
import type { WanPaySettings } from './wanpay.settings.js';
import { INSTANCE, SETTINGS, type WanPayInstance } from './wanpay.tokens.js';

export type { QueueJobs } from './ledger/work-queue.js';

/** A handler, and since when its longest waiting delivery has been due. */
export interface HandlerBacklog extends HandlerStatus {
  /** Absent where none is due: what runs, and what is tried again later, is not. */
  readonly overdueSince?: Date;
}

/** How an instance stands. The ledger's part is about all processes that share it, the rest about this one. */
export interface WanPayStatus {
  /** The instance's name. */
  readonly instance: string;
  /** When it was looked at. */
  readonly at: Date;
  /** Every handler that the ledger knows. */
  readonly handlers: readonly HandlerBacklog[];
  /** Since when the longest waiting check has been due; absent where none is due. */
  readonly checkOverdueSince?: Date;
  /** Circuit breakers that are open: the platform is not asked for so long. */
  readonly pauses: readonly Pause[];
  /** What this process has seen. */
  readonly activity: ProcessActivity;
}

/** An instance that is observed. */
export interface ObservedInstance {
  readonly name: string;
  readonly status: () => Promise<WanPayStatus>;
  /** How many jobs the work queue holds, by state; absent where there is no queue that can tell. */
  readonly queueJobs?: () => Promise<QueueJobs>;
}

/** An observer that starts and stops with the host, and may ask how the instance stands. One serves one instance. */
export interface Telemetry extends Observer {
  start(instance: ObservedInstance): Promise<void>;
  /** True after the start if no metrics are recorded; the module then reports no settlements. */
  readonly countsNothing?: boolean;
  /** The trace context of the caller, as W3C's `traceparent`: it is kept with the events that are recorded in it. */
  traceContext?(): string | undefined;
  stop(): void;
}

/** Tells how an instance stands. It reads the ledger, and asks nobody else. */
@Injectable()
export class StatusReader {
  constructor(
    @Inject(INSTANCE) private readonly instance: WanPayInstance,
    @Inject(SETTINGS) private readonly settings: WanPaySettings,
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(PaymentChecker) private readonly checker: PaymentChecker,
    @Inject(Activity) private readonly activity: Activity,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async read(): Promise<WanPayStatus> {
    const at = this.clock.now();
    const [handlers, checkDue] = await Promise.all([
      this.readHandlers(at),
      this.ledger.nextCheckDue(at, this.settings.onlyMerchantNo),
    ]);
    return {
      instance: this.instance.name,
      at,
      handlers,
      ...(checkDue && checkDue < at ? { checkOverdueSince: checkDue } : {}),
      pauses: this.checker.pauses,
      activity: this.activity.seen,
    };
  }

  private async readHandlers(at: Date): Promise<readonly HandlerBacklog[]> {
    const handlers = await this.ledger.deliveries.handlers(at);
    const waiting = handlers.filter(({ pending }) => pending > 0);
    const due = await this.ledger.deliveries.nextDueOf(waiting, at);
    return handlers.map((handler) => {
      const since = due.get(handler.id);
      return since && since < at ? { ...handler, overdueSince: since } : handler;
    });
  }
}
