import { WanPayError } from '../../../protocol/index.js';

/** The tables in the ledger's file are not of a version that this release can work with. Nothing was changed. */
export class LedgerVersionError extends WanPayError {
  readonly code = 'ledger_version';

  constructor(
    readonly file: string,
    readonly found: number,
    known: { readonly from: number; readonly to: number },
  ) {
    super(
      `${file} has schema version ${found} (PRAGMA user_version), and this release works with ${known.from} to ${known.to}. ` +
        'Run the release of nestjs-wanpay that made it, or a newer one, or choose another file.',
    );
  }
}

/** The ledger was asked for something before it was started, or after it was stopped. */
export class LedgerClosedError extends WanPayError {
  readonly code = 'ledger_closed';

  constructor(readonly file: string) {
    super(`The ledger in ${file} is not open: it has not been started yet, or has been stopped. Nothing was done.`);
  }
}

/** No SQLite driver can be loaded; the message says what to install, and why each that was tried did not do. */
export class DriverMissingError extends WanPayError {
  readonly code = 'driver_missing';
}

/** Work inside an SQLite transaction returned a promise, and the transaction can't wait for it; it was rolled back. */
export class AsyncWorkError extends WanPayError {
  readonly code = 'async_work';

  constructor(work: string) {
    super(
      `${work} returned a promise, and SQLite's transaction can't wait: it would hold up every other write. ` +
        'Make it synchronous, leave out { transaction: true }, or use postgres().',
    );
  }
}
