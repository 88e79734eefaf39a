import { MysqlStore, type MysqlOptions } from './mysql-store.js';

export { TransactionEndedError } from '../handler-turns.js';
export type { Migration as MysqlMigration } from '../migrations.js';
export { MigrationRequiredError, SchemaTooNewError } from '../schema-errors.js';
export * from './errors.js';
export { mysqlMigrations } from './migrate.js';
export { MysqlStore, type MysqlOptions, type MysqlTables } from './mysql-store.js';

/**
 * A ledger in MySQL or MariaDB, for any number of processes: `ledger: mysql({ pool })`.
 *
 * @throws InvalidFieldError when `pollEveryMs` is no time to wait
 */
export function mysql(options: MysqlOptions): MysqlStore {
  return new MysqlStore(options);
}
