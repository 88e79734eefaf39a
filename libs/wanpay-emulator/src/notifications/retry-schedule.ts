import { InvalidArgumentError } from '../errors.js';

/** When the platform tries again after attempts that were not acknowledged (3.1.2). */
export interface RetrySchedule {
  /** Minutes to each retry. The protocol's are 1, 3 and 5. */
  readonly minutes: readonly number[];
  /** What each is counted from: the attempt before (1, 4 and 9 minutes after the first), or the first (1, 3 and 5). */
  readonly from: 'previous' | 'first';
}

const MINUTE_MS = 60_000;

/**
 * When the next retry is due.
 *
 * @param retried how many retries there were
 * @returns undefined when there are no more
 */
export function nextRetry(schedule: RetrySchedule, retried: number, first: Date, previous: Date): Date | undefined {
  const minutes = schedule.minutes[retried];
  if (minutes === undefined) return undefined;
  const from = schedule.from === 'first' ? first : previous;
  return new Date(from.getTime() + minutes * MINUTE_MS);
}

/** @throws InvalidArgumentError when a number of minutes is negative or none */
export function assertSchedule(schedule: RetrySchedule): void {
  if (!schedule.minutes.every((minutes) => Number.isFinite(minutes) && minutes >= 0)) {
    throw new InvalidArgumentError('retryMinutes', 'must hold numbers of minutes, zero or more.');
  }
}
