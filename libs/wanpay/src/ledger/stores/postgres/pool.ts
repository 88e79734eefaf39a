import type { Client, Pool, PoolClient } from 'pg';
import { ignore } from '../ignore.js';
import { PgMissingError } from './errors.js';

/** Of a pool of the ledger's own. */
const SETTINGS = { connectionTimeoutMillis: 10_000, keepAlive: true };

/** The host's own pool, which the ledger never closes, or the database's address, for a pool of the ledger's own. */
export type PoolOptions = { readonly pool: Pool } | { readonly connectionString: string };

/** How many stores use each pool: a listener for each of them would be too many for Node.js, which warns. */
const users = new WeakMap<Pool, number>();

/**
 * `pg` is an optional peer, so it is loaded only by a host that uses this ledger.
 *
 * @throws PgMissingError
 */
export async function loadPg(): Promise<{ readonly Client: typeof Client; readonly Pool: typeof Pool }> {
  try {
    return (await import('pg')).default;
  } catch (error) {
    throw new PgMissingError(error);
  }
}

/**
 * Keeps a lost connection from ending the process. The pool replaces it; what it tells of that must only not be unheard. A
 * client that the pool gave up tells by itself, and nobody else listens to it.
 */
export async function openPool(options: PoolOptions): Promise<Pool> {
  const { Pool } = await loadPg();
  const pool = 'pool' in options ? options.pool : new Pool({ ...SETTINGS, connectionString: options.connectionString });
  if (count(pool, 1) === 1) pool.on('error', ignore).on('connect', tolerate);
  return pool;
}

/** Lets go of the host's pool, or ends the ledger's own, whose connections may still be lost until the server has closed them. */
export async function closePool(pool: Pool, options: PoolOptions): Promise<void> {
  if (!('pool' in options)) await pool.end();
  else if (count(pool, -1) === 0) pool.off('error', ignore).off('connect', tolerate);
}

function count(pool: Pool, by: 1 | -1): number {
  const counted = (users.get(pool) ?? 0) + by;
  users.set(pool, counted);
  return counted;
}

function tolerate(client: PoolClient): void {
  client.on('error', ignore);
}
