import { WanPayError } from '../../../protocol/index.js';
import type { HostTransactions } from '../../host-transactions.js';
import type { LedgerStore, RecordStore } from '../../store.js';
import { Database } from './database.js';
import { changeDeliveries, claimDeliveries, listDeliveries } from './deliveries.js';
import { PostgresUnavailableError } from './errors.js';
import { historyOf } from './history.js';
import { checkHostTransactions } from './host-transactions.js';
import { takeLease } from './leases.js';
import { PostgresListener } from './listener.js';
import {
  claimChecks,
  commitChanges,
  countOrders,
  listPayments,
  listUnknownOrders,
  loadOrders,
  purgeOrders,
} from './orders.js';
import { closePool, openPool, type PoolOptions } from './pool.js';
import { keepRecord, listRecords } from './records.js';
import { migrate } from './schema/migrate.js';
import { schemaName } from './schema/migrations.js';
import { changeSubscriptions } from './subscriptions.js';

/** How to reach the ledger's tables. */
export type PostgresOptions = PostgresTables & PoolOptions;

/** Where the ledger's tables are, and who looks after them. */
export interface PostgresTables {
  /** The schema that holds the tables; `wanpay` by default. */
  readonly schema?: string | undefined;
  /** Whether the tables are made and brought up to date at start-up; true by default. See {@link postgresMigrations}. */
  readonly migrate?: boolean | undefined;
  /** How long a statement may take before the call fails, in milliseconds; 30,000 by default. */
  readonly statementTimeoutMs?: number | undefined;
  /**
   * Whether each connection plans a statement once rather than each time; true by default. Say false behind a pooler that
   * gives a connection to a client for a transaction and knows no prepared statements, such as PgBouncer before 1.21. There it is
   * noticed, too, by the first statement that fails for it.
   */
  readonly prepare?: boolean | undefined;
  /**
   * The address of the server itself, for the one connection that hears of other processes' deliveries, where the pool goes
   * through a pooler in transaction mode, such as PgBouncer. Left out, each process looks every second there.
   */
  readonly listenConnectionString?: string;
  /**
   * How transactional handlers' transactions are opened: by the host's own tool, whose client the handler then gets, such as
   * `typeormTransactions(dataSource)` of `nestjs-wanpay/transactions`. Left out, on the ledger's connections, by `pg`.
   */
  readonly transactions?: HostTransactions<unknown> | undefined;
}

/** The ledger's rows in PostgreSQL, for any number of processes that work on the same payments. */
export class PostgresStore implements LedgerStore {
  readonly transactions = 'async';
  readonly isShared = true;
  readonly blocks = false;
  /** The server works on one while this process makes up the other; more than two only make them smaller. */
  readonly commitsAtOnce = 2;

  /** Private also at run time, so that nobody prints the address with its password. */
  readonly #options: PostgresOptions;
  readonly #schema: string;
  #started: { readonly db: Database; readonly listener: PostgresListener } | undefined;

  /** @throws InvalidFieldError when `schema` is not a plain identifier */
  constructor(options: PostgresOptions) {
    this.#options = options;
    this.#schema = schemaName(options.schema);
  }

  async start(onDeliveries: () => void): Promise<void> {
    const { statementTimeoutMs, prepare, listenConnectionString } = this.#options;
    const db = new Database(await openPool(this.#options), this.#schema, statementTimeoutMs, prepare);
    const listener = new PostgresListener(db, onDeliveries, listenConnectionString);
    this.#started = { db, listener };
    try {
      await migrate(db, this.#options.migrate !== false);
      if (this.#options.transactions) await checkHostTransactions(db, this.#options.transactions);
      await listener.start();
    } catch (error) {
      await this.stop();
      throw error instanceof WanPayError ? error : new PostgresUnavailableError(error);
    }
  }

  async stop(): Promise<void> {
    const started = this.#started;
    this.#started = undefined;
    await started?.listener.stop();
    if (started) await closePool(started.db.pool, this.#options);
  }

  readonly records: RecordStore = {
    keep: async (...which) => keepRecord(this.db, ...which),
    list: async (query) => listRecords(this.db, query),
  };

  load: LedgerStore['load'] = async (keys) => loadOrders(this.db, keys);
  listOrders: LedgerStore['listOrders'] = async (query) =>
    'hasPayment' in query ? listUnknownOrders(this.db, query) : listPayments(this.db, query);
  history: LedgerStore['history'] = async (key) => historyOf(this.db, key);
  count: LedgerStore['count'] = async (period) => countOrders(this.db, period);
  purge: LedgerStore['purge'] = async (...which) => purgeOrders(this.db, ...which);
  claimChecks: LedgerStore['claimChecks'] = async (claim) => claimChecks(this.db, claim);
  claimDeliveries: LedgerStore['claimDeliveries'] = async (claim) => claimDeliveries(this.db, claim);
  listDeliveries: LedgerStore['listDeliveries'] = async (query) => listDeliveries(this.db, query);
  lease: LedgerStore['lease'] = async (lease) => takeLease(this.db, lease);

  commit: LedgerStore['commit'] = async (changes) => {
    const { applied, added } = await commitChanges(this.db, changes);
    if (added > 0) this.#started?.listener.announce();
    return applied;
  };

  subscribe: LedgerStore['subscribe'] = async (change) => {
    const result = await changeSubscriptions(this.db, change);
    if (result.added > 0) this.#started?.listener.announce();
    return result;
  };

  changeDeliveries: LedgerStore['changeDeliveries'] = async (changes, work) => {
    const applied = await changeDeliveries(this.db, changes, work, this.#options.transactions);
    const isPending = changes.some(({ state, renew }, i) => state === 'pending' && !renew && applied[i]);
    if (isPending) this.#started?.listener.announce();
    return applied;
  };

  private get db(): Database {
    if (this.#started) return this.#started.db;
    throw new PostgresUnavailableError('it is not started.');
  }
}
