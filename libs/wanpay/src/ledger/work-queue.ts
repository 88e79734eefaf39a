/** What a process can be told to do, for all that the ledger holds. */
export interface Workers {
  /** Looks for events that are owed, and begins to deliver them. */
  deliver(): void;
  /** Asks after every payment whose check is due; resolves when that is done. */
  sweep(): Promise<unknown>;
}

/**
 * Carries word between processes that the ledger holds work. It may lose, repeat and delay what it carries: the ledger is
 * the truth, and every process looks into it now and then by itself.
 */
export interface WorkQueue {
  /** Called once, when the handlers are known: from now on the workers are told what there is to do. */
  start(workers: Workers): Promise<void>;
  /** Called once: the workers are told no more. */
  stop(): Promise<void>;
  /** Tells one of the processes that these events are owed. */
  eventsOwed(eventIds: readonly string[]): Promise<void>;
  /** Tells one of the processes that a payment's check is due. */
  checkDue(): Promise<void>;
}
