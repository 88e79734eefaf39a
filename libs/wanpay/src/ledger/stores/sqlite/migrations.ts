import { readdirSync, readFileSync } from 'node:fs';
import type { Connection } from './connection.js';
import { LedgerFileError, LedgerVersionError } from './errors.js';

/**
 * A step of the tables from the version before, as a file of `sql/sqlite`. Once published it is never edited: append another.
 *
 * It ends with `PRAGMA user_version`, which is its version, plus a thousand times the oldest version of the code that works
 * with the tables after it: with 3002, code that knows the third step.
 */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

const FOLDER = new URL('../../../../sql/sqlite/', import.meta.url);
/** "wanp". */
const APPLICATION_ID = 0x77616e70;
const THOUSAND = 1000;

/** Every step, oldest first. */
export const MIGRATIONS: readonly Migration[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.sql'))
  .sort()
  .map((file) => ({ version: Number.parseInt(file, 10), sql: readFileSync(new URL(file, FOLDER), 'utf8') }));

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

/** The version that some steps lead to. */
export function latestOf(steps = MIGRATIONS): number {
  return steps.at(-1)?.version ?? 0;
}
