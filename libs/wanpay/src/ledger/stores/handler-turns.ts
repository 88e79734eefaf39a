import pLimit, { type LimitFunction } from 'p-limit';
import { WanPayError } from '../../protocol/index.js';
import { untilAborted } from './until-aborted.js';

/** Thrown to roll back what a handler did whose claim was lost. */
export const CLAIM_LOST = new Error('The claim was lost.');

/** A transactional handler ended the transaction that it ran in, so that its delivery could not be marked as done in it. */
export class TransactionEndedError extends WanPayError {
  readonly code = 'transaction_ended';

  constructor(handler: string, cause: unknown) {
    super(
      `The handler ${handler} ended the ledger's transaction: by COMMIT, ROLLBACK, a statement that commits by itself such ` +
        'as CREATE TABLE, or a deadlock whose error it swallowed. Let such errors through, and leave the end to the ledger.',
      { cause },
    );
  }
}

/**
 * Transactional handlers hold their connections for as long as they run, so they get half of a pool: the other half is for
 * notifications, which wait for no handler.
 */
export class HandlerTurns {
  private readonly turns: LimitFunction;

  constructor(connections: number) {
    this.turns = pLimit(Math.max(1, Math.floor(connections / 2)));
  }

  /**
   * Runs a transaction when its turn has come; tells whether the claim still held. One that is given up while it waits for
   * its turn is rejected at once, and does nothing when its turn comes.
   */
  async run(signal: AbortSignal, begin: () => Promise<void>): Promise<boolean> {
    try {
      await untilAborted(
        this.turns(() => (signal.aborted ? undefined : begin())),
        signal,
      );
      return true;
    } catch (error) {
      if (error === CLAIM_LOST) return false;
      throw error;
    }
  }
}
