import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type HostTransactions,
  TransactionsElsewhereError,
  TransactionsUnusableError,
} from '../../host-transactions.js';
import type { TransactionalWork } from '../../store.js';
import { untilAborted } from '../until-aborted.js';
import { type Database, type Row, type Run } from './database.js';
import { ignore } from './pool.js';

/** How long a first transaction of the host's tool may take to open. */
const OPENING_MS = 15_000;
const CANCEL_AGAIN_MS = 50;

/**
 * Makes sure that the tool's transactions are in the ledger's database and may write its tables. The ledger takes a lock that
 * is known to this database alone, and the tool must find it taken.
 *
 * @throws TransactionsElsewhereError, TransactionsUnusableError
 */
export async function checkHostTransactions(db: Database, host: HostTransactions<unknown>): Promise<void> {
  const name = randomUUID();
  const check = async (client: unknown): Promise<void> => {
    const query = queryIn(db, host, client);
    const [lock] = await query('SELECT pg_try_advisory_xact_lock(hashtextextended($1::text, 0)) AS is_free', [
      db.lockName(name),
    ]);
    if (isTrue(lock?.is_free)) throw new TransactionsElsewhereError(host.tool);
    await query('WITH none AS (UPDATE {deliveries} SET state = state WHERE false RETURNING 1) SELECT 1 FROM none');
  };
  await db.transaction(async (_, client) => {
    await db.lock(client, name);
    try {
      await untilAborted(host.run(check), AbortSignal.timeout(OPENING_MS));
    } catch (error) {
      throw error instanceof TransactionsElsewhereError ? error : new TransactionsUnusableError(host.tool, error);
    }
  });
}

/**
 * Does a handler's work and a statement in one transaction of the host's tool.
 *
 * The transaction of a handler that takes too long is made to fail while it is open, when no one else can have its
 * connection: what the connection runs is cancelled, and whatever the handler asks of it afterwards fails.
 */
export function transactAtHost(
  db: Database,
  host: HostTransactions<unknown>,
  work: TransactionalWork,
  finish: (query: Run) => Promise<void>,
): Promise<void> {
  const { signal } = work;
  return host.run(async (client) => {
    const query = queryIn(db, host, client);
    const [backend] = await query('SELECT pg_backend_pid() AS pid');
    signal.throwIfAborted();
    const handling = Promise.resolve(work.run(client));
    try {
      await untilAborted(handling, signal);
    } catch (error) {
      if (signal.aborted) {
        await fail(db, query, Number(backend?.pid));
        if (!host.clientsEnd) await handling.catch(ignore);
      }
      throw error;
    }
    await finish(query);
  });
}

/** Makes an open transaction fail; what its connection runs by then, or begins just now, is cancelled. */
async function fail(db: Database, query: Run, pid: number): Promise<void> {
  const failed = query('SELECT 1 / 0')
    .catch(ignore)
    .then(() => true);
  do await db.query('SELECT pg_cancel_backend($1::integer)', [pid]).catch(ignore);
  while (!(await Promise.race([failed, pause(CANCEL_AGAIN_MS, false)])));
}

/** Statements whose rows are their last part's, since tools differ in what they give back for anything but a SELECT. */
function queryIn(db: Database, host: HostTransactions<unknown>, client: unknown): Run {
  return async (template, given = []) => {
    const { text, values } = db.statement(template, given);
    const rows = await host.query(client, text, values.map(textOf));
    return rows.map(toRow);
  };
}

function toRow(row: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, textOf(value)]));
}

/** As the server writes it: tools may have made numbers and booleans of it. */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}

function isTrue(value: string | null | undefined): boolean {
  return value === 'true' || value === 't' || value === '1';
}
