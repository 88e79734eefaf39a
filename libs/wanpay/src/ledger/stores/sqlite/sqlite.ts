import { resolve } from 'node:path';
import { InvalidFieldError } from '../../../protocol/index.js';
import { DRIVER_NAMES, type DriverName, loadDriver } from './driver.js';
import { openLedgerFile } from './ledger-file.js';
import { SqliteStore } from './sqlite-store.js';

/** Where an SQLite ledger is, and what opens it. */
export interface SqliteOptions {
  /** The file; it is made where there is none, in a folder that exists. A relative path is relative to the working directory. */
  readonly file: string;
  /** Which driver to use; left out, the first of `node`, `better-sqlite3` and `libsql` that this process can load. */
  readonly driver?: DriverName | undefined;
  /** How long a start waits for a process that is being replaced to let go of the file, in milliseconds; 2,000 by default. */
  readonly graceMs?: number | undefined;
}

/**
 * A ledger in one SQLite file, for one process on one machine: what it acknowledged survives a crash and a power cut.
 *
 * ```ts
 * WanPayModule.forRoot({ merchant, ledger: sqlite({ file: './wanpay.db' }) })
 * ```
 *
 * @throws InvalidFieldError
 */
export function sqlite({ file, driver, graceMs }: SqliteOptions): SqliteStore {
  if (file === '' || file === ':memory:') throw new InvalidFieldError('file', 'must name a file on a disk.');
  if (driver !== undefined && !DRIVER_NAMES.includes(driver)) {
    throw new InvalidFieldError('driver', `must be one of ${DRIVER_NAMES.join(', ')}.`);
  }
  return new SqliteStore(resolve(file), async (path) => openLedgerFile(await loadDriver(driver), path), graceMs);
}
