import { WanPayError } from '../../protocol/index.js';
import type { StoreUnavailableError } from '../errors.js';
import type { HostTransactions } from '../host-transactions.js';
import type { LedgerStore, RecordStore } from '../store.js';

/** Who looks after a ledger's tables on a server, and how they are asked. */
export interface ServerTables {
  /**
   * Whether the tables are made and brought up to date at start-up; true by default. Otherwise run the SQL of
   * `postgresMigrations()` or `mysqlMigrations()`.
   */
  readonly migrate?: boolean | undefined;
  /** How long a statement may take before the call fails, in milliseconds; 30,000 by default. */
  readonly statementTimeoutMs?: number | undefined;
  /**
   * How transactional handlers' transactions are opened: by the host's own tool, whose client the handler then gets, such as
   * `typeormTransactions(dataSource)` of `nestjs-wanpay/transactions`. Left out, on the ledger's connections, by its driver.
   */
  readonly transactions?: HostTransactions<unknown> | undefined;
}

type About = 'transactions' | 'isShared' | 'blocks' | 'commitsAtOnce' | 'records' | 'start' | 'stop';
type Methods = Omit<LedgerStore, About | 'commitAndClaim'> & {
  keepRecord: RecordStore['keep'];
  listRecords: RecordStore['list'];
};

/** What a store does on a database that is open. */
export type Operations<Database> = {
  readonly [Name in keyof Methods]: (db: Database, ...args: Parameters<Methods[Name]>) => ReturnType<Methods[Name]>;
};

/** A ledger's rows on a server, for any number of processes that work on the same payments. */
export abstract class ServerStore<Database> implements LedgerStore {
  readonly transactions = 'async';
  readonly isShared = true;
  readonly blocks = false;

  readonly #operations: Operations<Database>;
  readonly #open: () => Promise<Database>;
  readonly #Unavailable: new (cause: unknown) => StoreUnavailableError;
  #db: Database | undefined;

  /**
   * @param open connects to the server
   * @param Unavailable what tells that the server can't be used just now
   */
  protected constructor(
    operations: Operations<Database>,
    open: () => Promise<Database>,
    Unavailable: new (cause: unknown) => StoreUnavailableError,
  ) {
    this.#operations = operations;
    this.#open = open;
    this.#Unavailable = Unavailable;
  }

  async start(onDeliveries: () => void): Promise<void> {
    try {
      this.#db = await this.#open();
      await this.prepare(this.#db, onDeliveries);
    } catch (error) {
      await this.stop();
      throw error instanceof WanPayError ? error : new this.#Unavailable(error);
    }
  }

  async stop(): Promise<void> {
    const db = this.#db;
    this.#db = undefined;
    if (db) await this.close(db);
  }

  readonly records: RecordStore = {
    keep: async (...which) => this.#operations.keepRecord(this.db, ...which),
    list: async (query) => this.#operations.listRecords(this.db, query),
  };

  load: LedgerStore['load'] = async (keys) => this.#operations.load(this.db, keys);
  commit: LedgerStore['commit'] = async (changes) => this.#operations.commit(this.db, changes);
  listOrders: LedgerStore['listOrders'] = async (query) => this.#operations.listOrders(this.db, query);
  history: LedgerStore['history'] = async (key) => this.#operations.history(this.db, key);
  count: LedgerStore['count'] = async (period) => this.#operations.count(this.db, period);
  purge: LedgerStore['purge'] = async (...which) => this.#operations.purge(this.db, ...which);
  subscribe: LedgerStore['subscribe'] = async (change) => this.#operations.subscribe(this.db, change);
  claimDeliveries: LedgerStore['claimDeliveries'] = async (claim) => this.#operations.claimDeliveries(this.db, claim);
  changeDeliveries: LedgerStore['changeDeliveries'] = async (...change) =>
    this.#operations.changeDeliveries(this.db, ...change);
  listDeliveries: LedgerStore['listDeliveries'] = async (query) => this.#operations.listDeliveries(this.db, query);
  claimChecks: LedgerStore['claimChecks'] = async (claim) => this.#operations.claimChecks(this.db, claim);
  lease: LedgerStore['lease'] = async (lease) => this.#operations.lease(this.db, lease);

  /** Makes sure that the tables can be worked with, and begins to look for what other processes record. */
  protected abstract prepare(db: Database, onDeliveries: () => void): Promise<void>;
  /** Ends what was opened, and what {@link prepare} began, as far as they came. */
  protected abstract close(db: Database): Promise<void>;

  /** @throws StoreUnavailableError while it is not started */
  protected get db(): Database {
    if (this.#db) return this.#db;
    throw new this.#Unavailable('it is not started.');
  }
}
