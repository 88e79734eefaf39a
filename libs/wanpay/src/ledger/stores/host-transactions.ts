import { type HostTransactions, TransactionsElsewhereError, TransactionsUnusableError } from '../host-transactions.js';
import type { DeliveryChange, TransactionalWork } from '../store.js';
import type { Value } from './conditions.js';
import type { HandlerTurns } from './handler-turns.js';
import type { Row } from './rows.js';
import { untilAborted } from './until-aborted.js';

/** How long a first transaction of the host's tool may take to open. */
const OPENING_MS = 15_000;

/** Runs a statement in a transaction of the host's tool. */
export type HostQuery = (sql: string, values?: readonly Value[]) => Promise<readonly HostTexts[]>;
/** A row as text. */
type HostTexts = Readonly<Record<string, string | null>>;

/** Runs a statement in a handler's transaction, whoever opened that. */
export type HandlerQuery = (sql: string, values?: readonly Value[]) => Promise<readonly Row[]>;

/** What a database does in the transactions of handlers. */
export interface HandlerDatabase {
  /** Opens them; left out, the ledger does. */
  readonly host?: HostTransactions<unknown> | undefined;
  readonly handlerTurns: HandlerTurns;
  /** Opens one of the ledger's own. When the signal is aborted, its connection is destroyed, whatever it is doing. */
  transact(work: (query: HandlerQuery, client: unknown) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** A statement and its values as the host's tool takes them. */
  statement(sql: string, values: readonly Value[]): { readonly text: string; readonly values: readonly unknown[] };
  /** Tells the number of the server's own side of the host's transaction. */
  idOf(query: HostQuery): Promise<number>;
  /** Has the host's open transaction fail, whatever its connection does. */
  fail(query: HostQuery, id: number): Promise<unknown>;
  /** Comes before the handler's work. */
  begin?(query: HandlerQuery): Promise<unknown>;
  /** Marks the delivery as done, after the handler's work. Rejects with `CLAIM_LOST` where it can't be. */
  finish(query: HandlerQuery, change: DeliveryChange): Promise<void>;
}

/**
 * Makes sure that the tool's transactions are in the ledger's database and may write its tables.
 *
 * @param isElsewhere tells, in a transaction of the tool, whether that is in another database; rejects if it can't write
 * @throws TransactionsElsewhereError, TransactionsUnusableError
 */
export async function checkTransactions(
  db: Pick<HandlerDatabase, 'statement'>,
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

/** Does a handler's work and marks its delivery as done, in one transaction; tells whether the claim still held. */
export function handleInTransaction(
  db: HandlerDatabase,
  change: DeliveryChange,
  work: TransactionalWork,
): Promise<boolean> {
  const { host } = db;
  const inOwn = async (query: HandlerQuery, client: unknown): Promise<void> => {
    await db.begin?.(query);
    await work.run(client);
    await db.finish(query, change);
  };
  return db.handlerTurns.run(work.signal, () =>
    host ? handleAtHost(db, host, change, work) : db.transact(inOwn, work.signal),
  );
}

/**
 * The transaction of a handler that takes too long is made to fail while it is open, when no one else can have its
 * connection: whatever the handler asks of it afterwards fails.
 */
function handleAtHost(
  db: HandlerDatabase,
  host: HostTransactions<unknown>,
  change: DeliveryChange,
  work: TransactionalWork,
): Promise<void> {
  const { signal } = work;
  return host.run(async (client) => {
    const query = queryIn(db, host, client);
    await db.begin?.(query);
    const id = await db.idOf(query);
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
    await db.finish(query, change);
  });
}

function queryIn(db: Pick<HandlerDatabase, 'statement'>, host: HostTransactions<unknown>, client: unknown): HostQuery {
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
