import { latestOf, type Migration, readMigrations, statementsOf, stepsToTake } from '../migrations.js';
import { MigrationRequiredError } from '../schema-errors.js';
import type { Database, Run } from './database.js';

const MIGRATIONS = readMigrations('mysql');
/** A lock of the session, of a name that is the server's: hence the database in it. */
const LOCK = `SELECT GET_LOCK(CONCAT('wanpay ', MD5(DATABASE())), 10) AS got`;
const UNLOCK = `DO RELEASE_LOCK(CONCAT('wanpay ', MD5(DATABASE())))`;
const TABLE_EXISTS = `SELECT 1 FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'wanpay_migrations'`;
const RECORDED = 'SELECT MAX(version) AS version, MAX(works_with) AS works_with FROM wanpay_migrations';

/** The SQL that the ledger would run by itself, for those who run it by hand and start with `migrate: false`. */
export function mysqlMigrations(): readonly Migration[] {
  return MIGRATIONS;
}

/**
 * Brings the tables up to date. Of several replicas that start at once, one does it and the others wait for it: MySQL commits
 * each change of a table by itself. Tables that are newer than this code are left alone, and used if they say that it can.
 *
 * @param isAllowed whether the tables may be changed; otherwise they are only looked at
 * @throws MigrationRequiredError, SchemaTooNewError
 */
export async function migrate(db: Database, isAllowed: boolean): Promise<void> {
  await db.connected(async (run) => {
    const [next] = await missingSteps(run);
    if (!next) return;
    if (!isAllowed) throw new MigrationRequiredError(next.version - 1, latestOf(MIGRATIONS), 'mysqlMigrations()');
    while ((await run(LOCK)).rows[0]?.got !== 1);
    try {
      const statements = (await missingSteps(run)).flatMap(statementsOf);
      for (const statement of statements) await run(statement);
    } finally {
      await run(UNLOCK);
    }
  });
}

async function missingSteps(run: Run): Promise<readonly Migration[]> {
  const hasTables = (await run(TABLE_EXISTS)).rows.length > 0;
  return stepsToTake(MIGRATIONS, hasTables ? (await run(RECORDED)).rows[0] : undefined);
}
