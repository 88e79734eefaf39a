import { WanPayError } from '../../../protocol/index.js';
import { StoreUnavailableError } from '../../errors.js';
import { DiskFullError, LedgerDamagedError, LedgerFileError, LedgerInUseError } from './errors.js';
import { type ResultCode, resultCodeOf } from './result-code.js';

type Explanation = (file: string, cause: unknown) => WanPayError;

const IN_USE: Explanation = (file, cause) => new LedgerInUseError(file, { cause });
const DAMAGED: Explanation = (file, cause) => new LedgerDamagedError(file, messageOf(cause), { cause });
const FULL: Explanation = (file, cause) => new DiskFullError(file, cause);
const UNAVAILABLE: Explanation = (_file, cause) => new StoreUnavailableError(cause);

const WHILE_OPENING: Partial<Record<ResultCode, Explanation>> = {
  BUSY: IN_USE,
  LOCKED: IN_USE,
  CORRUPT: DAMAGED,
  NOTADB: DAMAGED,
  FULL,
};
const WHILE_RUNNING: Partial<Record<ResultCode, Explanation>> = {
  READONLY: UNAVAILABLE,
  IOERR: UNAVAILABLE,
  CANTOPEN: UNAVAILABLE,
  CORRUPT: DAMAGED,
  NOTADB: DAMAGED,
  FULL,
};

/** Why a ledger's file can't be opened, in the ledger's own words. */
export function explainOpening(error: unknown, file: string): WanPayError {
  if (error instanceof WanPayError) return error;
  const code = resultCodeOf(error);
  const explain = code && WHILE_OPENING[code];
  return explain?.(file, error) ?? new LedgerFileError(file, `SQLite says "${messageOf(error)}".`, { cause: error });
}

/** An error of the disk below an open file, in the ledger's own words; any other error as it is. */
export function explainFailure(error: unknown, file: string): unknown {
  const code = resultCodeOf(error);
  const explain = code && WHILE_RUNNING[code];
  return explain?.(file, error) ?? error;
}

/** The first line of an error's message. By its shape: an error of a native part may come from another realm. */
export function messageOf(error: unknown): string {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error;
  const text = hasMessage && typeof error.message === 'string' ? error.message : String(error);
  return text.trim().split('\n', 1).join('');
}
