import { Polling } from '../polling.js';
import type { Backoff } from '../retry.js';
import { ServerStore, type ServerTables } from '../server-store.js';
import { commit } from './commit.js';
import { Database } from './database.js';
import * as deliveries from './deliveries.js';
import { MysqlUnavailableError } from './errors.js';
import { checkHostTransactions } from './host-transactions.js';
import { lease } from './leases.js';
import { migrate } from './migrate.js';
import * as orders from './orders.js';
import { openPool, type PoolOptions } from './pool.js';
import * as records from './records.js';
import { checkEngines, checkServer } from './server-check.js';
import { subscribe } from './subscriptions.js';

/** How to reach the ledger's tables. */
export type MysqlOptions = MysqlTables & PoolOptions;

/** Who looks after the ledger's tables, and how they are asked. */
export interface MysqlTables extends ServerTables {
  /**
   * At most how long after another process has recorded deliveries this one looks for them, in milliseconds; 1,000 by
   * default. MySQL notifies nobody, so each process looks that often. With BullMQ, which wakes them, say false.
   */
  readonly pollEveryMs?: number | false | undefined;
}

/** The ledger's rows in MySQL or MariaDB, for any number of processes that work on the same payments. */
export class MysqlStore extends ServerStore<Database> {
  /** Private also at run time, so that nobody prints the address with its password. */
  readonly #options: MysqlOptions;
  readonly #polling: Polling;

  /**
   * @param backoff how to wait before what lost to another process is tried again
   * @throws InvalidFieldError when `pollEveryMs` is no time to wait
   */
  constructor(options: MysqlOptions, backoff?: Backoff) {
    const open = async (): Promise<Database> => new Database(await openPool(options), options, backoff);
    super({ ...orders, ...deliveries, ...records, commit, subscribe, lease }, open, MysqlUnavailableError);
    this.#options = options;
    this.#polling = new Polling(options.pollEveryMs);
  }

  protected async prepare(db: Database, onDeliveries: () => void): Promise<void> {
    await checkServer(db);
    await migrate(db, this.#options.migrate !== false);
    await checkEngines(db);
    if (db.host) await checkHostTransactions(db, db.host);
    this.#polling.start(onDeliveries);
  }

  protected async close(db: Database): Promise<void> {
    this.#polling.stop();
    if ('uri' in this.#options) await db.pool.end();
  }
}
