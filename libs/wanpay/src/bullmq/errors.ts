import { WanPayError } from '../protocol/index.js';

/** The package `bullmq` is not installed, so the host does not start. */
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

/** The queue is neither in Redis nor in PostgreSQL, so the host does not start. */
export class UnsupportedQueueError extends WanPayError {
  readonly code = 'unsupported_queue';

  constructor(name: string) {
    super(
      `Queue "${name}" is kept neither in Redis nor in PostgreSQL, as far as nestjs-wanpay can tell. ` +
        'Pass a Queue of the very bullmq that nestjs-wanpay imports: npm ls bullmq should list one version.',
    );
  }
}

/** The installed version of BullMQ loses work or can't be used, so the host does not start. */
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
