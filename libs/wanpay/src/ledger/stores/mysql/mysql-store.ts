import { InvalidFieldError, WanPayError } from '../../../protocol/index.js';
import type { HostTransactions } from '../../host-transactions.js';
import type { LedgerStore, RecordStore } from '../../store.js';
import { commitChanges } from './commit.js';
import type { Backoff } from '../retry.js';
import { Database } from './database.js';
import { changeDeliveries, claimDeliveries, listDeliveries } from './deliveries.js';
import { MysqlUnavailableError } from './errors.js';
import { checkHostTransactions } from './host-transactions.js';
import { historyOf } from './history.js';
import { takeLease } from './leases.js';
import { migrate } from './migrate.js';
import { claimChecks, countOrders, listPayments, listUnknownOrders, loadOrders, purgeOrders } from './orders.js';
import { openPool, type PoolOptions } from './pool.js';
import { keepRecord, listRecords } from './records.js';
import { checkEngines, checkServer } from './server-check.js';
import { changeSubscriptions } from './subscriptions.js';

/** How to reach the ledger's tables. */
export type MysqlOptions = MysqlTables & PoolOptions;

/** Who looks after the ledger's tables, and how they are asked. */
export interface MysqlTables {
  /** Whether the tables are made and brought up to date at start-up; true by default. See {@link mysqlMigrations}. */
  readonly migrate?: boolean | undefined;
  /** How long a statement may take before the call fails, in milliseconds; 30,000 by default. */
  readonly statementTimeoutMs?: number | undefined;
  /**
   * At most how long after another process has recorded deliveries this one looks for them, in milliseconds; 1,000 by
   * default. MySQL notifies nobody, so each process looks that often. With BullMQ, which wakes them, say false.
   */
  readonly pollEveryMs?: number | false | undefined;
  /**
   * How transactional handlers' transactions are opened: by the host's own tool, whose client the handler then gets, such as
   * `typeormTransactions(dataSource)` of `nestjs-wanpay/transactions`. Left out, on the ledger's connections, by `mysql2`.
   */
  readonly transactions?: HostTransactions<unknown> | undefined;
}

const POLL_EVERY_MS = 1000;
/** The longest that a timer of Node.js waits. */
const LONGEST_POLL_MS = 2 ** 31 - 1;

/** The ledger's rows in MySQL or MariaDB, for any number of processes that work on the same payments. */
export class MysqlStore implements LedgerStore {
  readonly transactions = 'async';
  readonly isShared = true;
  readonly blocks = false;

  /** Private also at run time, so that nobody prints the address with its password. */
  readonly #options: MysqlOptions;
  readonly #backoff: Backoff | undefined;
  #db: Database | undefined;
  #poll: NodeJS.Timeout | undefined;

  /**
   * @param backoff how to wait before what lost to another process is tried again
   * @throws InvalidFieldError when `pollEveryMs` is no time to wait
   */
  constructor(options: MysqlOptions, backoff?: Backoff) {
    const { pollEveryMs = POLL_EVERY_MS } = options;
    if (pollEveryMs !== false && !(pollEveryMs >= 1 && pollEveryMs <= LONGEST_POLL_MS)) {
      throw new InvalidFieldError('pollEveryMs', `must be 1 to ${LONGEST_POLL_MS} milliseconds, or false.`);
    }
    this.#options = options;
    this.#backoff = backoff;
  }

  async start(onDeliveries: () => void): Promise<void> {
    const { pollEveryMs = POLL_EVERY_MS, statementTimeoutMs, transactions } = this.#options;
    try {
      this.#db = new Database(await openPool(this.#options), statementTimeoutMs, this.#backoff);
      await checkServer(this.#db);
      await migrate(this.#db, this.#options.migrate !== false);
      await checkEngines(this.#db);
      if (transactions) await checkHostTransactions(this.#db, transactions);
    } catch (error) {
      await this.stop();
      throw error instanceof WanPayError ? error : new MysqlUnavailableError(error);
    }
    if (pollEveryMs !== false) this.#poll = setInterval(onDeliveries, pollEveryMs).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#poll);
    const db = this.#db;
    this.#db = undefined;
    if ('uri' in this.#options) await db?.pool.end();
  }

  readonly records: RecordStore = {
    keep: async (...which) => keepRecord(this.db, ...which),
    list: async (query) => listRecords(this.db, query),
  };

  load: LedgerStore['load'] = async (keys) => loadOrders(this.db, keys);
  commit: LedgerStore['commit'] = async (changes) => commitChanges(this.db, changes);
  listOrders: LedgerStore['listOrders'] = async (query) =>
    'hasPayment' in query ? listUnknownOrders(this.db, query) : listPayments(this.db, query);
  history: LedgerStore['history'] = async (key) => historyOf(this.db, key);
  count: LedgerStore['count'] = async (period) => countOrders(this.db, period);
  purge: LedgerStore['purge'] = async (...which) => purgeOrders(this.db, ...which);
  subscribe: LedgerStore['subscribe'] = async (change) => changeSubscriptions(this.db, change);
  claimDeliveries: LedgerStore['claimDeliveries'] = async (claim) => claimDeliveries(this.db, claim);
  changeDeliveries: LedgerStore['changeDeliveries'] = async (changes, work) =>
    changeDeliveries(this.db, changes, work, this.#options.transactions);
  listDeliveries: LedgerStore['listDeliveries'] = async (query) => listDeliveries(this.db, query);
  claimChecks: LedgerStore['claimChecks'] = async (claim) => claimChecks(this.db, claim);
  lease: LedgerStore['lease'] = async (lease) => takeLease(this.db, lease);

  private get db(): Database {
    if (this.#db) return this.#db;
    throw new MysqlUnavailableError('it is not started.');
  }
}
