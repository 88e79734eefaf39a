import type { Connection, Database } from '../database.js';
import { MigrationRequiredError, SchemaTooNewError } from '../errors.js';
import { lockKey } from '../locks.js';
import type { Migration } from './migration.js';
import { MIGRATIONS, migrationSql } from './migrations.js';

interface TablesVersion {
  readonly version: number;
  /** The oldest code that works with them. */
  readonly worksWith: number;
}

/**
 * Brings the tables up to date. Of several replicas that start at once, one does it and the others wait for it. Tables
 * that are newer than this code are left alone, and used if they say that it can.
 *
 * @throws SchemaTooNewError
 */
export async function migrate(db: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  const latest = latestOf(migrations);
  if (isEnough(db, await tablesVersion(db, db.pool), latest)) return;
  await db.transaction(async (client) => {
    // Not timed, nor are the steps: what they take depends on the replica before, and on how much there is.
    await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [lockKey(db.schema, 'migrations')]);
    const { version, worksWith } = await tablesVersion(db, client);
    if (isEnough(db, { version, worksWith }, latest)) return;
    await createSchema(db, client);
    for (const migration of migrations) {
      if (migration.version > version) await client.query(migrationSql(migration, db.schema));
    }
  });
}

/**
 * Checks that the tables are there, for a ledger that was told not to make them.
 *
 * @throws MigrationRequiredError, SchemaTooNewError
 */
export async function assertMigrated(db: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  const latest = latestOf(migrations);
  const found = await tablesVersion(db, db.pool);
  if (!isEnough(db, found, latest)) throw new MigrationRequiredError(db.schema, found.version, latest);
}

function latestOf(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

function isEnough({ schema }: Database, { version, worksWith }: TablesVersion, latest: number): boolean {
  if (worksWith > latest) throw new SchemaTooNewError(schema, version, latest);
  return version >= latest;
}

async function tablesVersion(db: Database, connection: Connection): Promise<TablesVersion> {
  const missing = { version: 0, worksWith: 0 };
  if (!(await exists(db, connection, TABLE_EXISTS, [db.schema, 'migrations']))) return missing;
  const [row] = await db.queryOn<'version' | 'works_with'>(
    connection,
    `SELECT max(version)::text AS version, max(works_with)::text AS works_with FROM ${db.table('migrations')}`,
    [],
  );
  return { version: Number(row?.version), worksWith: Number(row?.works_with) };
}

/** Asks first, since a role that may not create schemas may have been given this one. */
async function createSchema(db: Database, client: Connection): Promise<void> {
  if (!(await exists(db, client, SCHEMA_EXISTS, [db.schema]))) await client.query(`CREATE SCHEMA "${db.schema}"`);
}

/** The catalogue's tables are asked, since `to_regclass` may still answer what was true before we waited for the lock. */
const SCHEMA_EXISTS = 'SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1';
const TABLE_EXISTS = 'SELECT FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = $2';

async function exists(
  db: Database,
  connection: Connection,
  query: string,
  values: readonly string[],
): Promise<boolean> {
  return (await db.queryOn(connection, query, values)).length > 0;
}
