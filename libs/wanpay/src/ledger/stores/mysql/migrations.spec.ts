import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { createMariaDbDatabase } from '../../../../../../test/servers/shared-mariadb.js';
import { mysqlMigrations } from './migrate.js';
import { MysqlStore } from './mysql-store.js';

/** The versions of the tables, as this code makes them. */
const VERSIONS = mysqlMigrations().map(({ version }) => version);
const LATEST = VERSIONS.length;

describe('the tables of a MysqlStore', () => {
  let uri: string;
  let pool: mysql.Pool;

  beforeEach(async () => {
    uri = await createMariaDbDatabase();
    pool = mysql.createPool({ uri, multipleStatements: true });
  });
  afterEach(() => pool.end());

  it('are made once by replicas that start at once on an empty database', async () => {
    const replicas = Array.from({ length: 6 }, () => new MysqlStore({ uri }));
    await Promise.all(replicas.map((each) => each.start(ignore)));
    await Promise.all(replicas.map((each) => each.stop()));
    expect(await versions()).toEqual(VERSIONS);
  });

  it.each(mysqlMigrations())('of version $version stay what they are once they were published', ({ sql }) => {
    expect(sql).toMatchSnapshot();
  });

  it('can be made by hand, and take keys apart by each character', async () => {
    const store = new MysqlStore({ pool, migrate: false });
    await expect(store.start(ignore)).rejects.toMatchObject({
      code: 'migration_required',
      found: 0,
      required: LATEST,
      message: expect.stringContaining('mysqlMigrations()'),
    });
    for (const { sql } of mysqlMigrations()) await pool.query(sql);
    await store.start(ignore);
    await store.stop();
    const others = `SELECT TABLE_NAME, ENGINE, TABLE_COLLATION FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME <> 'wanpay_migrations'
        AND NOT (ENGINE = 'InnoDB' AND TABLE_COLLATION = 'utf8mb4_nopad_bin')`;
    expect((await pool.query(others))[0]).toEqual([]);
  });

  it('are completed by the next start when a step of a migration fails', async () => {
    await pool.query('CREATE VIEW wanpay_leases AS SELECT 1 AS name; CREATE TABLE wanpay_migrations (nonsense int)');
    await expect(new MysqlStore({ pool }).start(ignore)).rejects.toMatchObject({ code: 'mysql_unavailable' });
    await pool.query('DROP VIEW wanpay_leases; DROP TABLE wanpay_migrations');
    const store = new MysqlStore({ pool });
    await store.start(ignore);
    expect(await store.lease({ name: 'a', holder: 'b', now: new Date(), until: new Date() })).toBe(true);
    await store.stop();
  });

  it('are used when newer code made them and says that this code works with them, and else refused', async () => {
    const store = new MysqlStore({ pool });
    await store.start(ignore);
    await store.stop();
    await pool.query('INSERT INTO wanpay_migrations (version, works_with) VALUES (?, ?)', [LATEST + 1, LATEST]);
    await store.start(ignore);
    await store.stop();
    await pool.query('INSERT INTO wanpay_migrations (version, works_with) VALUES (?, ?)', [LATEST + 2, LATEST + 1]);
    for (const migrate of [true, false]) {
      await expect(new MysqlStore({ pool, migrate }).start(ignore)).rejects.toMatchObject({
        code: 'schema_too_new',
        found: LATEST + 2,
        supported: LATEST,
      });
    }
  });

  async function versions(): Promise<readonly unknown[]> {
    const [rows] = await pool.query<mysql.RowDataPacket[]>('SELECT version FROM wanpay_migrations ORDER BY 1');
    return rows.map(({ version }): unknown => version);
  }
});

function ignore(): void {
  // No hint matters here.
}
