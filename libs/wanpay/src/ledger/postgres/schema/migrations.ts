import { ledgerTables } from './001-ledger.js';
import { checks } from './002-checks.js';
import type { Migration } from './migration.js';
import { schemaName } from './schema-name.js';

/** Every step of the ledger's tables, oldest first. */
export const MIGRATIONS: readonly Migration[] = [ledgerTables, checks];

/** The SQL of one version of the ledger's tables. */
export interface PostgresMigration {
  readonly version: number;
  /** Runs as it is, in psql or anything like it: one transaction that also records the version. */
  readonly sql: string;
}

/**
 * The SQL that the ledger would run by itself, for those who run it by hand and start with `migrate: false`.
 *
 * @throws InvalidFieldError when `schema` is not a plain identifier
 */
export function postgresMigrations(options: { readonly schema?: string } = {}): readonly PostgresMigration[] {
  const schema = schemaName(options.schema);
  return MIGRATIONS.map((migration, i) => {
    const first = i === 0 ? `CREATE SCHEMA IF NOT EXISTS "${schema}";\n\n` : '';
    return { version: migration.version, sql: `BEGIN;\n\n${first}${migrationSql(migration, schema)}\n\nCOMMIT;\n` };
  });
}

/** A step and the record of it, in a schema that exists. */
export function migrationSql(migration: Migration, schema: string): string {
  const { version, worksWith } = migration;
  const record = `INSERT INTO "${schema}".migrations (version, works_with) VALUES (${version}, ${worksWith});`;
  return `${migration.sql(schema)}\n\n${record}`;
}
