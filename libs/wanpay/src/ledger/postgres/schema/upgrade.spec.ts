import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createDatabase } from '../../../../../../test/servers/shared-postgres.js';
import type { DueCheck } from '../../ledger.js';
import type { Payment, PaymentState } from '../../payment.js';
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
const OPEN: readonly PaymentState[] = ['opening', 'pending'];
const ENDED: readonly PaymentState[] = ['paid', 'failed', 'closed', 'expired'];
const MINUTE_MS = 60_000;

/** What a next release would append: it adds, and the release before goes on. */
const ADDS: Migration = {
  version: LATEST + 1,
  worksWith: LATEST,
  sql: (schema) => `ALTER TABLE "${schema}".payments ADD COLUMN checked_at timestamptz;`,
};
const FAILS: Migration = { version: LATEST + 1, worksWith: LATEST, sql: () => 'ALTER TABLE nowhere ADD COLUMN x int;' };

describe('tables of the release before, with data in them', () => {
  let pool: pg.Pool;
  let ledger: PostgresLedger;

  beforeEach(async () => {
    pool = new pg.Pool({ connectionString: await createDatabase() });
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

describe('tables of version 1, with data in them', () => {
  const [first] = MIGRATIONS;
  let pool: pg.Pool;
  let ledger: PostgresLedger;

  /** What that release wrote when it opened a payment. */
  const insert = (orderNo: string, state: PaymentState): Promise<unknown> =>
    pool.query(
      `INSERT INTO wanpay.payments (merchant_no, order_no, state, amount, livemode, created_at, updated_at)
      VALUES ($1, $2, $3, 1280, false, $4, $4)`,
      [KEY.merchantNo, orderNo, state, NOW],
    );
  /** What that release wrote when it settled one. */
  const update = (orderNo: string, state: PaymentState): Promise<unknown> =>
    pool.query('UPDATE wanpay.payments SET version = DEFAULT, state = $2 WHERE order_no = $1', [orderNo, state]);
  const rowsOf = async (selection: string, states: readonly PaymentState[] = ENDED): Promise<unknown> => {
    const query = `SELECT ${selection} FROM wanpay.payments WHERE state = ANY ($1) ORDER BY order_no`;
    return (await pool.query({ text: query, values: [states] })).rows;
  };
  /** What is to be asked after within so many minutes from now, which is the server's time, for an hour. */
  const claim = (minutes: number): Promise<readonly DueCheck[]> => {
    const due = new Date(Date.now() + minutes * MINUTE_MS);
    return ledger.claimChecks(due, new Date(due.getTime() + 60 * MINUTE_MS), 100);
  };

  beforeEach(async () => {
    pool = new pg.Pool({ connectionString: await createDatabase() });
    pool.on('error', () => undefined);
    await migrate(new Database(pool, 'wanpay', 30_000), first ? [first] : []);
    for (const state of [...OPEN, ...ENDED]) await insert(state, state);
    ledger = new PostgresLedger({ pool });
  });
  afterEach(async () => {
    await ledger.stop();
    await pool.end();
  });

  it('have the open payments asked after at once, and no other, of which no row is touched', async () => {
    const before = await rowsOf('ctid, xmin');
    await ledger.start();
    expect(await rowsOf('ctid, xmin')).toEqual(before);
    expect((await claim(1)).map(({ payment }) => payment.orderNo).sort()).toEqual(OPEN);
    expect(await rowsOf('next_check_at, check_failures')).toEqual(
      ENDED.map(() => ({ next_check_at: null, check_failures: 0 })),
    );
    expect((await ledger.list({})).payments).toHaveLength(6);
  });

  it('are written by that release also then: what it opens is asked after a while later', async () => {
    await ledger.start();
    await claim(1);
    await insert('later', 'opening');
    expect(await claim(10)).toEqual([]);
    expect(await claim(20)).toMatchObject([{ payment: { orderNo: 'later', state: 'opening' }, failures: 0 }]);
  });

  it('are written by that release also then: what it finds paid is asked after no more', async () => {
    await ledger.start();
    await update('pending', 'paid');
    const check = (await claim(1)).find(({ payment }) => payment.orderNo === 'pending');
    expect(check).toMatchObject({ payment: { state: 'paid' } });
    if (!check) return;
    expect(await ledger.scheduleCheck(check, { at: NOW, failures: 0 })).toBe(false);
    expect(await ledger.scheduleCheck(check, { failures: 0 })).toBe(true);
    expect(await rowsOf('next_check_at', ['paid'])).toEqual([{ next_check_at: null }, { next_check_at: null }]);
  });

  it('are brought up to date while that release writes', async () => {
    const written = Promise.all(Array.from({ length: 50 }, (_, i) => insert(`B${i}`, 'opening')));
    const replicas = Array.from({ length: 3 }, () => new PostgresLedger({ pool }));
    await Promise.all(replicas.map((replica) => replica.start()));
    await written;
    await ledger.start();
    expect(await claim(20)).toHaveLength(52);
    await Promise.all(replicas.map((replica) => replica.stop()));
  });
});
