import { latestOf, type Migration, stepsToTake } from '../../migrations.js';
import { MigrationRequiredError } from '../../schema-errors.js';
import type { Database, Run } from '../database.js';
import { MIGRATIONS, migrationSql } from './migrations.js';

/** The catalogue's tables are asked, since `to_regclass` may still answer what was true before we waited for the lock. */
const SCHEMA_EXISTS = 'SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1';
const TABLE_EXISTS = `SELECT FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'wanpay_migrations'`;
const RECORDED = 'SELECT max(version) AS version, max(works_with) AS works_with FROM {migrations}';

/**
 * Brings the tables up to date. Of several replicas that start at once, one does it and the others wait for it. Tables
 * that are newer than this code are left alone, and used if they say that it can.
 *
 * @param isAllowed whether the tables may be changed; otherwise they are only looked at
 * @throws MigrationRequiredError, SchemaTooNewError
 */
export async function migrate(db: Database, isAllowed: boolean): Promise<void> {
  const [next] = await missingSteps(db, db.queryAnew);
  if (!next) return;
  if (!isAllowed) {
    const sql = `postgresMigrations({ schema: '${db.schema}' })`;
    throw new MigrationRequiredError(next.version - 1, latestOf(MIGRATIONS), sql, db.schema);
  }
  await db.transaction(async (run, client) => {
    await db.lock(client, 'migrations');
    const missing = await missingSteps(db, run);
    // Asked first, since a role that may not create schemas may have been given this one.
    if ((await run(SCHEMA_EXISTS, [db.schema])).length === 0) await client.query(`CREATE SCHEMA "${db.schema}"`);
    // Not timed: what a step takes depends on how much there is.
    for (const step of missing) await client.query(migrationSql(step, db.schema));
  });
}

async function missingSteps(db: Database, run: Run): Promise<readonly Migration[]> {
  const hasTables = (await run(TABLE_EXISTS, [db.schema])).length > 0;
  return stepsToTake(MIGRATIONS, hasTables ? (await run(RECORDED))[0] : undefined, db.schema);
}
