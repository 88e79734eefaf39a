import type { HostTransactions } from '../host-transactions.js';
import { HandlerTurns } from './handler-turns.js';
import type { ServerTables } from './server-store.js';

/** A server's database, as far as every server's is alike. */
export abstract class ServerDatabase {
  /** Opens handlers' transactions; left out, the ledger does. */
  readonly host: HostTransactions<unknown> | undefined;
  readonly handlerTurns: HandlerTurns;
  /** How long a statement may take. Without it, one sent to a server that fell silent would hold up all that follow. */
  protected readonly timeoutMs: number;

  /** @param connections how many the pool has at most */
  protected constructor(connections: number, { transactions, statementTimeoutMs = 30_000 }: ServerTables) {
    this.host = transactions;
    this.handlerTurns = new HandlerTurns(connections);
    this.timeoutMs = statementTimeoutMs;
  }
}
