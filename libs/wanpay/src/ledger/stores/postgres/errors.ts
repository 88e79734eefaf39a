import { WanPayError } from '../../../protocol/index.js';
import { StoreUnavailableError } from '../../errors.js';

/** `postgres({ connectionString })` needs the host to have `pg` installed. */
export class PgMissingError extends WanPayError {
  readonly code = 'pg_missing';

  constructor(cause: unknown) {
    super('The PostgreSQL ledger needs the pg package: npm install pg.', { cause });
  }
}

/** PostgreSQL can't be reached, does not answer, or refuses us; the cause says why, without the connection. */
export class PostgresUnavailableError extends StoreUnavailableError {
  override readonly code = 'postgres_unavailable';
}
