import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { postgres, postgresMigrations } from 'nestjs-wanpay/postgres';
import pg from 'pg';
import { createDatabase } from '../servers/shared-postgres.js';

/** The versions of the tables, as this code makes them. */
const VERSIONS = postgresMigrations().map(({ version }) => version);
const LATEST = VERSIONS.length;

describe('the tables of a PostgresStore', () => {
  let address: string;
  let pool: pg.Pool;

  beforeEach(async () => {
    address = await createDatabase();
    pool = new pg.Pool({ connectionString: address });
    pool.on('error', () => undefined);
  });

  afterEach(() => pool.end());

  it('are made once by replicas that start at once on an empty database', async () => {
    const replicas = Array.from({ length: 8 }, () => postgres({ connectionString: address }));
    await Promise.all(replicas.map((each) => each.start(ignore)));
    await Promise.all(replicas.map((each) => each.stop()));
    expect(await versions()).toEqual(VERSIONS);
  });

  it.each(postgresMigrations())('of version $version stay what they are once they were published', ({ sql }) => {
    expect(sql).toMatchSnapshot();
  });

  it('can be made by hand, in a schema of any plain name', async () => {
    const schema = 'order';
    const store = postgres({ pool, schema, migrate: false });
    await expect(store.start(ignore)).rejects.toMatchObject({
      code: 'migration_required',
      found: 0,
      required: LATEST,
      message: expect.stringContaining(`postgresMigrations({ schema: 'order' })`),
    });
    for (const { sql } of postgresMigrations({ schema })) await pool.query(sql);
    await store.start(ignore);
    expect(await store.load([{ merchantNo: '21008024', orderNo: 'A1' }])).toEqual([undefined]);
    await store.stop();
    const migrating = postgres({ pool, schema });
    await migrating.start(ignore);
    await migrating.stop();
    expect(await versions(schema)).toEqual(VERSIONS);
  });

  it('are made in a schema that the role was given, without the right to make schemas', async () => {
    await pool.query(`CREATE ROLE clerk LOGIN; CREATE SCHEMA ledger AUTHORIZATION clerk`);
    const store = postgres({ connectionString: address.replace('postgres@', 'clerk@'), schema: 'ledger' });
    await store.start(ignore);
    await store.stop();
    expect(await versions('ledger')).toEqual(VERSIONS);
  });

  it('stand in a schema beside the tables of others, such as public and its migrations', async () => {
    await pool.query('CREATE TABLE migrations (id text PRIMARY KEY); CREATE TABLE events (id text)');
    const store = postgres({ pool, schema: 'public' });
    await store.start(ignore);
    await store.stop();
    expect(await versions('public')).toEqual(VERSIONS);
    expect((await pool.query('SELECT FROM migrations')).rowCount).toBe(0);
  });

  it('stay as they were when a step of a migration fails', async () => {
    await pool.query('CREATE SCHEMA wanpay; CREATE TABLE wanpay.wanpay_leases ()');
    await expect(postgres({ pool }).start(ignore)).rejects.toMatchObject({ code: 'postgres_unavailable' });
    const { rows } = await pool.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'wanpay'`);
    expect(rows).toEqual([{ tablename: 'wanpay_leases' }]);
  });

  it('are used when newer code made them and says that this code works with them', async () => {
    const store = postgres({ pool });
    await store.start(ignore);
    await store.stop();
    await pool.query('INSERT INTO wanpay.wanpay_migrations (version, works_with) VALUES ($1, $2)', [
      LATEST + 1,
      LATEST,
    ]);
    await store.start(ignore);
    await store.stop();
    expect(await versions()).toEqual([...VERSIONS, LATEST + 1]);
  });

  it('are refused when newer code made them and says that this code does not', async () => {
    const store = postgres({ pool });
    await store.start(ignore);
    await store.stop();
    const newer = [LATEST + 1, LATEST + 2];
    await pool.query('INSERT INTO wanpay.wanpay_migrations (version, works_with) VALUES ($1, $3), ($2, $1)', [
      ...newer,
      LATEST,
    ]);
    await expect(store.start(ignore)).rejects.toMatchObject({
      code: 'schema_too_new',
      found: LATEST + 2,
      supported: LATEST,
    });
    const checking = postgres({ pool, migrate: false });
    await expect(checking.start(ignore)).rejects.toMatchObject({ code: 'schema_too_new' });
  });

  it.each(['', 'Wanpay', '1st', 'a"b', 'pg_ledger', 'a; drop', 'x'.repeat(41)])('are not in a schema %j', (schema) => {
    expect(() => postgres({ pool, schema })).toThrow(/^schema must be/);
    expect(() => postgresMigrations({ schema })).toThrow(/^schema must be/);
  });

  async function versions(schema = 'wanpay'): Promise<readonly number[]> {
    const { rows } = await pool.query<{ version: number }>(
      `SELECT version FROM "${schema}".wanpay_migrations ORDER BY 1`,
    );
    return rows.map(({ version }) => version);
  }
});

function ignore(): void {
  // No notice matters here.
}
