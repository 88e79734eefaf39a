import { type HostTransactions, TransactionsElsewhereError, TransactionsUnusableError } from '../host-transactions.js';
import type { TransactionalWork } from '../store.js';
import { untilAborted } from './until-aborted.js';

/** How long a first transaction of the host's tool may take to open. */
const OPENING_MS = 15_000;

/** Runs a statement in a transaction of the host's tool. */
export type HostQuery = (sql: string, values?: readonly unknown[]) => Promise<readonly HostTexts[]>;
/** A row as text. */
type HostTexts = Readonly<Record<string, string | null>>;

/** What a database does in transactions that are not its own. */
export interface HostDatabase {
  /** A statement and its values as the tool takes them. */
  statement(sql: string, values: readonly unknown[]): { readonly text: string; readonly values: readonly unknown[] };
  /** Tells the number of the server's own side of the transaction. */
  begin(query: HostQuery): Promise<number>;
  /** Has the open transaction fail, whatever its connection does. */
  fail(query: HostQuery, id: number): Promise<void>;
}

/**
 * Makes sure that the tool's transactions are in the ledger's database and may write its tables.
 *
 * @param isElsewhere tells, in a transaction of the tool, whether that is in another database; rejects if it can't write
 * @throws TransactionsElsewhereError, TransactionsUnusableError
 */
export async function checkTransactions(
  db: Pick<HostDatabase, 'statement'>,
  host: HostTransactions<unknown>,
  isElsewhere: (query: HostQuery) => Promise<boolean>,
): Promise<void> {
  const check = async (client: unknown): Promise<void> => {
    if (await isElsewhere(queryIn(db, host, client))) throw new TransactionsElsewhereError(host.tool);
  };
  try {
    await untilAborted(host.run(check), AbortSignal.timeout(OPENING_MS));
  } catch (error) {
    throw error instanceof TransactionsElsewhereError ? error : new TransactionsUnusableError(host.tool, error);
  }
}

/**
 * Does a handler's work, and what finishes it, in one transaction of the host's tool.
 *
 * The transaction of a handler that takes too long is made to fail while it is open, when no one else can have its
 * connection: whatever the handler asks of it afterwards fails.
 */
export function transactAtHost(
  db: HostDatabase,
  host: HostTransactions<unknown>,
  work: TransactionalWork,
  finish: (query: HostQuery) => Promise<void>,
): Promise<void> {
  const { signal } = work;
  return host.run(async (client) => {
    const query = queryIn(db, host, client);
    const id = await db.begin(query);
    signal.throwIfAborted();
    const handling = Promise.resolve(work.run(client));
    try {
      await untilAborted(handling, signal);
    } catch (error) {
      if (signal.aborted) {
        await db.fail(query, id);
        if (!host.clientsEnd) await handling.catch(() => undefined);
      }
      throw error;
    }
    await finish(query);
  });
}

function queryIn(db: Pick<HostDatabase, 'statement'>, host: HostTransactions<unknown>, client: unknown): HostQuery {
  return async (sql, given = []) => {
    const { text, values } = db.statement(sql, given);
    return (await host.query(client, text, values.map(textOf))).map(toTexts);
  };
}

function toTexts(row: Readonly<Record<string, unknown>>): HostTexts {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, textOf(value)]));
}

/** As the server writes it: tools may have made numbers and booleans of it. */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}
