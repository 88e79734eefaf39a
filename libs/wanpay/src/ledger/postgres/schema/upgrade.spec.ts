import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { PostgresServer } from '../../../../../../test/servers/postgres.js';
import type { Payment } from '../../payment.js';
import { Database } from '../database.js';
import { PostgresLedger } from '../postgres-ledger.js';
import { migrate } from './migrate.js';
import type { Migration } from './migration.js';
import { MIGRATIONS } from './migrations.js';

const NOW = new Date('2026-03-01T04:00:00.000Z');
const KEY = { merchantNo: '21008024', orderNo: 'A1' };
const INTENT: Payment = { ...KEY, state: 'opening', amount: 1280, livemode: false, createdAt: NOW, updatedAt: NOW };
const PAID = { status: 'paid', code: '0000', reportedAmount: '1280' } as const;
const LATEST = MIGRATIONS.length;

/** What a next release would append: it adds, and the release before goes on. */
const ADDS: Migration = {
  version: LATEST + 1,
  worksWith: LATEST,
  sql: (schema) => `ALTER TABLE "${schema}".payments ADD COLUMN checked_at timestamptz;`,
};
const FAILS: Migration = { version: LATEST + 1, worksWith: LATEST, sql: () => 'ALTER TABLE nowhere ADD COLUMN x int;' };

describe('tables of the release before, with data in them', () => {
  let server: PostgresServer;
  let pool: pg.Pool;
  let ledger: PostgresLedger;

  beforeAll(async () => {
    server = await PostgresServer.start({ fsync: false });
  }, 60_000);
  afterAll(() => server.stop());

  beforeEach(async () => {
    pool = new pg.Pool({ connectionString: await server.createDatabase() });
    ledger = new PostgresLedger({ pool });
    await ledger.start();
    await ledger.open(INTENT);
  });
  afterEach(async () => {
    await ledger.stop();
    await pool.end();
  });

  const upgrade = (...steps: readonly Migration[]): Promise<void> =>
    migrate(new Database(pool, 'wanpay', 30_000), [...MIGRATIONS, ...steps]);

  it('are brought up to date by replicas that start at once, while the release before goes on', async () => {
    await Promise.all([
      ...Array.from({ length: 4 }, () => upgrade(ADDS)),
      ledger.settle({ ...KEY, livemode: false, outcome: PAID, source: 'notification', now: NOW }),
    ]);
    const { rows } = await pool.query('SELECT version FROM wanpay.migrations ORDER BY version');
    expect(rows).toEqual([...MIGRATIONS, ADDS].map(({ version }) => ({ version })));
    expect(await ledger.find(KEY)).toMatchObject({ ...INTENT, state: 'paid', updatedAt: NOW });
    expect(await ledger.claim(NOW, NOW, 10)).toMatchObject([{ event: { type: 'atm.paid' } }]);
    const { rows: added } = await pool.query('SELECT checked_at FROM wanpay.payments');
    expect(added).toEqual([{ checked_at: null }]);
  });

  it('stay as they were when a step fails', async () => {
    await expect(upgrade(FAILS)).rejects.toThrow('nowhere');
    expect(await ledger.find(KEY)).toEqual(INTENT);
    await upgrade(ADDS);
    expect(await ledger.find(KEY)).toEqual(INTENT);
  });
});
