import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerStore, RecordStore } from '../../store.js';
import { LedgerInUseError } from '../database-file/errors.js';
import { explainFailure } from '../database-file/explain.js';
import { Leases } from '../leases.js';
import type { Connection } from './connection.js';
import { changeDelivery, claimDeliveries, isExpected, listDeliveries } from './deliveries.js';
import { isRecord, type SqliteDatabase } from './driver.js';
import { AsyncWorkError, LedgerClosedError } from './errors.js';
import { closeLedgerFile } from './ledger-file.js';
import { changeOrder, claimChecks, loadOrder, purgeOrders } from './orders.js';
import { countPayments, historyOf, listOrders } from './payments.js';
import { keepRecord, listRecords } from './records.js';
import { changeSubscriptions } from './subscriptions.js';

/** How long a start waits until it tries again to open a file that is in use. */
const PAUSE_MS = 100;

/**
 * A ledger's rows in one file of one machine, written by one process. What was committed is on the disk.
 *
 * Each of its methods rejects with LedgerClosedError while it is not started.
 */
export class SqliteStore implements LedgerStore {
  readonly transactions = 'sync';
  readonly isShared = false;
  readonly blocks = true;

  private connection: Connection | undefined;
  /** Of this process, which has the file to itself. */
  private readonly leases = new Leases();

  /**
   * @param file its absolute path
   * @param open opens it
   * @param graceMs how long a start waits for a process that is being replaced to let go of the file
   * @param wait passes the time until a file that is in use is tried again
   */
  constructor(
    readonly file: string,
    private readonly open: (file: string) => Promise<Connection>,
    private readonly graceMs = 2000,
    private readonly wait: (ms: number) => Promise<unknown> = sleep,
  ) {}

  /**
   * @throws DriverMissingError, LedgerInUseError, LedgerVersionError, LedgerFileError, LedgerFileMissingError,
   * LedgerDamagedError, DiskFullError
   */
  async start(): Promise<void> {
    for (let leftMs = this.graceMs; !this.connection; leftMs -= PAUSE_MS) {
      try {
        this.connection = await this.open(this.file);
      } catch (error) {
        if (!(leftMs > 0 && error instanceof LedgerInUseError)) throw error;
        await this.wait(PAUSE_MS);
      }
    }
  }

  stop(): Promise<void> {
    const { connection } = this;
    this.connection = undefined;
    if (connection) closeLedgerFile(connection);
    return Promise.resolve();
  }

  readonly records: RecordStore = {
    keep: (...which) =>
      this.write((db) => {
        keepRecord(db, ...which);
      }),
    list: (query) => this.read((db) => listRecords(db, query)),
  };

  load: LedgerStore['load'] = (keys) => this.read((db) => keys.map((key) => loadOrder(db, key)));
  commit: LedgerStore['commit'] = (changes) => this.write((db) => changes.map((change) => changeOrder(db, change)));
  listOrders: LedgerStore['listOrders'] = (query) => this.read((db) => listOrders(db, query));
  history: LedgerStore['history'] = (key) => this.read((db) => historyOf(db, key));
  count: LedgerStore['count'] = (period) => this.read((db) => countPayments(db, period));
  purge: LedgerStore['purge'] = (...which) => this.write((db) => purgeOrders(db, ...which));
  subscribe: LedgerStore['subscribe'] = (change) => this.write((db) => changeSubscriptions(db, change));
  claimDeliveries: LedgerStore['claimDeliveries'] = (claim) => this.write((db) => claimDeliveries(db, claim));
  listDeliveries: LedgerStore['listDeliveries'] = (query) => this.read((db) => listDeliveries(db, query));
  claimChecks: LedgerStore['claimChecks'] = (claim) => this.write((db) => claimChecks(db, claim));
  lease: LedgerStore['lease'] = (lease) => this.read(() => this.leases.apply(lease));

  /** A handler's work gets the driver's own handle: it must be done when it returns, and begin and commit nothing but savepoints. */
  changeDeliveries: LedgerStore['changeDeliveries'] = (changes, work) =>
    this.write((db) => {
      const [first] = changes;
      if (work && first) {
        if (!isExpected(db, first)) return [false];
        work.signal.throwIfAborted();
        db.run('SAVEPOINT handler');
        assertSync(work.run(db.database), `The handler ${first.handler}`);
        // The savepoint is gone when the work has ended the transaction, and then this fails.
        db.run('RELEASE handler');
      }
      return changes.map((change) => changeDelivery(db, change));
    });

  /**
   * Runs work of the host's in a transaction of its own, with the driver's own handle: nobody else can open the file, so
   * this is how a host makes and reads the tables that its transactional handlers write to. The names of the ledger's own
   * tables begin with `wanpay_`; they are no interface.
   *
   * @param work must be done when it returns, and begin and commit nothing but savepoints; when it throws, all of it is undone
   * @throws AsyncWorkError
   */
  withDatabase<T>(work: (database: SqliteDatabase) => T): Promise<T> {
    return this.write(({ database }) => assertSync(work(database), 'The work of withDatabase'));
  }

  /** What has been committed: nothing can read while a transaction is open, since none outlasts a turn. */
  private read<T>(work: (db: Connection) => T): Promise<T> {
    return new Promise((resolve) => {
      if (!this.connection) throw new LedgerClosedError(this.file);
      try {
        resolve(work(this.connection));
      } catch (error) {
        throw explainFailure(error, this.file);
      }
    });
  }

  private write<T>(work: (db: Connection) => T): Promise<T> {
    return this.read((db) => db.transact(() => work(db)));
  }
}

function assertSync<T>(result: T, name: string): T {
  if (!isRecord(result) || typeof result.then !== 'function') return result;
  // It was rolled back; how it goes on is nobody's business, and must not end the process.
  Promise.resolve(result).catch(() => undefined);
  throw new AsyncWorkError(name);
}
