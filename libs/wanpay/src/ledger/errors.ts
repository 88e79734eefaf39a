import { WanPayError } from '../protocol/index.js';

/** A handler took longer than its claim on the event lasted, and someone else may have it now; its transaction was rolled back. */
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
    super('This ledger has no transactions. Use sqlite() or postgres() for handlers with { transaction: true }.');
  }
}

/** The cursor of a page is not one that a page gave. */
export class InvalidCursorError extends WanPayError {
  readonly code = 'invalid_cursor';

  constructor() {
    super('after is not the next of a page: pass it unchanged.');
  }
}
