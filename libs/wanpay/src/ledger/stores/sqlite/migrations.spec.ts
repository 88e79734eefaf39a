import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Payment } from '../../payment.js';
import { LedgerFileError } from '../database-file/errors.js';
import { latestOf, type Migration } from '../migrations.js';
import { Connection } from './connection.js';
import { loadDriver } from './driver.js';
import { LedgerVersionError } from './errors.js';
import { openLedgerFile } from './ledger-file.js';
import { migrate, MIGRATIONS, versionOf } from './migrations.js';
import { SqliteStore } from './sqlite-store.js';

const NOW = new Date('2026-03-01T04:00:00.000Z');
const KEY = { merchantNo: '21008024', orderNo: 'A1' };
const PAYMENT: Payment = { ...KEY, amount: 1280, livemode: false, state: 'failed', createdAt: NOW, updatedAt: NOW };
const LATEST = latestOf(MIGRATIONS);
const [ADDED, BROKEN] = [LATEST + 1, LATEST + 2];
const ADDS: Migration = {
  version: ADDED,
  sql: `ALTER TABLE wanpay_orders ADD COLUMN checked_at INTEGER; PRAGMA user_version = ${LATEST * 1000 + ADDED}`,
};
/** Only code that knows it can work with the tables after it. */
const BREAKS: Migration = {
  version: BROKEN,
  sql: `ALTER TABLE wanpay_orders RENAME COLUMN document TO record; PRAGMA user_version = ${BROKEN * 1001}`,
};

describe('migrate', () => {
  let folder: string;
  let store: SqliteStore;

  /** Does to the tables what a release with these steps would do at its start, in a transaction as it would. */
  async function upgrade(...steps: readonly Migration[]): Promise<void> {
    await store.withDatabase((database) => {
      migrate(new Connection(database), 'a.db', [...MIGRATIONS, ...steps]);
    });
  }

  async function version(...steps: readonly Migration[]): Promise<number> {
    return store.withDatabase((database) => versionOf(new Connection(database), 'a.db', [...MIGRATIONS, ...steps]));
  }

  async function restart(): Promise<void> {
    await store.stop();
    await store.start();
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanpay-sqlite-'));
    store = new SqliteStore(join(folder, 'a.db'), async (file) => openLedgerFile(await loadDriver(), file));
    await store.start();
    await store.commit([{ ...KEY, expectedVersion: 0, payment: PAYMENT }]);
  });

  afterEach(async () => {
    await store.stop();
    await rm(folder, { recursive: true });
  });

  it('counts its steps from 1', () => {
    expect(MIGRATIONS.map((step) => step.version)).toEqual(MIGRATIONS.map((_, n) => n + 1));
  });

  it('marks the file as the ledger’s', async () => {
    const read = (name: string): Promise<unknown> =>
      store.withDatabase((database) => database.prepare(`PRAGMA ${name}`).all());
    expect(await read('application_id')).toEqual([{ application_id: 0x77616e70 }]);
    expect(await read('user_version')).toEqual([{ user_version: 1001 }]);
  });

  it('leaves tables that are up to date as they are', async () => {
    await restart();
    expect(await version()).toBe(LATEST);
    expect(await store.load([KEY])).toMatchObject([{ payment: PAYMENT }]);
  });

  it('brings tables of an earlier release, with what they hold, up to date', async () => {
    await upgrade(ADDS);
    expect(await version(ADDS)).toBe(ADDED);
    const rows = await store.withDatabase((database) =>
      database.prepare('SELECT order_no, checked_at FROM wanpay_orders').all(),
    );
    expect(rows).toEqual([{ order_no: 'A1', checked_at: null }]);
    await upgrade(ADDS);
  });

  it('works with tables to which a later release only added', async () => {
    await upgrade(ADDS);
    await restart();
    expect(await version()).toBe(ADDED);
    expect(await store.load([KEY])).toMatchObject([{ payment: PAYMENT }]);
    const payment = { ...PAYMENT, orderNo: 'A2' };
    expect(await store.commit([{ ...KEY, orderNo: 'A2', expectedVersion: 0, payment }])).toEqual([true]);
  });

  it('refuses tables that a later release changed, leaves them alone, and lets go of the file', async () => {
    await upgrade(ADDS, BREAKS);
    await store.stop();
    await expect(store.start()).rejects.toThrow(
      new RegExp(`a\\.db has schema version ${BROKEN * 1001} .*works with 1001 to ${LATEST * 1000 + 999}`),
    );
    await expect(store.start()).rejects.toBeInstanceOf(LedgerVersionError);
  });

  it('refuses the file of another application', async () => {
    await store.withDatabase((database) => database.exec('PRAGMA application_id = 252006673'));
    await store.stop();
    await expect(store.start()).rejects.toThrow(/another application's \(PRAGMA application_id is 252006673\)/);
    await expect(store.start()).rejects.toBeInstanceOf(LedgerFileError);
  });

  it('refuses a database that counts versions of its own', async () => {
    for (const found of [7, 1001]) {
      await store.stop();
      store = new SqliteStore(join(folder, `${found}.db`), async (file) => openLedgerFile(await loadDriver(), file));
      const database = (await loadDriver()).open(store.file);
      database.exec(`PRAGMA user_version = ${found}`);
      database.close();
      await expect(store.start()).rejects.toMatchObject({ code: 'ledger_version', found });
    }
  });

  it('leaves the tables of the earlier release when a step fails', async () => {
    const fails = { version: BROKEN, sql: 'ALTER TABLE no_such_table ADD COLUMN a' };
    await expect(upgrade(ADDS, fails)).rejects.toMatchObject({ message: expect.stringContaining('no_such_table') });
    expect(await version()).toBe(LATEST);
    await upgrade(ADDS);
  });
});
