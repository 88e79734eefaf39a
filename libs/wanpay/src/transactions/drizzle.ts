import type { HostTransactions } from '../ledger/host-transactions.js';
import { type QueryIn, rowsOf } from './rows.js';

/** What is used of a transaction of Drizzle's. */
export interface DrizzleTransactionLike {
  execute(query: string | { getSQL(): object }): PromiseLike<unknown>;
}

/** What is used of a database of Drizzle's. */
export interface DrizzleLike<Transaction> {
  transaction(work: (transaction: Transaction) => Promise<void>): Promise<void>;
}

/** Transactions of Drizzle: a handler with `{ transaction: true }` gets the transaction, on which queries are built. */
export function drizzleTransactions<Transaction extends DrizzleTransactionLike>(
  database: DrizzleLike<Transaction>,
): HostTransactions<Transaction> {
  return {
    tool: 'Drizzle',
    // What is built on it after its end would run on a connection that someone else has.
    clientsEnd: false,
    run: (work) => database.transaction(work),
    query: queryInDrizzle,
  };
}

export const queryInDrizzle: QueryIn<DrizzleTransactionLike> = async (transaction, text, values) => {
  // A query that is written already has the one method that Drizzle calls to write one.
  const written = { getSQL: (): object => written, toQuery: () => ({ sql: text, params: [...values] }) };
  return rowsOf(await transaction.execute(written));
};
