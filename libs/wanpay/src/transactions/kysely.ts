import type { HostTransactions } from '../ledger/host-transactions.js';
import { type QueryIn, rowsOf } from './rows.js';

/** A statement as Kysely passes it to its driver. */
interface CompiledQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly query: {
    readonly kind: 'RawNode';
    readonly sqlFragments: readonly string[];
    readonly parameters: readonly never[];
  };
  readonly queryId: { readonly queryId: string };
}

/** What is used of a transaction of Kysely's. */
export interface KyselyTransactionLike {
  executeQuery(query: CompiledQuery): Promise<unknown>;
}

/** What is used of a database of Kysely's. */
export interface KyselyLike<Transaction> {
  transaction(): { execute(work: (transaction: Transaction) => Promise<void>): Promise<void> };
}

/** Transactions of Kysely: a handler with `{ transaction: true }` gets the `Transaction`. */
export function kyselyTransactions<Transaction extends KyselyTransactionLike>(
  database: KyselyLike<Transaction>,
): HostTransactions<Transaction> {
  return {
    tool: 'Kysely',
    clientsEnd: false,
    run: (work) => database.transaction().execute(work),
    query: queryInKysely,
  };
}

export const queryInKysely: QueryIn<KyselyTransactionLike> = async (transaction, text, values) =>
  rowsOf(
    await transaction.executeQuery({
      sql: text,
      parameters: values,
      query: { kind: 'RawNode', sqlFragments: [text], parameters: [] },
      queryId: { queryId: 'nestjs-wanpay' },
    }),
  );
