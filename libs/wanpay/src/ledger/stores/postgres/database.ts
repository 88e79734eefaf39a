import { createHash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { StructuredLogger } from '../../../logging/structured-logger.js';
import { safeCause } from '../../../protocol/cause.js';
import { type Condition, type Value, withoutLists } from '../conditions.js';
import { ignore } from '../ignore.js';
import type { Dialect } from '../order-pages.js';
import { retry } from '../retry.js';
import { toMilliseconds } from '../rows.js';
import { ServerDatabase } from '../server-database.js';
import type { Select } from '../server-orders.js';
import { untilAborted } from '../until-aborted.js';
import { PostgresUnavailableError } from './errors.js';
import type { PostgresTables } from './postgres-store.js';

/** A row as our statements select it: everything as the server's text. */
export type Row = Readonly<Record<string, string | null>>;
/** Runs a statement. */
export type Run = (text: string, values?: readonly Value[]) => Promise<readonly Row[]>;
type Work<Result> = (run: Run, client: PoolClient) => Promise<Result>;

/** What PostgreSQL does differently in shared statements. The planner chooses among the indexes that are left usable. */
export const DIALECT: Dialect = {
  along: () => '',
  branch: (sql) => `SELECT * FROM (${sql}) page`,
  isTrue: (column) => column,
  unindexed: (column) => `${column} || ''`,
  outcome: `*, lpad(to_hex(digest), 16, '0') AS digest`,
};
/** Before every moment that JavaScript can represent. A claim with limit 0 looks from here for the next due row. */
export const EVER = Number.MIN_SAFE_INTEGER;
/** No type parser of the host's has a say in what our statements select. */
const TEXTS = { getTypeParser: () => String };
/** Has the server end what it runs soon after the connection is gone, where its system lets it notice. */
const NOTICES_LOSS = `DO $$ BEGIN PERFORM set_config('client_connection_check_interval', '1s', true);
  EXCEPTION WHEN OTHERS THEN NULL; END $$`;
/** That a row is one of `due`, found by where it is. In a partitioned table, that is in which partition, too. */
export const isAmongDue = (row: string): string =>
  `${row}.ctid = ANY (ARRAY(SELECT ctid FROM due)) AND (${row}.tableoid, ${row}.ctid) IN (SELECT place, ctid FROM due)`;
/** SQLSTATE of two transactions that waited for each other, or that could not have run one after the other. */
const CONFLICTS = /^40(001|P01)$/;
/** SQLSTATE of a prepared statement that is not there, or is already: of a connection that clients share. Nothing was done. */
const POOLED = /^(26000|42P05)$/;
/** SQLSTATE, by its class, of a server that takes nothing from us just now: lost, refused, exhausted, interrupted, read-only. */
const UNAVAILABLE = /^(08|28|3D|53|57|25006)/;

/** The host's PostgreSQL. In a statement's text, `{orders}` stands for the full name of that table. */
export class Database extends ServerDatabase {
  /** Notifies other processes that deliveries were recorded, once the store listens for theirs. */
  announce: () => void = ignore;
  /** Whether each connection plans a statement once rather than each time. */
  private prepares: boolean;
  private readonly resolved = new Map<string, { readonly text: string; readonly name: string }>();

  constructor(
    readonly pool: Pool,
    /** Where the ledger's tables are; an identifier that needs no quoting but may be a keyword. */
    readonly schema: string,
    tables: PostgresTables,
  ) {
    super(pool.options.max, tables);
    this.prepares = tables.prepare ?? true;
  }

  /**
   * Runs one statement in a transaction of its own. One that lost to another, so that nothing was done, is run again:
   * a host whose transactions are serializable unless told otherwise makes that common.
   */
  readonly query: Run = (text, values) =>
    retry(
      () => this.send(this.pool, text, values, this.prepares),
      (error) => this.mayTryAgain(error),
    );

  /** Runs one statement that is planned for these values. */
  readonly queryAnew: Run = (text, values) => this.send(this.pool, text, values);

  /** Runs a shared statement that is planned for its values. */
  readonly select: Select = (statement) => this.selectBy(this.queryAnew, statement);
  /** Runs a shared statement whose plan is kept. */
  readonly selectPlanned: Select = (statement) => this.selectBy(this.query, statement);

  private selectBy(run: Run, shared: Condition): Promise<readonly Row[]> {
    const { sql, values } = withoutLists(shared);
    let place = 0;
    const text = sql.replaceAll('?', () => `$${(place += 1)}`).replaceAll('`', '"');
    return run(text.replaceAll(/\bwanpay_(\w+)/g, '{$1}'), values);
  }

  /**
   * Changes many deliveries or orders in one transaction that no other such runs beside. The planner does not know how few
   * rows are meant, and may prefer to read whole tables.
   */
  maintain<Result>(work: (select: Select, run: Run) => Promise<Result>): Promise<Result> {
    return this.transaction(async (run, client) => {
      await run('SET LOCAL enable_seqscan = off');
      await this.lock(client, 'maintenance');
      return work((statement) => this.selectBy(run, statement), run);
    });
  }

  /** In a transaction, waits for an advisory lock: far from those of the host and of other schemas in the same database. */
  async lock(client: PoolClient, name: string): Promise<void> {
    // Not timed: how long it takes depends on who has it.
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [this.lockName(name)]);
  }

  /** What an advisory lock's key is made from. */
  lockName(name: string): string {
    return `nestjs-wanpay ${this.schema} ${name}`;
  }

  /** A statement as the server takes it: with the full names of tables, and moments as the tables hold them. */
  statement(template: string, values: readonly Value[] = []): { readonly text: string; readonly values: Value[] } {
    return { text: this.resolve(template).text, values: values.map(toParameter) };
  }

  /**
   * Runs several statements in one transaction, each of which sees what was committed before it. A client that failed may
   * be inside a transaction, or gone: it is rolled back before the pool has it again, else closed.
   *
   * @param signal when it is aborted, the connection is destroyed, whatever it is doing
   */
  async transaction<Result>(work: Work<Result>, signal?: AbortSignal): Promise<Result> {
    const client = await this.pool.connect().catch(rethrow);
    client.on('error', ignore);
    let isBroken = false;
    const run: Run = (text, values) => this.send(client, text, values);
    const perform = async (): Promise<Result> => {
      await run(`BEGIN ISOLATION LEVEL READ COMMITTED; ${signal ? NOTICES_LOSS : ''}`);
      signal?.throwIfAborted();
      const result = await work(run, client);
      signal?.throwIfAborted();
      await run('COMMIT');
      return result;
    };
    try {
      return await untilAborted(perform(), signal);
    } catch (error) {
      // A server that takes nothing from us, such as one that has become read-only, gets no other try on this connection.
      const isLost = signal?.aborted === true || error instanceof PostgresUnavailableError;
      isBroken = isLost || !(await run('ROLLBACK').catch(ignore));
      throw error;
    } finally {
      if (!isBroken) client.off('error', ignore);
      client.release(isBroken);
    }
  }

  /** Whether nothing was done, and another try may do better. */
  private mayTryAgain(error: unknown): boolean {
    const state = sqlStateOf(error);
    if (POOLED.test(state) && this.prepares) this.prepareNoMore();
    return CONFLICTS.test(state) || POOLED.test(state);
  }

  private prepareNoMore(): void {
    this.prepares = false;
    new StructuredLogger('WanPayPostgres').warn(
      'prepared_statements_off',
      'A pooler, such as PgBouncer before 1.21, gives connections to clients for one transaction and keeps no prepared statements. \
Each statement is planned each time from now on: give postgres() prepare: false.',
    );
  }

  private async send(
    to: Pick<PoolClient, 'query'>,
    template: string,
    values: readonly Value[] = [],
    isNamed = false,
  ): Promise<readonly Row[]> {
    const { text, name } = this.resolve(template);
    // pg takes a timeout for a single statement, too, though its types know it for a connection only.
    const limits = { types: TEXTS, query_timeout: this.timeoutMs };
    const query = { text, values: values.map(toParameter), ...(isNamed ? { name } : {}), ...limits };
    return (await to.query<Row>(query).catch(rethrow)).rows;
  }

  /** The name is made from the text, so that ledgers that share a pool never give two statements one name. */
  private resolve(template: string): { readonly text: string; readonly name: string } {
    const known = this.resolved.get(template);
    if (known) return known;
    const text = template.replaceAll(/\{(\w+)\}/g, `"${this.schema}".wanpay_$1`);
    const name = `wanpay_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
    this.resolved.set(template, { text, name });
    return { text, name };
  }
}

function toParameter(value: Value): Value {
  return value instanceof Date ? toMilliseconds(value) : value;
}

/** Whatever does not come from a server that did its part tells that nothing can be asked of it: a connection, a time-out. */
function rethrow(error: unknown): never {
  const state = sqlStateOf(error);
  if (state === '' || UNAVAILABLE.test(state)) throw new PostgresUnavailableError(error);
  // What the server adds to its message is the row that was refused, with its account.
  throw Object.assign(safeCause(error), { severity: 'ERROR' });
}

/** What the server says is wrong; empty when the error is none of its own. */
function sqlStateOf(error: unknown): string {
  return error instanceof Error && 'severity' in error && 'code' in error ? String(error.code) : '';
}
