import { WanPayError } from '../protocol/index.js';

/** A queue that can't carry word; `bullmq()` throws it when the host starts. */
export class UnsupportedQueueError extends WanPayError {
  readonly code = 'unsupported_queue';

  constructor(name: string) {
    super(
      `Queue "${name}" is kept neither in Redis nor in PostgreSQL, as far as nestjs-wanpay can tell. ` +
        'Pass a Queue of the very bullmq that nestjs-wanpay imports: npm ls bullmq should list one version.',
    );
  }
}

/** The host's BullMQ is of a version that loses work or that can't be used; `bullmq()` throws it when the host starts. */
export class UnsupportedBullmqError extends WanPayError {
  readonly code = 'unsupported_bullmq';

  constructor(version: string) {
    super(
      `nestjs-wanpay/bullmq works with bullmq from 5.72 within version 5, and from 6.7 on; this is ${version}. ` +
        'Update bullmq, or leave out the option queue: everything still arrives, later.',
    );
  }
}

/** The queue is not there to carry word, or took too long; whoever told it looks into the ledger instead. */
export class QueueUnavailableError extends WanPayError {
  readonly code = 'queue_unavailable';
}
