import { writeFileSync } from 'node:fs';
import { LedgerDamagedError, LedgerFileError } from '../database-file/errors.js';
import { explainOpening } from '../database-file/explain.js';
import { FileWatch } from '../database-file/file-watch.js';
import { checkContent, checkLogHasFile, checkPlace } from '../database-file/opening-checks.js';
import { Connection } from './connection.js';
import type { Driver } from './driver.js';
import { migrate } from './migrations.js';

/** Claims that are left in a file that one process has to itself are of a process that is gone. */
const TAKE_BACK = `UPDATE wanpay_deliveries SET state = 'pending', due_at = occurred_at
  WHERE (handler, type) IN (SELECT handler, type FROM wanpay_subscriptions) AND state = 'claimed'`;

/**
 * Opens a ledger's file for this process alone, makes it where there is none, brings its tables up to date, and takes back
 * what a process that is gone had claimed.
 *
 * The lock is the operating system's: it is gone with the process, however that ends.
 *
 * @throws LedgerInUseError, LedgerVersionError, LedgerFileError, LedgerFileMissingError, LedgerDamagedError, DiskFullError
 */
export function openLedgerFile(driver: Driver, file: string): Connection {
  let connection: Connection | undefined;
  try {
    checkPlace(file);
    checkLogHasFile(file);
    make(file);
    connection = new Connection(driver.open(file));
    prepare(connection, file);
    return connection;
  } catch (error) {
    const reason = explainOpening(error, file);
    // What is damaged must not be left as if it had been closed cleanly.
    if (reason instanceof LedgerDamagedError) connection?.database.close();
    else if (connection) closeLedgerFile(connection);
    throw reason;
  }
}

/**
 * Closes a ledger's file and lets go of its lock.
 *
 * It leaves the WAL mode first, since `libsql` keeps a closed file locked until its statements are garbage, and in that
 * mode there is no other way to give the lock back. What is left is one file that can be copied.
 */
export function closeLedgerFile({ database, watch }: Connection): void {
  watch?.stop();
  try {
    database.exec('PRAGMA journal_mode = DELETE');
    database.exec('PRAGMA locking_mode = NORMAL');
    database.prepare('SELECT count(*) FROM sqlite_schema').all();
  } catch {
    // A statement of the host's is not finished, or the lock is someone else's. What is in the log stays readable.
  }
  database.close();
}

function prepare(connection: Connection, file: string): void {
  const { database } = connection;
  // Whoever has the file keeps it, so waiting would only hold up the process.
  database.exec('PRAGMA busy_timeout = 0');
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  const query = (sql: string): ReturnType<Connection['all']> => connection.all(sql);
  checkContent(query, file);
  const [mode] = connection.all('PRAGMA journal_mode = WAL');
  if (mode?.journal_mode !== 'wal') throw new LedgerFileError(file, 'SQLite can keep no write-ahead log beside it.');
  database.exec('PRAGMA synchronous = FULL');
  // Where the disk has a cache of its own that fsync does not empty (macOS).
  database.exec('PRAGMA fullfsync = ON');
  database.exec('PRAGMA temp_store = MEMORY');
  // 16 MB of log, four times what SQLite would have: a page that many batches change is copied into the file less often.
  database.exec('PRAGMA wal_autocheckpoint = 4000');
  connection.transact(() => {
    migrate(connection, file);
    database.exec(TAKE_BACK);
  }, 'BEGIN EXCLUSIVE');
  connection.watch = new FileWatch(file, query);
}

/** Nobody else's to read. One that is there is not opened: closing it again would give up a lock that this process has on it. */
function make(file: string): void {
  try {
    writeFileSync(file, '', { flag: 'wx', mode: 0o600 });
  } catch {
    // It is there, or SQLite tells better what is in the way.
  }
}
