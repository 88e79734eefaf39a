import { createHash } from 'node:crypto';
import type { Pool, PoolClient, QueryConfig } from 'pg';

/** A row as our statements select it: everything cast to text, so that no type parser of the host's has a say. */
export type Row<Column extends string> = Readonly<Record<Column, string | null>>;

/** What runs a statement: the pool, each by itself, or one of its clients. */
export type Connection = Pick<PoolClient, 'query'>;

/** pg takes it for a single statement, too, though its types know it for a connection only. */
interface TimedQuery extends QueryConfig {
  readonly query_timeout: number;
}

/** How often a statement is tried again that came in the way of another. */
const MAX_TRIES = 20;
const NAME_DIGITS = 16;
/** SQLSTATE of two transactions that waited for each other, or that could not have run one after the other. */
const CONFLICTS = new Set(['40001', '40P01']);
/** SQLSTATE classes of what can be one item's fault: bad data, a limit, a conflict, too many locks. */
const FAULTS_OF_ONE = new Set(['22', '23', '40', '53', '54']);

/** The host's PostgreSQL. */
export class Database {
  private readonly names = new Map<string, string>();

  constructor(
    readonly pool: Pool,
    /** Where the ledger's tables are; an identifier that needs no quoting but may be a keyword. */
    readonly schema: string,
    /** How long a statement may take. Without it, one sent to a server that fell silent would hold up all that follow. */
    private readonly timeoutMs: number,
    /** Whether each connection plans a statement once rather than each time. */
    private readonly prepares = true,
  ) {}

  /** A table's full name. */
  table(name: 'payments' | 'outcomes' | 'events' | 'leases' | 'migrations'): string {
    return `"${this.schema}".${name}`;
  }

  /** What NOTIFY says when events become owed. */
  get channel(): string {
    return `${this.schema}_events_owed`;
  }

  /**
   * Runs one statement in a transaction of its own. One that lost to another, so that nothing was done, is run again:
   * a host whose transactions are serializable unless told otherwise makes that common.
   */
  async query<Column extends string>(text: string, values: readonly unknown[]): Promise<readonly Row<Column>[]> {
    const name = this.prepares ? this.nameOf(text) : undefined;
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.run(this.pool, text, values, name);
      } catch (error) {
        if (!isConflict(error) || tries === MAX_TRIES) throw error;
      }
    }
  }

  /** Runs one statement on a connection. */
  async queryOn<Column extends string>(
    connection: Connection,
    text: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row<Column>[]> {
    return this.run(connection, text, values);
  }

  /** Runs several statements in one transaction, each of which sees what was committed before it. */
  async transaction<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    return this.withClient(async (client) => {
      await this.queryOn(client, 'BEGIN ISOLATION LEVEL READ COMMITTED');
      const result = await work(client);
      await this.queryOn(client, 'COMMIT');
      return result;
    });
  }

  private async run<Column extends string>(
    connection: Connection,
    text: string,
    values: readonly unknown[],
    name?: string,
  ): Promise<readonly Row<Column>[]> {
    const timed: TimedQuery = { text, values: [...values], name, query_timeout: this.timeoutMs };
    const { rows } = await connection.query<Row<Column>>(timed);
    return rows;
  }

  /** Made from the text, so that ledgers that share a pool never give two statements one name. */
  private nameOf(text: string): string {
    const known = this.names.get(text);
    if (known) return known;
    const name = `wanpay_${createHash('sha256').update(text).digest('hex').slice(0, NAME_DIGITS)}`;
    this.names.set(text, name);
    return name;
  }

  /** A client that failed may be inside a transaction, or gone: it is rolled back before the pool has it again, else closed. */
  private async withClient<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    client.on('error', ignore);
    let broken = false;
    try {
      return await work(client);
    } catch (error) {
      broken = !(await this.rollBack(client));
      throw error;
    } finally {
      if (!broken) client.off('error', ignore);
      client.release(broken);
    }
  }

  /** Resolves with whether the client can be used again. */
  private async rollBack(client: PoolClient): Promise<boolean> {
    try {
      await this.queryOn(client, 'ROLLBACK');
      return true;
    } catch {
      return false;
    }
  }
}

/** Whether a statement lost to another one, so that the same statement may succeed when it is run again. */
export function isConflict(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && CONFLICTS.has(state);
}

/** Whether a batch failed for what can be the fault of one of its items, so that the others may do better without it. */
export function isFaultOfOne(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && FAULTS_OF_ONE.has(state.slice(0, 2));
}

/** The SQLSTATE of an error that the server reported; undefined for all others, such as a lost connection. */
function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** A connection that is lost fails the statement it was running; the event that also tells of it must only not be unheard. */
function ignore(): void {
  // Nothing to do.
}
