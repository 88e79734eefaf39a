import { HttpException, ServiceUnavailableException } from '@nestjs/common';
import { WanPayError } from '../protocol/index.js';

/** Why a notification was turned away. */
export type RefusalReason =
  'too_large' | 'malformed' | 'unknown_merchant' | 'bad_signature' | 'stale' | 'source_not_allowed';

const STATUS: Readonly<Record<RefusalReason, number>> = {
  too_large: 413,
  malformed: 400,
  unknown_merchant: 401,
  bad_signature: 401,
  stale: 400,
  source_not_allowed: 403,
};

const BAD_SIGNATURE = { reason: 'bad_signature', message: 'The signature is wrong.' } as const;

/**
 * A notification (3.1.2), or a return of the payer's browser, was refused. Nothing was recorded.
 *
 * Its `stack` names no calls: the reason tells where it came from.
 */
export class NotificationRefusedError extends WanPayError {
  readonly code = 'notification_refused';
  /** The HTTP status to answer with, 4xx. */
  readonly httpStatus: number;

  constructor(
    /** Which check refused it; `bad_signature` is a failed check of 2.3, `stale` a timestamp outside 1.2. */
    readonly reason: RefusalReason,
    message: string,
  ) {
    super(message);
    this.httpStatus = STATUS[reason];
  }
}

/** Refuses a notification. */
export function refusal(reason: RefusalReason, message: string): NotificationRefusedError {
  return withoutTrace(() => new NotificationRefusedError(reason, message));
}

/**
 * What the sender is told of a notification that was not recorded: why it was refused, which is the same for a merchant that is
 * not known and a signature that is wrong, and otherwise to try again.
 */
export function toHttpException(error: Error): HttpException {
  if (!(error instanceof NotificationRefusedError)) {
    return withoutTrace(() => new ServiceUnavailableException('Try again later.'));
  }
  const { httpStatus } = error;
  const { reason, message } = error.reason === 'unknown_merchant' ? BAD_SIGNATURE : error;
  return withoutTrace(() => new HttpException({ statusCode: httpStatus, error: reason, message }, httpStatus));
}

/**
 * Makes an error that does not know who called. Strangers decide how many notifications are refused, and tracing the calls
 * is most of what an error costs.
 */
export function withoutTrace<Made extends Error>(make: () => Made): Made {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
