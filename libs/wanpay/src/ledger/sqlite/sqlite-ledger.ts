import type { VirtualAccount } from '../../protocol/index.js';
import type { AtmEvent } from '../events.js';
import type {
  DeadLetter,
  DeliveryAttempt,
  DueCheck,
  Ledger,
  NextCheck,
  OwedEvent,
  PaymentFilter,
  PaymentPage,
  Period,
  PeriodSummary,
  Report,
  Settled,
  TimelineEntry,
} from '../ledger.js';
import { Leases } from '../leases.js';
import type { IssuedPayment, Payment, PaymentKey } from '../payment.js';
import type { Connection } from './connection.js';
import type { Driver, SqliteDatabase } from './driver.js';
import { AsyncWorkError, LedgerClosedError } from './errors.js';
import { closeLedgerFile, openLedgerFile } from './ledger-file.js';
import { Store } from './store.js';
import { Writer } from './writer.js';

interface Opened {
  readonly connection: Connection;
  readonly store: Store;
  readonly writer: Writer;
  /** Of this process, which has the file to itself. */
  readonly leases: Leases;
}

/**
 * A ledger in one file of one machine, written by one process. What it has acknowledged is on the disk.
 *
 * Each of its methods rejects with LedgerClosedError while it is not started.
 */
export class SqliteLedger implements Ledger {
  readonly transactions = 'sync';
  readonly isShared = false;

  private readonly listeners: ((eventIds: readonly string[]) => void)[] = [];
  private opened: Opened | undefined;

  /**
   * @param file its absolute path
   * @param load gives the driver, when the ledger starts
   */
  constructor(
    readonly file: string,
    private readonly load: () => Promise<Driver>,
  ) {}

  /**
   * Opens the file for this process alone, makes it where there is none, brings its tables up to date, and takes back
   * what a process that is gone had claimed.
   *
   * @throws DriverMissingError, LedgerInUseError, LedgerVersionError, LedgerFileError
   */
  async start(): Promise<void> {
    const connection = openLedgerFile(await this.load(), this.file);
    const [store, writer] = [new Store(connection), new Writer(connection)];
    this.opened = { connection, store, writer, leases: new Leases() };
    await this.write((store) => {
      store.unclaimAll();
    });
  }

  /** Refuses whatever is asked for from now on, writes what was asked for before, and lets go of the file. */
  async stop(): Promise<void> {
    const { opened } = this;
    this.opened = undefined;
    if (!opened) return;
    await opened.writer.drain();
    closeLedgerFile(opened.connection);
  }

  open(payment: Payment, nextCheckAt?: Date): Promise<{ payment: Payment; opened: boolean }> {
    return this.write((store) => store.open(payment, nextCheckAt));
  }

  withdraw(key: PaymentKey): Promise<void> {
    return this.write((store) => {
      store.withdraw(key);
    });
  }

  find(key: PaymentKey): Promise<Payment | undefined> {
    return this.read((store) => store.find(key));
  }

  async issue(
    key: PaymentKey,
    account: VirtualAccount,
    now: Date,
    nextCheckAt?: Date,
  ): Promise<IssuedPayment | undefined> {
    const issued = await this.write((store) => store.issue(key, account, now, nextCheckAt));
    this.tell(issued?.events ?? []);
    return issued?.payment;
  }

  async settle(report: Report): Promise<Settled> {
    const settled = await this.write((store) => store.settle(report));
    this.tell(settled.events);
    return settled;
  }

  list(filter: PaymentFilter): Promise<PaymentPage> {
    return this.read((store) => store.list(filter));
  }

  timeline(key: PaymentKey): Promise<readonly TimelineEntry[]> {
    return this.read((store) => store.timeline(key));
  }

  purge(before: Date, limit: number): Promise<number> {
    return this.write((store) => store.purge(before, limit));
  }

  claim(now: Date, leaseUntil: Date, limit: number): Promise<readonly OwedEvent[]> {
    return this.write((store) => store.claim(now, leaseUntil, limit));
  }

  release(owed: OwedEvent): Promise<void> {
    return this.write((store) => {
      store.release(owed);
    });
  }

  recordAttempt(owed: OwedEvent, attempt: DeliveryAttempt): Promise<boolean> {
    return this.write((store) => store.recordAttempt(owed, attempt));
  }

  /**
   * `work` receives the driver's own handle, inside a transaction: it must be done when it returns, and begin and commit
   * nothing but savepoints.
   *
   * @throws ClaimLostError, AsyncWorkError
   */
  transact(owed: OwedEvent, handler: string, work: (client: unknown) => unknown): Promise<void> {
    return this.writeForHost(({ store, connection }) => {
      store.handle(owed, handler, () => {
        assertSync(work(connection.database), `The handler ${handler}`);
      });
    });
  }

  /**
   * Runs work of the host's in a transaction of its own, with the driver's own handle: nobody else can open the file, so
   * this is how a host makes and reads the tables that its transactional handlers write to. The names of the ledger's own
   * tables begin with `wanpay_`; they are no interface.
   *
   * @param work must be done when it returns, and begin and commit nothing but savepoints; when it throws, all of it is undone
   * @throws AsyncWorkError
   */
  withDatabase<T>(work: (database: SqliteDatabase) => T): Promise<T> {
    return this.writeForHost(({ connection }) => assertSync(work(connection.database), 'The work of withDatabase'));
  }

  nextDue(): Promise<Date | undefined> {
    return this.read((store) => store.nextDue());
  }

  deadLetters(): Promise<readonly DeadLetter[]> {
    return this.read((store) => store.deadLetters());
  }

  async replay(eventId: string, now: Date): Promise<boolean> {
    const replayed = await this.write((store) => store.replay(eventId, now));
    if (replayed) this.nudge([eventId]);
    return replayed;
  }

  onEventsOwed(listener: (eventIds: readonly string[]) => void): void {
    this.listeners.push(listener);
  }

  claimChecks(now: Date, leaseUntil: Date, limit: number, merchantNo?: string): Promise<readonly DueCheck[]> {
    return this.write((store) => store.claimChecks(now, leaseUntil, limit, merchantNo));
  }

  scheduleCheck(check: DueCheck, next: NextCheck): Promise<boolean> {
    return this.write((store) => store.scheduleCheck(check, next));
  }

  requestCheck(key: PaymentKey, now: Date): Promise<boolean> {
    return this.write((store) => store.requestCheck(key, now));
  }

  nextCheckDue(merchantNo?: string): Promise<Date | undefined> {
    return this.read((store) => store.nextCheckDue(merchantNo));
  }

  summarize(period: Period): Promise<PeriodSummary> {
    return this.read((store) => store.summarize(period));
  }

  takeLease(name: string, holder: string, now: Date, until: Date): Promise<boolean> {
    return new Promise((resolve) => {
      resolve(this.whenOpen().leases.take(name, holder, now, until));
    });
  }

  dropLease(name: string, holder: string): Promise<void> {
    return new Promise((resolve) => {
      this.whenOpen().leases.drop(name, holder);
      resolve();
    });
  }

  private tell(events: readonly AtmEvent[]): void {
    if (events.length > 0) this.nudge(events.map(({ id }) => id));
  }

  private nudge(eventIds: readonly string[]): void {
    for (const listener of this.listeners) listener(eventIds);
  }

  /** What has been committed: nothing can read while a transaction is open, since none outlasts a turn. */
  private read<T>(work: (store: Store) => T): Promise<T> {
    return new Promise((resolve) => {
      resolve(work(this.whenOpen().store));
    });
  }

  private write<T>(work: (store: Store) => T): Promise<T> {
    return new Promise((resolve) => {
      const { store, writer } = this.whenOpen();
      resolve(writer.write(() => work(store)));
    });
  }

  private writeForHost<T>(work: (opened: Opened) => T): Promise<T> {
    return new Promise((resolve) => {
      const opened = this.whenOpen();
      resolve(opened.writer.writeForHost(() => work(opened)));
    });
  }

  private whenOpen(): Opened {
    if (this.opened) return this.opened;
    throw new LedgerClosedError(this.file);
  }
}

function assertSync<T>(result: T, name: string): T {
  if (!isThenable(result)) return result;
  // It was rolled back; how it goes on is nobody's business, and must not end the process.
  Promise.resolve(result).catch(() => undefined);
  throw new AsyncWorkError(name);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
