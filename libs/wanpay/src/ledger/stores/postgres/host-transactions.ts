import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { HostTransactions } from '../../host-transactions.js';
import { checkTransactions, type HandlerDatabase, type HostQuery } from '../host-transactions.js';
import { ignore } from '../ignore.js';
import type { Database } from './database.js';

const CANCEL_AGAIN_MS = 50;

/**
 * The ledger takes a lock that is known to this database alone, and the tool must find it taken.
 *
 * @throws TransactionsElsewhereError, TransactionsUnusableError
 */
export async function checkHostTransactions(db: Database, host: HostTransactions<unknown>): Promise<void> {
  const name = randomUUID();
  await db.transaction(async (_, client) => {
    await db.lock(client, name);
    await checkTransactions(db, host, async (query) => {
      const ifFree = 'SELECT 1 AS taken WHERE pg_try_advisory_xact_lock(hashtextextended($1::text, 0))';
      if ((await query(ifFree, [db.lockName(name)])).length > 0) return true;
      await query('WITH none AS (UPDATE {deliveries} SET state = state WHERE false RETURNING 1) SELECT 1 FROM none');
      return false;
    });
  });
}

/** PostgreSQL in the transactions of handlers. Rows are a statement's last part's: tools differ in what else they give back. */
export function handlerDatabase(db: Database, finish: HandlerDatabase['finish']): HandlerDatabase {
  return {
    host: db.host,
    handlerTurns: db.handlerTurns,
    transact: (work, signal) => db.transaction(work, signal),
    statement: (sql, values) => db.statement(sql, values),
    idOf: async (query) => Number((await query('SELECT pg_backend_pid() AS pid'))[0]?.pid),
    fail: (query, pid) => fail(db, query, pid),
    finish,
  };
}

/** Makes an open transaction fail; what its connection runs by then, or begins just now, is cancelled. */
async function fail(db: Database, query: HostQuery, pid: number): Promise<void> {
  const failed = query('SELECT 1 / 0')
    .catch(ignore)
    .then(() => true);
  do await db.query('SELECT pg_cancel_backend($1::integer)', [pid]).catch(ignore);
  while (!(await Promise.race([failed, pause(CANCEL_AGAIN_MS, false)])));
}
