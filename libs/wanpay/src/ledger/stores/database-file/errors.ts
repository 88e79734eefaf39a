import { WanPayError } from '../../../protocol/index.js';
import { StoreUnavailableError } from '../../errors.js';

/** The ledger's file is open for writing elsewhere: in another process, or in another ledger of this one. */
export class LedgerInUseError extends WanPayError {
  readonly code = 'ledger_in_use';

  constructor(
    readonly file: string,
    options?: { readonly cause?: unknown },
  ) {
    super(
      `${file} is in use by another process, or by another ledger of this one. One process writes to an SQLite ledger: ` +
        'stop the other, give each its own file, or use postgres() for more than one process.',
      options,
    );
  }
}

/** The ledger's file can't be opened or made, or belongs to another application. */
export class LedgerFileError extends WanPayError {
  readonly code = 'ledger_file';

  constructor(
    readonly file: string,
    problem: string,
    options?: { readonly cause?: unknown },
  ) {
    super(
      `${file} can't be used as a ledger: ${problem} The file and its folder must be on a local disk, and this process must ` +
        'be able to write to both.',
      options,
    );
  }
}

/** The ledger's file is missing or empty, but its log is there: to start would throw the log away. Nothing was changed. */
export class LedgerFileMissingError extends WanPayError {
  readonly code = 'ledger_file_missing';

  constructor(
    readonly file: string,
    readonly log: string,
  ) {
    super(
      `${file} is missing or empty, but its log ${log} holds payments. Put the file that belongs to the log back beside it. If ` +
        'there is none, keep the log elsewhere, restore a backup of the file, and start again.',
    );
  }
}

/** The ledger's file is damaged, or is no SQLite database at all. */
export class LedgerDamagedError extends WanPayError {
  readonly code = 'ledger_damaged';

  constructor(
    readonly file: string,
    problem: string,
    options?: { readonly cause?: unknown },
  ) {
    super(
      `${file} is damaged, or is no SQLite database: SQLite says "${problem}". Stop the host, keep a copy of the file and of ` +
        'what has its name and -wal, then restore a backup. Without one, copy what can still be read with ' +
        "`sqlite3 DAMAGED .recover | sqlite3 NEW`. Afterwards, `npx nestjs-wanpay reconcile` asks for what the copy's unpaid " +
        'payments have missed.',
      options,
    );
  }
}

/** What can happen to a file that is in use. */
export type FileLoss = 'deleted or moved' | 'replaced' | 'truncated';

/** Something other than the ledger changed the ledger's files while they were in use. Nothing is written any more. */
export class LedgerFileLostError extends StoreUnavailableError {
  override readonly code = 'ledger_file_lost';

  constructor(
    /** The file or its log, whichever it was. */
    readonly file: string,
    readonly loss: FileLoss,
  ) {
    super(
      new Error(
        `${file} was ${loss} by something else while this process used it. What is written now would be lost, so nothing is. ` +
          'Find out what did it, and restart the host.',
      ),
    );
  }
}

/** There is no room for what is to be written. */
export class DiskFullError extends StoreUnavailableError {
  override readonly code = 'disk_full';

  constructor(
    readonly file: string,
    cause: unknown,
  ) {
    super(
      new Error(
        `there is no room for ${file}: SQLite says "database or disk is full". Nothing was recorded. Make room on its disk; a ` +
          'host that is running then goes on by itself.',
        { cause },
      ),
    );
  }
}
