import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerStore, TransactionalWork } from '../../store.js';
import { Leases } from '../leases.js';
import type { Connection } from './connection.js';
import { Deliveries } from './deliveries.js';
import type { SqliteDatabase } from './driver.js';
import { AsyncWorkError, LedgerClosedError, LedgerInUseError } from './errors.js';
import { History } from './history.js';
import { closeLedgerFile } from './ledger-file.js';
import { Orders } from './orders.js';
import { countPayments, listPayments } from './payments.js';
import { Subscriptions } from './subscriptions.js';

/** A process that is being replaced may need a moment to let go of its file: two seconds in all. */
const GRACE = { tries: 20, pauseMs: 100 };

/** What works on the tables, once the file is open. */
interface Tables {
  readonly connection: Connection;
  readonly orders: Orders;
  readonly history: History;
  readonly subscriptions: Subscriptions;
  readonly deliveries: Deliveries;
  /** Of this process, which has the file to itself. */
  readonly leases: Leases;
}

/**
 * A ledger's rows in one file of one machine, written by one process. What was committed is on the disk.
 *
 * Each of its methods rejects with LedgerClosedError while it is not started.
 */
export class SqliteStore implements LedgerStore {
  readonly transactions = 'sync';
  readonly isShared = false;
  readonly blocks = true;

  private tables: Tables | undefined;

  /**
   * @param file its absolute path
   * @param open opens it
   * @param wait passes the time until a file that is in use is tried again
   */
  constructor(
    readonly file: string,
    private readonly open: (file: string) => Promise<Connection>,
    private readonly wait: (ms: number) => Promise<unknown> = sleep,
  ) {}

  /** @throws DriverMissingError, LedgerInUseError, LedgerVersionError, LedgerFileError */
  async start(): Promise<void> {
    for (let left = GRACE.tries; !this.tables; left -= 1) {
      try {
        this.tables = assemble(await this.open(this.file));
      } catch (error) {
        if (left === 0 || !(error instanceof LedgerInUseError)) throw error;
        await this.wait(GRACE.pauseMs);
      }
    }
  }

  stop(): Promise<void> {
    const { tables } = this;
    this.tables = undefined;
    if (tables) closeLedgerFile(tables.connection);
    return Promise.resolve();
  }

  load: LedgerStore['load'] = (keys) => this.read(({ orders }) => keys.map((key) => orders.load(key)));
  commit: LedgerStore['commit'] = (changes) => this.write(({ orders }) => changes.map((one) => orders.change(one)));
  listPayments: LedgerStore['listPayments'] = (query) => this.read(({ connection }) => listPayments(connection, query));
  count: LedgerStore['count'] = (period) => this.read(({ connection }) => countPayments(connection, period));
  purge: LedgerStore['purge'] = (...which) => this.write(({ orders }) => orders.purge(...which));
  claimDeliveries: LedgerStore['claimDeliveries'] = (claim) => this.write(({ deliveries }) => deliveries.claim(claim));
  listDeliveries: LedgerStore['listDeliveries'] = (query) => this.read(({ deliveries }) => deliveries.list(query));
  claimChecks: LedgerStore['claimChecks'] = (claim) => this.write(({ orders }) => orders.claimChecks(claim));
  lease: LedgerStore['lease'] = (lease) => this.read(({ leases }) => leases.apply(lease));

  history: LedgerStore['history'] = (key) =>
    this.read(({ orders, history, deliveries }) => {
      const payment = orders.load(key)?.payment;
      const rows = {
        outcomes: history.outcomesOf(key),
        events: history.eventsOf(key),
        deliveries: deliveries.ofOrder(key),
      };
      return { ...rows, ...(payment ? { payment } : {}) };
    });

  subscribe: LedgerStore['subscribe'] = (change) =>
    this.read(({ connection, subscriptions, deliveries }) => {
      const result = connection.transact(() => {
        const added = subscriptions.change(change);
        deliveries.markAdded(added);
        return { subscriptions: subscriptions.list(), added: added.length };
      });
      subscriptions.remember(result.subscriptions);
      return result;
    });

  /** A handler's work gets the driver's own handle: it must be done when it returns, and begin and commit nothing but savepoints. */
  changeDeliveries: LedgerStore['changeDeliveries'] = (changes, work) =>
    this.write((tables) => {
      const [first] = changes;
      if (work && first) {
        if (!tables.deliveries.isExpected(first)) return [false];
        runWork(tables.connection, work, `The handler ${first.handler}`);
      }
      return changes.map((change) => tables.deliveries.change(change));
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
    return this.write(({ connection }) => assertSync(work(connection.database), 'The work of withDatabase'));
  }

  /** What has been committed: nothing can read while a transaction is open, since none outlasts a turn. */
  private read<T>(work: (tables: Tables) => T): Promise<T> {
    return new Promise((resolve) => {
      if (!this.tables) throw new LedgerClosedError(this.file);
      resolve(work(this.tables));
    });
  }

  private write<T>(work: (tables: Tables) => T): Promise<T> {
    return this.read((tables) => tables.connection.transact(() => work(tables)));
  }
}

function assemble(connection: Connection): Tables {
  const history = new History(connection);
  const subscriptions = new Subscriptions(connection);
  const deliveries = new Deliveries(connection, subscriptions);
  const orders = new Orders(connection, history, deliveries);
  return { connection, orders, history, subscriptions, deliveries, leases: new Leases() };
}

/** The savepoint is gone when the work has ended the transaction, and then releasing it fails. */
function runWork(connection: Connection, work: TransactionalWork, name: string): void {
  work.signal.throwIfAborted();
  connection.run('SAVEPOINT handler');
  assertSync(work.run(connection.database), name);
  connection.run('RELEASE handler');
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
