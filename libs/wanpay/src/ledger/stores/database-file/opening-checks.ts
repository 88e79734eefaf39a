import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { LedgerDamagedError, LedgerFileError, LedgerFileMissingError } from './errors.js';

/** Runs a statement and returns its rows. */
export type Query = (sql: string) => readonly Readonly<Record<string, unknown>>[];

/** A file of up to this size is looked through at every start: that takes about a tenth of a second. */
const SMALL_BYTES = 64 * 1024 * 1024;

/** Where SQLite keeps a file's write-ahead log: beside the file itself, wherever a link to it may be. */
export function logOf(file: string): string {
  return `${statSync(file, { throwIfNoEntry: false }) ? realpathSync(file) : file}-wal`;
}

/**
 * Refuses a place where no ledger can be, in words that are clearer than SQLite's.
 *
 * @throws LedgerFileError
 */
export function checkPlace(file: string): void {
  const folder = dirname(file);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new LedgerFileError(file, `there is no folder ${folder}.`);
  }
  if (!isAccessible(folder, constants.W_OK | constants.X_OK)) {
    throw new LedgerFileError(
      file,
      `its folder ${folder} is read-only for this process, and SQLite keeps a log in it.`,
    );
  }
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isFile()) throw new LedgerFileError(file, 'it is no file.');
  if (!isAccessible(file, constants.R_OK | constants.W_OK)) {
    throw new LedgerFileError(file, 'it is read-only for this process.');
  }
}

/**
 * Refuses a file that is missing or empty beside a log with content: SQLite would take the log for a leftover and delete it.
 *
 * @throws LedgerFileMissingError
 */
export function checkLogHasFile(file: string): void {
  const log = logOf(file);
  if (sizeOf(file) === 0 && sizeOf(log) > 0) throw new LedgerFileMissingError(file, log);
}

/**
 * Looks for damage, where the file was not closed cleanly or where that takes no time.
 *
 * A ledger that stops leaves SQLite's WAL mode, and SQLite itself takes a file for one in that mode while a log is beside it. So
 * the mode tells how the file was closed, also when its log is gone, and no mark of our own can be forgotten.
 *
 * @param query must not have set the journal mode yet
 * @throws LedgerDamagedError
 */
export function checkContent(query: Query, file: string): void {
  const wasClosed = query('PRAGMA journal_mode')[0]?.journal_mode !== 'wal';
  if (wasClosed && sizeOf(file) > SMALL_BYTES) return;
  findDamage(query, file);
}

/**
 * Looks through the whole file: about a second for each gigabyte, and what it takes to read it from the disk.
 *
 * @throws LedgerDamagedError
 */
export function findDamage(query: Query, file: string): void {
  const found = String(query('PRAGMA quick_check(1)')[0]?.quick_check);
  if (found !== 'ok') throw new LedgerDamagedError(file, found.replaceAll('\n', ' '));
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
