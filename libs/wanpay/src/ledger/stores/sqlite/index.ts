export type { DriverName, SqliteDatabase, SqliteStatement, SqliteValue } from './driver.js';
export {
  AsyncWorkError,
  DriverMissingError,
  LedgerClosedError,
  LedgerFileError,
  LedgerInUseError,
  LedgerVersionError,
} from './errors.js';
export { sqlite, type SqliteOptions } from './sqlite.js';
export { SqliteStore } from './sqlite-store.js';
