import type { Pool, PoolConnection } from 'mysql2/promise';
import { safeCause } from '../../../protocol/cause.js';
import { type Condition, type Scalar, stored, type Value } from '../conditions.js';
import { ignore } from '../ignore.js';
import type { Dialect } from '../order-pages.js';
import { type Backoff, retry } from '../retry.js';
import { isRow, type Row } from '../rows.js';
import { ServerDatabase } from '../server-database.js';
import type { Select } from '../server-orders.js';
import type { ServerTables } from '../server-store.js';
import { untilAborted } from '../until-aborted.js';
import { MysqlUnavailableError } from './errors.js';
import type { OpenedPool } from './pool.js';

/** What a statement came to: rows, or how many it inserted, changed or deleted. */
export interface Result {
  readonly rows: readonly Row[];
  readonly affected: number;
}
/** Runs a statement. A list as a value stands for its items, a list of lists for rows. A `Condition` is prepared. */
export type Run = (sql: Text, values?: readonly Value[]) => Promise<Result>;
type Text = string | Condition<Scalar>;
type Work<T> = (run: Run, connection: PoolConnection) => Promise<T>;

/** What MySQL does differently in the statements that databases share. */
export const DIALECT: Dialect = {
  along: (index) => `FORCE INDEX (${index})`,
  branch: (sql) => `(${sql})`,
  join: 'STRAIGHT_JOIN',
};
/** Thrown to begin a change again after its first try assumed something wrong. */
export const WRONG_GUESS = new Error('A row was not as it was taken to be.');
/** The driver's default, for handlers where the host's pool has no limit. */
const DEFAULT_CONNECTIONS = 10;
const NONE = 0;
const LOCK_WAIT_TIMEOUT = 1205;
const TOO_MANY_PREPARED = 1461;
/** One waited too long, two waited for each other, or another process wrote the row that had changed or was not there. */
const CONFLICTS = new Set([LOCK_WAIT_TIMEOUT, 1213, 1020, 1062]);
/** A server that takes nothing from us just now: it is full, shuts down, shuts us out, only reads, or ended our work. */
const UNAVAILABLE = new Set([
  ...[1040, 1203, 1226, 1037, 1041, 1021, 1114, 1053, 1077],
  ...[1044, 1045, 1046, 1049, 1129, 1130, 1698, 1290, 1792, 1836, 1317, 1927, 1969, 3024, 3169, 4031],
]);
/** What the server quotes in its messages may be a row's content. */
const QUOTED = /(entry|value:?|near) '.*'/gs;
/** No setting of the host's pool has a say in what our statements select. */
const READING = {
  ...{ rowsAsArray: false, nestTables: false, namedPlaceholders: false },
  ...{ supportBigNumbers: true, bigNumberStrings: false },
  typeCast: (_: unknown, next: () => unknown): unknown => next(),
};

/** The host's MySQL. */
export class Database extends ServerDatabase {
  readonly pool: Pool;

  constructor(
    private readonly opened: OpenedPool,
    tables: ServerTables,
    private readonly backoff?: Backoff,
  ) {
    const { connectionLimit = 0 } = opened.pool.pool.config;
    // 0 means no limit.
    super(connectionLimit === 0 ? DEFAULT_CONNECTIONS : connectionLimit, tables);
    this.pool = opened.pool;
  }

  /** Runs one statement that only reads. */
  readonly read = async (sql: string, values?: readonly Value[]): Promise<readonly Row[]> =>
    (await this.connected((run) => run(sql, values))).rows;

  /** Runs a shared statement. */
  readonly select: Select = ({ sql, values }) => this.read(sql, values);
  /** The same, because only what is inserted is prepared. */
  readonly selectPlanned = this.select;

  /** Changes rows in one transaction. It is run again when it lost to another. */
  async change<T>(work: (run: Run, tries: number) => Promise<T>): Promise<T> {
    const once = (tries: number): Promise<T> => this.transaction((run) => work(run, tries));
    const isConflict = (error: unknown): boolean => error === WRONG_GUESS || CONFLICTS.has(errnoOf(error));
    return retry(once, isConflict, this.backoff).catch((error: unknown) => {
      throw errnoOf(error) === LOCK_WAIT_TIMEOUT ? new MysqlUnavailableError(error) : error;
    });
  }

  /** Changes many deliveries or orders in one transaction. No other such transaction runs at the same time. */
  maintain<T>(work: (select: Select, run: Run) => Promise<T>): Promise<T> {
    return this.change(async (run) => {
      await run('SELECT version FROM wanpay_migrations WHERE version = 1 FOR UPDATE');
      return work(async ({ sql, values }) => (await run(sql, values)).rows, run);
    });
  }

  /**
   * Runs work in one transaction, once. Each of its statements sees what was committed before it.
   *
   * @param signal when it is aborted, the connection is destroyed, whatever it is doing
   */
  transaction<T>(work: Work<T>, signal?: AbortSignal): Promise<T> {
    return this.connected(async (run, connection) => {
      // Of the next transaction only: how the host's own begin on this connection is the host's affair.
      const isolation = this.opened.isReadCommitted ? [] : ['SET TRANSACTION ISOLATION LEVEL READ COMMITTED'];
      const begun = Promise.all([...isolation, 'START TRANSACTION'].map((sql) => run(sql)));
      // What is asked meanwhile is written out while it begins.
      const runInside: Run = (sql, values) => {
        const text = this.format(sql, values);
        return begun.then(() => run(text));
      };
      try {
        const [result] = await Promise.all([work(runInside, connection), begun]);
        signal?.throwIfAborted();
        await run('COMMIT');
        return result;
      } catch (error) {
        // One that fell silent would not answer this either, and is rolled back when its connection is destroyed.
        if (!(signal?.aborted || error instanceof MysqlUnavailableError)) await run('ROLLBACK').catch(ignore);
        throw error;
      }
    }, signal);
  }

  /** Gives work a connection. One that failed, fell silent or was given up is destroyed: it may still be in a transaction. */
  async connected<T>(work: Work<T>, signal?: AbortSignal): Promise<T> {
    const connection = await this.pool.getConnection().catch(rethrow);
    const state = { isBroken: false };
    const run: Run = (sql, values) =>
      this.send(connection, sql, values).catch((error: unknown) => {
        state.isBroken ||= error instanceof MysqlUnavailableError;
        throw error;
      });
    try {
      return await untilAborted(work(run, connection), signal);
    } finally {
      if (state.isBroken || signal?.aborted) connection.destroy();
      else connection.release();
    }
  }

  /** The statement with its values in it. */
  format(sql: Text, values: readonly Value[] = []): Text {
    // A statement without `values` may have them written in already, or is to be prepared.
    return typeof sql === 'object' || values.length === 0 ? sql : this.opened.format(sql, values.map(stored));
  }

  private async send(connection: PoolConnection, text: Text, values?: readonly Value[]): Promise<Result> {
    const sql = this.format(text, values);
    const timeout = this.timeoutMs;
    const isText = typeof sql === 'string';
    // Without values, the driver does not search the statement for placeholders.
    const asked = isText ? connection.query({ ...READING, sql, values: null, timeout }) : this.execute(connection, sql);
    const [result] = await asked.catch(rethrow);
    if (!Array.isArray(result)) return { rows: [], affected: result.affectedRows };
    const rows: readonly unknown[] = result;
    return { rows: rows.filter(isRow), affected: 0 };
  }

  /** Has its own time limit, because the driver's does not apply while a statement is prepared. */
  private execute(connection: PoolConnection, { sql, values }: Condition<Scalar>): ReturnType<PoolConnection['query']> {
    const given = values.map((value) => stored(value) ?? null);
    const executed = connection.execute(sql, given).catch((error: unknown) => {
      if (errnoOf(error) !== TOO_MANY_PREPARED) throw error;
      return connection.query(this.opened.format(sql, given));
    });
    return untilAborted(executed, AbortSignal.timeout(this.timeoutMs));
  }
}

/** Whatever does not come from a server that did its part tells that nothing can be asked of it: a connection, a time-out. */
function rethrow(error: unknown): never {
  const errno = errnoOf(error);
  if (errno === NONE || UNAVAILABLE.has(errno) || !(error instanceof Error)) throw new MysqlUnavailableError(error);
  // The driver hangs the statement with all of its values on its error.
  error.message = error.message.replaceAll(QUOTED, "$1 '…'");
  throw Object.assign(safeCause(error), { errno });
}

/** The number of the server's error; none for an error that is none of its own, such as that of a socket. */
function errnoOf(error: unknown): number {
  const errno = error instanceof Error && 'errno' in error ? Number(error.errno) : NONE;
  return errno > 0 ? errno : NONE;
}
