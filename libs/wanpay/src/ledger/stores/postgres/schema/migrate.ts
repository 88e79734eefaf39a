import { latestOf } from '../../migrations.js';
import { MigrationRequiredError, SchemaTooNewError } from '../../schema-errors.js';
import type { Database, Run } from '../database.js';
import { MIGRATIONS, migrationSql } from './migrations.js';

const LATEST = latestOf(MIGRATIONS);
/** The catalogue's tables are asked, since `to_regclass` may still answer what was true before we waited for the lock. */
const SCHEMA_EXISTS = 'SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1';
const TABLE_EXISTS = `SELECT FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'wanpay_migrations'`;

/**
 * Brings the tables up to date. Of several replicas that start at once, one does it and the others wait for it. Tables
 * that are newer than this code are left alone, and used if they say that it can.
 *
 * @param isAllowed whether the tables may be changed; otherwise they are only looked at
 * @throws MigrationRequiredError, SchemaTooNewError
 */
export async function migrate(db: Database, isAllowed: boolean): Promise<void> {
  const current = await versionOf(db, db.queryAnew);
  if (current >= LATEST) return;
  if (!isAllowed) {
    const sql = `postgresMigrations({ schema: '${db.schema}' })`;
    throw new MigrationRequiredError(current, LATEST, sql, db.schema);
  }
  await db.transaction(async (run, client) => {
    await db.lock(client, 'migrations');
    const found = await versionOf(db, run);
    // Asked first, since a role that may not create schemas may have been given this one.
    if ((await run(SCHEMA_EXISTS, [db.schema])).length === 0) await client.query(`CREATE SCHEMA "${db.schema}"`);
    // Not timed: what a step takes depends on how much there is.
    for (const step of MIGRATIONS) if (step.version > found) await client.query(migrationSql(step, db.schema));
  });
}

/** The version of the tables; 0 when there are none. */
async function versionOf(db: Database, run: Run): Promise<number> {
  if ((await run(TABLE_EXISTS, [db.schema])).length === 0) return 0;
  const [row] = await run('SELECT max(version) AS version, max(works_with) AS works_with FROM {migrations}');
  const version = Number(row?.version);
  if (Number(row?.works_with) > LATEST) throw new SchemaTooNewError(version, LATEST, db.schema);
  return version;
}
