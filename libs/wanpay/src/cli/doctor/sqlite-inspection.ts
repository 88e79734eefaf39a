import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ledger } from '../../ledger/ledger.js';
import { explainOpening } from '../../ledger/stores/database-file/explain.js';
import { checkLogHasFile, findDamage, logOf } from '../../ledger/stores/database-file/opening-checks.js';
import { latestOf } from '../../ledger/stores/migrations.js';
import { Connection } from '../../ledger/stores/sqlite/connection.js';
import { loadDriver } from '../../ledger/stores/sqlite/driver.js';
import { MIGRATIONS, versionOf } from '../../ledger/stores/sqlite/migrations.js';
import { SqliteStore } from '../../ledger/stores/sqlite/sqlite-store.js';

/** What a ledger's file holds. */
export interface SqliteInspection {
  /** 0 in a file that holds no ledger yet. */
  readonly version: number;
  /** What this release makes of it when it starts. */
  readonly required: number;
  /** What is to be done, from a ledger that can only be read; absent while the tables are not up to date. */
  readonly work?: Ledger;
}

/**
 * Looks into a ledger's file that nobody uses, all through it for damage, and changes nothing in it. It must exist.
 *
 * @throws DriverMissingError, LedgerInUseError, LedgerVersionError, LedgerFileError, LedgerFileMissingError, LedgerDamagedError
 */
export async function inspectSqlite<Result>(
  file: string,
  look: (inspection: SqliteInspection) => Promise<Result>,
): Promise<Result> {
  const path = resolve(file);
  const driver = await loadDriver();
  checkLogHasFile(path);
  let connection: Connection | undefined;
  try {
    connection = new Connection(driver.open(path));
    return await look(await inspect(connection, path));
  } catch (error) {
    throw explainOpening(error, path);
  } finally {
    connection?.database.close();
  }
}

/** Whether a file that another process has in use is without its log, which is there for as long as the host has the file. */
export function isLogLost(file: string): boolean {
  return !existsSync(logOf(file)) && isInWalMode(file);
}

/** By the file's header. Not for the process that has the file in use: to close the file gives up its lock. */
function isInWalMode(file: string): boolean {
  const [OFFSET, WAL] = [18, 2];
  const descriptor = openSync(file, 'r');
  try {
    const version = Buffer.alloc(1);
    readSync(descriptor, version, 0, 1, OFFSET);
    return version[0] === WAL;
  } finally {
    closeSync(descriptor);
  }
}

async function inspect(connection: Connection, file: string): Promise<SqliteInspection> {
  connection.database.exec('PRAGMA busy_timeout = 0');
  connection.database.exec('PRAGMA query_only = ON');
  // Whoever has the file in use is noticed only by looking into it.
  connection.all('SELECT count(*) FROM sqlite_schema');
  findDamage((sql) => connection.all(sql), file);
  const version = versionOf(connection, file);
  const required = latestOf(MIGRATIONS);
  if (version < required) return { version, required };
  const ledger = new Ledger(new SqliteStore(file, () => Promise.resolve(connection)));
  await ledger.start();
  return { version, required, work: ledger };
}
