import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Payment } from '../payment.js';
import { Connection } from './connection.js';
import { loadDriver } from './driver.js';
import { LedgerVersionError } from './errors.js';
import { migrate, type Migration, MIGRATIONS, versionOf } from './migrations.js';
import { SqliteLedger } from './sqlite-ledger.js';

const NOW = new Date('2026-03-01T04:00:00.000Z');
const KEY = { merchantNo: '21008024', orderNo: 'A1' };
const INTENT: Payment = { ...KEY, amount: 1280, livemode: false, state: 'opening', createdAt: NOW, updatedAt: NOW };
const ADDS: Migration = { version: 101, sql: 'ALTER TABLE wanpay_payments ADD COLUMN checked_at INTEGER' };
const BREAKS: Migration = { version: 200, sql: 'ALTER TABLE wanpay_payments RENAME COLUMN document TO record' };

describe('migrate', () => {
  let folder: string;
  let ledger: SqliteLedger;

  /** Does to the tables what a release with these steps would do at its start, in a transaction as it would. */
  async function upgrade(...steps: readonly Migration[]): Promise<void> {
    await ledger.withDatabase((database) => {
      migrate(new Connection(database), 'a.db', [...MIGRATIONS, ...steps]);
    });
  }

  async function version(): Promise<number> {
    return ledger.withDatabase((database) => versionOf(new Connection(database)));
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanpay-sqlite-'));
    ledger = new SqliteLedger(join(folder, 'a.db'), () => loadDriver());
    await ledger.start();
    await ledger.open(INTENT);
    await ledger.settle({
      ...KEY,
      livemode: false,
      source: 'query',
      now: NOW,
      outcome: { status: 'failed', code: '5805' },
    });
  });

  afterEach(async () => {
    await ledger.stop();
    await rm(folder, { recursive: true });
  });

  it('counts its steps in one direction', () => {
    const versions = MIGRATIONS.map((step) => step.version);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    expect(new Set(versions).size).toBe(versions.length);
  });

  it('leaves tables that are up to date as they are', async () => {
    await ledger.stop();
    await ledger.start();
    expect(await version()).toBe(MIGRATIONS.at(-1)?.version);
    expect(await ledger.find(KEY)).toMatchObject({ state: 'failed' });
  });

  it('brings tables of an earlier release, with what they hold, up to date', async () => {
    await upgrade(ADDS);
    expect(await version()).toBe(ADDS.version);
    const rows = await ledger.withDatabase((database) =>
      database.prepare('SELECT order_no, checked_at FROM wanpay_payments').all(),
    );
    expect(rows).toEqual([{ order_no: 'A1', checked_at: null }]);
    await upgrade(ADDS);
  });

  it('works with tables to which a later release only added', async () => {
    await upgrade(ADDS);
    await ledger.stop();
    await ledger.start();
    expect(await version()).toBe(ADDS.version);
    expect(await ledger.find(KEY)).toMatchObject({ state: 'failed' });
    await ledger.open({ ...INTENT, orderNo: 'A2' });
  });

  it('refuses tables that a later release changed, leaves them alone, and lets go of the file', async () => {
    await upgrade(ADDS, BREAKS);
    await ledger.stop();
    await expect(ledger.start()).rejects.toThrow(/a\.db has schema version 200 .*works with 100 to 199/);
    await expect(ledger.start()).rejects.toBeInstanceOf(LedgerVersionError);
  });

  it('refuses a database that counts versions of its own', async () => {
    await ledger.withDatabase((database) => database.exec('PRAGMA user_version = 7'));
    await ledger.stop();
    await expect(ledger.start()).rejects.toMatchObject({ code: 'ledger_version', found: 7 });
  });

  it('leaves the tables of the earlier release when a step fails', async () => {
    const fails = { version: 102, sql: 'ALTER TABLE no_such_table ADD COLUMN a' };
    await expect(upgrade(ADDS, fails)).rejects.toMatchObject({ message: expect.stringContaining('no_such_table') });
    expect(await version()).toBe(MIGRATIONS.at(-1)?.version);
    await upgrade(ADDS);
  });
});
