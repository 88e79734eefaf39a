import { InvalidFieldError } from '../protocol/index.js';
import type { WorkQueue } from '../ledger/work-queue.js';
import { BullmqWorkQueue } from './bullmq-work-queue.js';
import type { HostQueue } from './link.js';

export { BullmqMissingError, QueueUnavailableError, UnsupportedBullmqError, UnsupportedQueueError } from './errors.js';
export type { HostQueue } from './link.js';

/** Options of `bullmq()`. */
export interface BullmqOptions {
  /** Seconds from one sweep to the next, of all processes together, 1 to 3600; 60 by default. */
  readonly sweepEverySeconds?: number | undefined;
  /** How many jobs this process works on at once, 2 to 100, so that a sweep leaves room for others; 10 by default. */
  readonly concurrency?: number | undefined;
}

/**
 * Shares the work between processes over BullMQ, on Redis or PostgreSQL: `queue: bullmq(queue)`, with the host's own `Queue`,
 * injected by `getQueueToken()` of `@nestjs/bullmq`. It opens connections of its own with that queue's options, and never
 * closes that queue. Keep the queue for one module instance alone.
 *
 * The host does not start if bullmq is not installed (`BullmqMissingError`), if it is older than 5.72 or a version 6 older than
 * 6.7 (`UnsupportedBullmqError`), or if the queue is neither in Redis nor in PostgreSQL (`UnsupportedQueueError`).
 *
 * @throws InvalidFieldError when an option is out of its range
 */
export function bullmq(queue: HostQueue, { sweepEverySeconds = 60, concurrency = 10 }: BullmqOptions = {}): WorkQueue {
  requireWhole('sweepEverySeconds', sweepEverySeconds, 1, 3600);
  requireWhole('concurrency', concurrency, 2, 100);
  return new BullmqWorkQueue(queue, { sweepEverySeconds, concurrency });
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new InvalidFieldError(name, `must be a whole number from ${least} to ${most}.`);
}
