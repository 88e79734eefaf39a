import type { HostTransactions } from '../ledger/host-transactions.js';
import { type QueryIn, rowsOf, withQuestionMarks } from './rows.js';

/** What is used of a transaction of Knex's. */
export interface KnexTransactionLike {
  raw(text: string, values: (string | null)[]): PromiseLike<unknown>;
}

/** What is used of Knex itself. */
export interface KnexLike<Transaction> {
  transaction(work: (transaction: Transaction) => Promise<void>): Promise<void>;
}

/** Transactions of Knex: a handler with `{ transaction: true }` gets the `Knex.Transaction`. */
export function knexTransactions<Transaction extends KnexTransactionLike>(
  knex: KnexLike<Transaction>,
): HostTransactions<Transaction> {
  return {
    tool: 'Knex',
    clientsEnd: true,
    run: (work) => knex.transaction(work),
    query: queryInKnex,
  };
}

export const queryInKnex: QueryIn<KnexTransactionLike> = async (transaction, text, values) => {
  const statement = withQuestionMarks(text, values);
  return rowsOf(await transaction.raw(statement.text, [...statement.values]));
};
