export type { DriverName, SqliteDatabase, SqliteStatement, SqliteValue } from './driver.js';
export {
  DiskFullError,
  type FileLoss,
  LedgerDamagedError,
  LedgerFileError,
  LedgerFileLostError,
  LedgerFileMissingError,
  LedgerInUseError,
} from '../database-file/errors.js';
export { AsyncWorkError, DriverMissingError, LedgerClosedError, LedgerVersionError } from './errors.js';
export { sqlite, type SqliteOptions } from './sqlite.js';
export { SqliteStore } from './sqlite-store.js';
