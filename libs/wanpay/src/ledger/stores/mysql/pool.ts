import type { Pool as CallbackPool } from 'mysql2';
import type { Pool } from 'mysql2/promise';
import type { StoredValue } from '../conditions.js';
import { ignore } from '../ignore.js';
import { Mysql2MissingError } from './errors.js';

/** The host's own pool of `mysql2` or `mysql2/promise`, which the ledger never closes, or the address, for one of its own. */
export type PoolOptions = { readonly pool: Pool | CallbackPool } | { readonly uri: string };

/** A pool, and what is needed beside it. */
export interface OpenedPool {
  readonly pool: Pool;
  /** Writes values into a statement. The host may have given its pool a way of its own to do that. */
  readonly format: (sql: string, values: StoredValue[]) => string;
  /** Whether each of its connections begins with transactions that are READ COMMITTED. */
  readonly isReadCommitted: boolean;
}

/** Of a pool of the ledger's own. */
const SETTINGS = { charset: 'utf8mb4', connectTimeout: 10_000, enableKeepAlive: true };

/**
 * `mysql2` is an optional peer, so it is loaded only by a host that uses this ledger.
 *
 * @throws Mysql2MissingError
 */
export async function openPool(options: PoolOptions): Promise<OpenedPool> {
  const loaded = await import('mysql2/promise').catch((error: unknown) => {
    throw new Mysql2MissingError('It could not be loaded.', error);
  });
  const { createPool, format } = loaded.default;
  if ('pool' in options) return { pool: promised(options.pool), format, isReadCommitted: false };
  const pool = createPool({ ...SETTINGS, uri: options.uri });
  // Before whatever else is asked on it. It tells of its own failure to the statement that follows.
  pool.pool.on('connection', (connection) => {
    connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED', ignore);
  });
  return { pool, format, isReadCommitted: true };
}

/** The pool of `mysql2/promise` over whichever was given, by what they can do: other packages have pools too. */
function promised(given: Pool | CallbackPool): Pool {
  const pool = 'promise' in given && typeof given.promise === 'function' ? given.promise() : given;
  if ('getConnection' in pool && 'pool' in pool) return pool;
  throw new Mysql2MissingError('What was given as its pool is none.');
}
