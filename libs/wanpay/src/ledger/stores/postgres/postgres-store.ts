import type { LedgerStore } from '../../store.js';
import { ServerStore, type ServerTables } from '../server-store.js';
import { Database } from './database.js';
import * as deliveries from './deliveries.js';
import { PostgresUnavailableError } from './errors.js';
import { checkHostTransactions } from './host-transactions.js';
import { lease } from './leases.js';
import { PostgresListener } from './listener.js';
import * as orders from './orders.js';
import { closePool, openPool, type PoolOptions } from './pool.js';
import * as records from './records.js';
import { migrate } from './schema/migrate.js';
import { schemaName } from './schema/migrations.js';
import { subscribe } from './subscriptions.js';

/** How to reach the ledger's tables. */
export type PostgresOptions = PostgresTables & PoolOptions;

/** Where the ledger's tables are, and who looks after them. */
export interface PostgresTables extends ServerTables {
  /** The schema that holds the tables; `wanpay` by default. */
  readonly schema?: string | undefined;
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
}

/** The ledger's rows in PostgreSQL, for any number of processes that work on the same payments. */
export class PostgresStore extends ServerStore<Database> {
  /** The server works on one while this process makes up the other; more than two only make them smaller. */
  readonly commitsAtOnce = 2;

  /** Private also at run time, so that nobody prints the address with its password. */
  readonly #options: PostgresOptions;
  #listener: PostgresListener | undefined;

  /** @throws InvalidFieldError when `schema` is not a plain identifier */
  constructor(options: PostgresOptions) {
    const schema = schemaName(options.schema);
    const open = async (): Promise<Database> => new Database(await openPool(options), schema, options);
    super({ ...orders, ...deliveries, ...records, subscribe, lease }, open, PostgresUnavailableError);
    this.#options = options;
  }

  commitAndClaim: NonNullable<LedgerStore['commitAndClaim']> = async (...which) =>
    orders.commitAndClaim(this.db, ...which);

  protected async prepare(db: Database, onDeliveries: () => void): Promise<void> {
    await migrate(db, this.#options.migrate !== false);
    if (db.host) await checkHostTransactions(db, db.host);
    const listener = new PostgresListener(db, onDeliveries, this.#options.listenConnectionString);
    this.#listener = listener;
    db.announce = listener.announce;
    await listener.start();
  }

  protected async close(db: Database): Promise<void> {
    await this.#listener?.stop();
    await closePool(db.pool, this.#options);
  }
}
