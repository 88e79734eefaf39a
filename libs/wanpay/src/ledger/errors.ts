import { reasonOf } from '../protocol/cause.js';
import { WanPayError } from '../protocol/index.js';

/** A delivery is no longer claimed by this process; the handler's transaction was rolled back. */
export class ClaimLostError extends WanPayError {
  readonly code = 'claim_lost';

  constructor(eventId: string) {
    super(
      `The claim on ${eventId} lapsed before its handler was done. Raise delivery.handlerTimeoutMs if it needs longer.`,
    );
  }
}

/** This ledger can't run a handler inside a transaction. */
export class NoTransactionsError extends WanPayError {
  readonly code = 'no_transactions';

  constructor() {
    super(
      'This ledger has no transactions. Use sqlite(), postgres() or mysql() for handlers with { transaction: true }.',
    );
  }
}

/** The cursor of a page is not one that a page gave. */
export class InvalidCursorError extends WanPayError {
  readonly code = 'invalid_cursor';

  constructor() {
    super('after is not the next of a page: pass it unchanged.');
  }
}

/** Other processes changed an order all the time, so that nothing could be written. */
export class ContentionError extends WanPayError {
  readonly code = 'contention';

  constructor() {
    super('Other processes keep changing this order. Try again in a moment.');
  }
}

/** A store can't be used at all just now, whatever is written to it. */
export class StoreUnavailableError extends WanPayError {
  readonly code: string = 'store_unavailable';

  constructor(cause: unknown) {
    super(`The ledger's database cannot be used at the moment: ${reasonOf(cause)}`, { cause });
  }
}

/** A handler can't be retired while a process has it. */
export class HandlerInUseError extends WanPayError {
  readonly code = 'handler_in_use';

  constructor(handler: string) {
    super(
      `A process had the handler ${handler} in the last three minutes. Remove it from the code and wait, or pass ` +
        '{ force: true }, or --force on the command line, to drop its deliveries all the same.',
    );
  }
}
