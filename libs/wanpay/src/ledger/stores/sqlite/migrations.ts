import { LedgerFileError } from '../database-file/errors.js';
import { latestOf, readMigrations } from '../migrations.js';
import type { Connection } from './connection.js';
import { LedgerVersionError } from './errors.js';

/** "wanp". */
const APPLICATION_ID = 0x77616e70;
const THOUSAND = 1000;

/**
 * Every step of the tables, oldest first. Each ends with `PRAGMA user_version`, which is its version, plus a thousand times
 * the oldest version of the code that works with the tables after it: with 3002, code that knows the third step.
 */
export const MIGRATIONS = readMigrations('sqlite');

/**
 * Brings the tables up to date, inside a transaction that the caller holds.
 *
 * @throws LedgerFileError, LedgerVersionError
 */
export function migrate(connection: Connection, file: string, steps = MIGRATIONS): void {
  const found = versionOf(connection, file, steps);
  for (const { version, sql } of steps) if (version > found) connection.database.exec(sql);
}

/**
 * The version of the tables; 0 in a file that holds no ledger yet.
 *
 * @throws LedgerFileError when the file is another application's
 * @throws LedgerVersionError when these steps can't work with the tables
 */
export function versionOf(connection: Connection, file: string, steps = MIGRATIONS): number {
  const owner = Number(connection.first('PRAGMA application_id')?.application_id);
  if (owner !== 0 && owner !== APPLICATION_ID) {
    throw new LedgerFileError(file, `it is another application's (PRAGMA application_id is ${owner}).`);
  }
  const found = Number(connection.first('PRAGMA user_version')?.user_version);
  if (found === 0) return 0;
  const known = { from: THOUSAND + 1, to: (latestOf(steps) + 1) * THOUSAND - 1 };
  if (found < known.from || found > known.to || owner === 0) throw new LedgerVersionError(file, found, known);
  return found % THOUSAND;
}
