import { resolve } from 'node:path';
import type { Ledger } from '../ledger.js';
import { Connection } from './connection.js';
import { loadDriver } from './driver.js';
import { explain } from './ledger-file.js';
import { assertKnown, LATEST, versionOf } from './migrations.js';
import { Store } from './store.js';

/** What a ledger's file holds. */
export interface SqliteInspection {
  /** 0 in a file that holds no ledger yet. */
  readonly version: number;
  /** What this release makes of it when it starts. */
  readonly required: number;
  /** What is to be done; absent while the tables are not up to date. */
  readonly work?: Pick<Ledger, 'deadLetters' | 'nextDue' | 'nextCheckDue'>;
}

/**
 * Looks into a ledger's file that nobody uses, and changes nothing in it. It must exist.
 *
 * @throws DriverMissingError, LedgerInUseError, LedgerVersionError, LedgerFileError
 */
export async function inspectSqlite<Result>(
  file: string,
  look: (inspection: SqliteInspection) => Promise<Result>,
): Promise<Result> {
  const path = resolve(file);
  const driver = await loadDriver();
  let connection: Connection | undefined;
  try {
    connection = new Connection(driver.open(path));
    return await look(inspect(connection, path));
  } catch (error) {
    throw explain(error, path);
  } finally {
    connection?.database.close();
  }
}

function inspect(connection: Connection, file: string): SqliteInspection {
  connection.database.exec('PRAGMA busy_timeout = 0');
  connection.database.exec('PRAGMA query_only = ON');
  // Whoever has the file in use is noticed only by looking into it.
  connection.all('SELECT count(*) FROM sqlite_schema');
  const version = versionOf(connection);
  assertKnown(version, file);
  if (version < LATEST) return { version, required: LATEST };
  const store = new Store(connection);
  return {
    version,
    required: LATEST,
    work: {
      deadLetters: () => Promise.resolve(store.deadLetters()),
      nextDue: () => Promise.resolve(store.nextDue()),
      nextCheckDue: () => Promise.resolve(store.nextCheckDue()),
    },
  };
}
