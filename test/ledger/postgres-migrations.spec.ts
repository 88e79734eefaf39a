import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { postgres, postgresMigrations } from 'nestjs-wanpay/postgres';
import type pg from 'pg';
import { createDatabase } from '../servers/shared-postgres.js';
import { intent } from './payments.js';
import { openPool } from './postgres-fixture.js';

/** The versions of the tables, as this code makes them. */
const VERSIONS = postgresMigrations().map(({ version }) => version);
const LATEST = VERSIONS.length;

describe('the tables of a PostgresLedger', () => {
  let address: string;
  let pool: pg.Pool;

  beforeEach(async () => {
    address = await createDatabase();
    pool = openPool({ connectionString: address });
  });

  afterEach(() => pool.end());

  it('are made once by replicas that start at once on an empty database', async () => {
    const replicas = Array.from({ length: 8 }, () => postgres({ connectionString: address }));
    await Promise.all(replicas.map((each) => each.start()));
    await Promise.all(replicas.map((each) => each.stop()));
    expect(await versions()).toEqual(VERSIONS);
  });

  it.each(postgresMigrations())('of version $version stay what they are once they were published', ({ sql }) => {
    expect(sql).toMatchSnapshot();
  });

  it('can be made by hand, in a schema of any plain name', async () => {
    const schema = 'order';
    const ledger = postgres({ pool, schema, migrate: false });
    await expect(ledger.start()).rejects.toMatchObject({
      code: 'migration_required',
      found: 0,
      required: LATEST,
      message: expect.stringContaining(`postgresMigrations({ schema: 'order' })`),
    });
    for (const { sql } of postgresMigrations({ schema })) await pool.query(sql);
    await ledger.start();
    expect(await ledger.open(intent('A1'))).toMatchObject({ opened: true });
    await ledger.stop();
    const migrating = postgres({ pool, schema });
    await migrating.start();
    await migrating.stop();
    expect(await versions(schema)).toEqual(VERSIONS);
  });

  it('are made in a schema that the role was given, without the right to make schemas', async () => {
    await pool.query(`CREATE ROLE clerk LOGIN; CREATE SCHEMA ledger AUTHORIZATION clerk`);
    const ledger = postgres({ connectionString: address.replace('postgres@', 'clerk@'), schema: 'ledger' });
    await ledger.start();
    await ledger.stop();
    expect(await versions('ledger')).toEqual(VERSIONS);
  });

  it('are used when newer code made them and says that this code works with them', async () => {
    const ledger = postgres({ pool });
    await ledger.start();
    await ledger.stop();
    await pool.query('INSERT INTO wanpay.migrations (version, works_with) VALUES ($1, $2)', [LATEST + 1, LATEST]);
    await ledger.start();
    await ledger.stop();
    expect(await versions()).toEqual([...VERSIONS, LATEST + 1]);
  });

  it('are refused when newer code made them and says that this code does not', async () => {
    const ledger = postgres({ pool });
    await ledger.start();
    await ledger.stop();
    const newer = [LATEST + 1, LATEST + 2];
    await pool.query('INSERT INTO wanpay.migrations (version, works_with) VALUES ($1, $3), ($2, $1)', [
      ...newer,
      LATEST,
    ]);
    await expect(ledger.start()).rejects.toMatchObject({
      code: 'schema_too_new',
      found: LATEST + 2,
      supported: LATEST,
    });
    const checking = postgres({ pool, migrate: false });
    await expect(checking.start()).rejects.toMatchObject({ code: 'schema_too_new' });
  });

  it.each(['', 'Wanpay', '1st', 'a"b', 'pg_ledger', 'a; drop', 'x'.repeat(41)])('are not in a schema %j', (schema) => {
    expect(() => postgres({ pool, schema })).toThrow(/^schema must be/);
    expect(() => postgresMigrations({ schema })).toThrow(/^schema must be/);
  });

  async function versions(schema = 'wanpay'): Promise<readonly number[]> {
    const { rows } = await pool.query<{ version: number }>(`SELECT version FROM "${schema}".migrations ORDER BY 1`);
    return rows.map(({ version }) => version);
  }
});
