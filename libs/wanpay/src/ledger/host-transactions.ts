import { reasonOf } from '../protocol/cause.js';
import { WanPayError } from '../protocol/index.js';

/** A row as the host's tool gives it: the names of its columns and their values. */
export type HostRow = Readonly<Record<string, unknown>>;

/**
 * How the host's own database tool opens the transactions that handlers with `{ transaction: true }` run in, and how the
 * ledger's statement runs in them. `nestjs-wanpay/transactions` has those of well-known tools.
 */
export interface HostTransactions<Client> {
  /** The tool's name, for messages. */
  readonly tool: string;
  /**
   * Whether a client refuses what is asked of it once its transaction has ended. If not, the transaction of a handler that
   * takes too long stays open until the handler ends, and is rolled back then: nothing that it writes late may count.
   */
  readonly clientsEnd: boolean;
  /**
   * Opens a transaction on a connection of its own and does the work with its client. Commits when the work resolves; rolls
   * back, and rejects with the same error, when it rejects. Isolation is the database's default or READ COMMITTED.
   */
  run(work: (client: Client) => Promise<void>): Promise<void>;
  /**
   * Runs one statement of the ledger in a client's transaction.
   *
   * @param text with the placeholders of the database's own protocol: `$1` of PostgreSQL, `?` of MySQL
   */
  query(client: Client, text: string, values: readonly (string | null)[]): Promise<readonly HostRow[]>;
}

/** What a transactional handler gets as `context.transaction`: `AtmHandlerContext<TransactionOf<typeof transactions>>`. */
export type TransactionOf<Transactions> = Transactions extends HostTransactions<infer Client> ? Client : never;

/** The tool's transactions are not in the ledger's own database, so nothing could be done exactly once. */
export class TransactionsElsewhereError extends WanPayError {
  readonly code = 'transactions_elsewhere';

  constructor(tool: string) {
    super(
      `The transactions of ${tool} reach another database than the ledger's. Give the ledger the address that ${tool} ` +
        'has, or leave out the option transactions.',
    );
  }
}

/** The tool can't open a transaction in which the ledger's tables can be written. */
export class TransactionsUnusableError extends WanPayError {
  readonly code = 'transactions_unusable';

  constructor(tool: string, cause: unknown) {
    super(
      `A transaction of ${tool} can't be used for the ledger: ${reasonOf(cause)}. Connect ${tool} before the module ` +
        "starts, as a user who may write the ledger's tables.",
      { cause },
    );
  }
}
