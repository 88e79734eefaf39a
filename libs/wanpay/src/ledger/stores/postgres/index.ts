import { PostgresStore, type PostgresOptions } from './postgres-store.js';

export type { Migration as PostgresMigration } from '../migrations.js';
export { MigrationRequiredError, SchemaTooNewError } from '../schema-errors.js';
export { PgMissingError, PostgresUnavailableError } from './errors.js';
export { PostgresStore, type PostgresOptions, type PostgresTables } from './postgres-store.js';
export { postgresMigrations } from './schema/migrations.js';

/**
 * A ledger in PostgreSQL, for any number of processes: `ledger: postgres({ pool })`.
 *
 * @throws InvalidFieldError when `schema` is not a plain identifier
 */
export function postgres(options: PostgresOptions): PostgresStore {
  return new PostgresStore(options);
}
