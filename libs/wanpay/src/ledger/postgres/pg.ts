import type { Client, Pool } from 'pg';
import { PgMissingError } from './errors.js';

/** What the ledger makes for itself. */
export interface Pg {
  readonly Client: typeof Client;
  readonly Pool: typeof Pool;
}

/**
 * `pg` is an optional peer, so it is loaded only by a host that uses this ledger.
 *
 * @throws PgMissingError
 */
export async function loadPg(): Promise<Pg> {
  try {
    return (await import('pg')).default;
  } catch (error) {
    throw new PgMissingError(error);
  }
}
