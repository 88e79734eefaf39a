import pg from 'pg';

const EFFECTS = `CREATE TABLE soak_effects (number integer NOT NULL, kind text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp());
  CREATE INDEX soak_effects_of_order ON soak_effects (number)`;

const LOOK = `SELECT
  (SELECT count(*)::integer FROM wanpay.wanpay_events WHERE type = 'atm.paid' AND occurred_at > $1::float8) AS paid,
  (SELECT count(*)::integer FROM soak_effects WHERE kind = 'once' AND at > to_timestamp($1::float8 / 1000)) AS handled,
  (SELECT count(*)::integer FROM wanpay.wanpay_deliveries WHERE state IN ('pending', 'claimed')) AS pending,
  (SELECT count(*)::integer FROM wanpay.wanpay_deliveries WHERE state = 'dead') AS dead,
  (SELECT count(*)::integer FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid())
    AS connections,
  (SELECT json_agg(json_build_object('name', replace(relname, 'wanpay_', ''), 'tableBytes', pg_table_size(relid),
      'indexBytes', pg_indexes_size(relid), 'deadRows', n_dead_tup) ORDER BY relname)
    FROM pg_stat_user_tables
    WHERE relname IN ('wanpay_orders', 'wanpay_outcomes', 'wanpay_events', 'wanpay_deliveries')) AS tables`;

/** Effects of orders that have both are counted and removed; the numbers of the others come back. */
const TAKE = `WITH counted AS (
    SELECT number, count(*) FILTER (WHERE kind = 'once') AS once, count(*) FILTER (WHERE kind = 'plain') AS plain
    FROM soak_effects WHERE number = ANY ($1::integer[]) GROUP BY number
  ), complete AS (SELECT * FROM counted WHERE once > 0 AND plain > 0),
  taken AS (DELETE FROM soak_effects e USING complete c WHERE e.number = c.number)
  SELECT count(*)::integer AS complete, count(*) FILTER (WHERE once > 1)::integer AS doubled,
    count(*) FILTER (WHERE plain > 1)::integer AS repeated,
    ARRAY(SELECT unnest($1::integer[]) EXCEPT SELECT number FROM complete) AS incomplete
  FROM complete`;

/** What is left once all orders are complete came after the others of its order. */
const LEFT = `SELECT count(DISTINCT number) FILTER (WHERE kind = 'once')::integer AS once,
  count(DISTINCT number) FILTER (WHERE kind = 'plain')::integer AS plain FROM soak_effects`;

/** What a table of the ledger takes. */
export interface TableSize {
  readonly name: string;
  readonly tableBytes: number;
  readonly indexBytes: number;
  readonly deadRows: number;
}

/** What the database showed. */
export interface Look {
  /** Since the moment that was asked about. */
  readonly paid: number;
  readonly handled: number;
  readonly pending: number;
  readonly dead: number;
  readonly connections: number;
  readonly tables: readonly TableSize[];
}

/** What came of orders. */
export interface Taken {
  readonly complete: number;
  readonly doubled: number;
  readonly repeated: number;
  readonly incomplete: readonly number[];
}

/** The database of the soak, beside the processes. */
export class SoakDatabase {
  private constructor(private readonly client: pg.Client) {}

  static async connect(connectionString: string): Promise<SoakDatabase> {
    const client = new pg.Client({ connectionString, application_name: 'soak' });
    // A server that ends while nobody asks is noticed by the next question.
    client.on('error', () => undefined);
    await client.connect();
    await client.query(EFFECTS);
    return new SoakDatabase(client);
  }

  /** @param since in milliseconds since 1970 */
  look(since: number): Promise<Look> {
    return this.row<Look>(LOOK, [since]);
  }

  /** Counts the effects of orders, and removes those of orders that are complete. */
  take(numbers: Iterable<number>): Promise<Taken> {
    return this.row<Taken>(TAKE, [[...numbers]]);
  }

  /** Orders with effects beyond those that were taken. */
  left(): Promise<Record<'once' | 'plain', number>> {
    return this.row(LEFT, []);
  }

  close(): Promise<void> {
    return this.client.end();
  }

  private async row<Row extends object>(sql: string, values: readonly unknown[]): Promise<Row> {
    const [row] = (await this.client.query<Row>(sql, [...values])).rows;
    if (!row) throw new Error('The database did not answer.');
    return row;
  }
}
