import { WanPayError } from '../protocol/index.js';

/** `bullmq()` needs the package of the host's queue; the host then does not start. */
export class BullmqMissingError extends WanPayError {
  readonly code = 'bullmq_missing';

  constructor(cause: unknown) {
    super(
      'nestjs-wanpay/bullmq needs the package bullmq: npm install bullmq. Where the host has it, nestjs-wanpay must find the same ' +
        'one: npm ls bullmq.',
      { cause },
    );
  }
}

/** A queue that can't carry word; the host then does not start. */
export class UnsupportedQueueError extends WanPayError {
  readonly code = 'unsupported_queue';

  constructor(name: string) {
    super(
      `Queue "${name}" is kept neither in Redis nor in PostgreSQL, as far as nestjs-wanpay can tell. ` +
        'Pass a Queue of the very bullmq that nestjs-wanpay imports: npm ls bullmq should list one version.',
    );
  }
}

/** The host's BullMQ is of a version that loses work or that can't be used; the host then does not start. */
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
