/** What a sweep came to. */
export interface SweepResult {
  /** Payments for which the platform gave an answer, that it has no such order included. */
  readonly answered: number;
  /** Those of them whose state the answer changed. */
  readonly changed: number;
  /** Payments for which there was no answer; they are checked again, later and later. */
  readonly failed: number;
}

/** What a process can be told to do, for all that the ledger holds. */
export interface Workers {
  /** Looks for deliveries that are due, and begins with them. */
  deliver(): void;
  /** Queries every payment whose check is due; resolves when that is done. */
  sweep(): Promise<unknown>;
}

/** How many jobs a queue holds, by the state that it has them in, such as `waiting`, `active` or `failed`. */
export type QueueJobs = Readonly<Record<string, number>>;

/**
 * Wakes processes because the ledger holds work. It may lose, repeat and delay its hints: the ledger is the truth, and every
 * process looks into it now and then.
 */
export interface WorkQueue {
  /** Called and awaited once, before the host is ready. If it throws, the host does not start. */
  prepare?(): Promise<void>;
  /** Called once, when the handlers are known: from now on the workers are called when there is work. */
  start(workers: Workers): Promise<void>;
  /** Called once: the workers are called no more. */
  stop(): Promise<void>;
  /** Hints to one of the processes that these events were recorded. */
  eventsRecorded(eventIds: readonly string[]): Promise<void>;
  /** Hints to one of the processes that a payment's check is due. */
  checkDue(): Promise<void>;
  /** Tells how many jobs the queue holds, for metrics; rejects when it does not answer soon. */
  jobs?(): Promise<QueueJobs>;
}
