import { latestOf, type Migration, readMigrations } from '../migrations.js';
import { MigrationRequiredError, SchemaTooNewError } from '../schema-errors.js';
import type { Database, Run } from './database.js';

const MIGRATIONS = readMigrations('mysql');
const LATEST = latestOf(MIGRATIONS);
/** A lock of the session, of a name that is the server's: hence the database in it. */
const LOCK = `SELECT GET_LOCK(CONCAT('wanpay ', MD5(DATABASE())), 10) AS got`;
const UNLOCK = `DO RELEASE_LOCK(CONCAT('wanpay ', MD5(DATABASE())))`;
const TABLE_EXISTS = `SELECT 1 FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'wanpay_migrations'`;

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
    const current = await versionOf(run);
    if (current >= LATEST) return;
    if (!isAllowed) throw new MigrationRequiredError(current, LATEST, 'mysqlMigrations()');
    while ((await run(LOCK)).rows[0]?.got !== 1);
    try {
      const found = await versionOf(run);
      for (const step of MIGRATIONS) {
        if (step.version > found) for (const statement of statementsOf(step)) await run(statement);
      }
    } finally {
      await run(UNLOCK);
    }
  });
}

function statementsOf({ sql }: Migration): readonly string[] {
  const statements = sql.replaceAll(/^--.*$/gm, '').split(/;\s*$/m);
  return statements.filter((statement) => statement.trim() !== '');
}

/** The version of the tables; 0 when there are none. */
async function versionOf(run: Run): Promise<number> {
  if ((await run(TABLE_EXISTS)).rows.length === 0) return 0;
  const { rows } = await run('SELECT MAX(version) AS version, MAX(works_with) AS works_with FROM wanpay_migrations');
  const version = Number(rows[0]?.version ?? 0);
  if (Number(rows[0]?.works_with) > LATEST) throw new SchemaTooNewError(version, LATEST);
  return version;
}
