import { PostgresLedger, type PostgresOptions } from './postgres-ledger.js';

export { MigrationRequiredError, PgMissingError, PostgresUnavailableError, SchemaTooNewError } from './errors.js';
export { PostgresLedger, type PostgresOptions, type PostgresTables } from './postgres-ledger.js';
export { type PostgresMigration, postgresMigrations } from './schema/migrations.js';

/**
 * A ledger in PostgreSQL, for any number of processes: `ledger: postgres({ pool })`.
 *
 * @throws InvalidFieldError when `schema` is not a plain identifier
 */
export function postgres(options: PostgresOptions): PostgresLedger {
  return new PostgresLedger(options);
}
