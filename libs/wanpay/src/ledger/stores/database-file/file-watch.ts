import { statSync } from 'node:fs';
import { type FileLoss, LedgerFileLostError } from './errors.js';
import { logOf, type Query } from './opening-checks.js';

/** How often the files are looked at while nothing is written, in real milliseconds. */
const LOOK_EVERY_MS = 250;

/**
 * Notices when something else deletes, replaces or truncates a database's file or its log. SQLite goes on in the files that it
 * has open, and what it writes to them is gone with the process.
 *
 * While a database is open in WAL mode its log is always there, and only grows: SQLite begins it again from the front.
 */
export class FileWatch {
  private readonly database: SeenFile;
  private readonly log: SeenFile;
  private readonly timer: NodeJS.Timeout;
  private lost: LedgerFileLostError | undefined;

  /** @param query asks the database, which is open, and has read or written something in WAL mode */
  constructor(
    file: string,
    private readonly query: Query,
  ) {
    this.database = new SeenFile(file);
    this.log = new SeenFile(logOf(file));
    this.timer = setInterval(() => {
      this.tick();
    }, LOOK_EVERY_MS).unref();
  }

  /**
   * To be called before a transaction begins: does not look.
   *
   * @throws LedgerFileLostError
   */
  assertKept(): void {
    if (this.lost) throw this.lost;
  }

  /**
   * To be called before a transaction commits: what would then be written to a log that is gone is rolled back.
   *
   * @throws LedgerFileLostError
   */
  checkLog(): void {
    const loss = this.log.look();
    if (loss) this.lost ??= new LedgerFileLostError(this.log.path, loss);
    this.assertKept();
  }

  /**
   * To be called once a transaction has committed, outside of any: what passes is in the files that are there.
   *
   * @throws LedgerFileLostError
   */
  check(): void {
    const loss = this.database.look();
    if (loss && !(loss === 'truncated' && this.isWhole())) {
      this.lost ??= new LedgerFileLostError(this.database.path, loss);
    }
    this.checkLog();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Between two turns, so that no transaction is open. */
  private tick(): void {
    try {
      this.check();
    } catch (error) {
      if (!(error instanceof LedgerFileLostError)) return;
      this.stop();
      void report(`${error.message} ${this.rescue(error)}`);
    }
  }

  /** A host may have its file vacuumed; then it is as long as it has pages. */
  private isWhole(): boolean {
    const pages = Number(this.query('PRAGMA page_count')[0]?.page_count);
    return this.database.size === pages * Number(this.query('PRAGMA page_size')[0]?.page_size);
  }

  /** SQLite still has a log open that was deleted, and can copy it into the file where that is as it was. */
  private rescue({ file, loss }: LedgerFileLostError): string {
    const isSaved = file === this.log.path && loss !== 'truncated' && this.database.isThere() && this.copyLog();
    return isSaved
      ? 'What had been acknowledged until then is safe in the file.'
      : 'What had been acknowledged until then may be lost.';
  }

  private copyLog(): boolean {
    try {
      const [copied] = this.query('PRAGMA wal_checkpoint(PASSIVE)');
      return copied !== undefined && Number(copied.busy) === 0 && copied.log === copied.checkpointed;
    } catch {
      return false;
    }
  }
}

/** Nest is loaded by a host already; what is none, such as a script, need not load it before. */
async function report(line: string): Promise<void> {
  const { reportLoss } = await import('./report-loss.js');
  reportLoss(line);
}

/** A file as it was when it was last looked at. */
class SeenFile {
  private readonly dev: number;
  private readonly ino: number;
  size: number;

  constructor(readonly path: string) {
    ({ dev: this.dev, ino: this.ino, size: this.size } = statSync(path));
  }

  /** What became of it since. */
  look(): FileLoss | undefined {
    const found = statSync(this.path, { throwIfNoEntry: false });
    if (!found) return 'deleted or moved';
    if (found.ino !== this.ino || found.dev !== this.dev) return 'replaced';
    const isShorter = found.size < this.size;
    this.size = found.size;
    return isShorter ? 'truncated' : undefined;
  }

  isThere(): boolean {
    return this.look() === undefined;
  }
}
