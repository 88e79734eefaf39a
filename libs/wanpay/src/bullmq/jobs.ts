import type { JobsOptions } from 'bullmq';

/** What jobs are called. A release that knows more names finds this one doing nothing about them. */
export const DELIVER = 'deliver';
export const SWEEP = 'sweep';

/** The id of the job scheduler, which is one for all processes. */
export const SWEEP_SCHEDULE = 'wanpay-sweep';

/** A job is a hint and carries nothing: whoever works on it looks into the ledger. */
export type NoData = Record<string, never>;

/** A job as it is added. */
export interface Hint {
  readonly name: string;
  readonly data: NoData;
  readonly opts: JobsOptions;
}

/** Nothing is kept of a job that is done, or the same id could not be used again, as a replayed event does. */
export const FORGOTTEN = { removeOnComplete: true, removeOnFail: true };

/** Ids of events have no colon in them, which BullMQ keeps for itself. */
export function deliverEvent(eventId: string): Hint {
  return { name: DELIVER, data: {}, opts: { ...FORGOTTEN, jobId: eventId } };
}

/** At most one that waits; one more may be worked on, and what became due after it looked is not lost. */
export function sweepNow(): Hint {
  return { name: SWEEP, data: {}, opts: { ...FORGOTTEN, deduplication: { id: SWEEP, keepLastIfActive: true } } };
}
