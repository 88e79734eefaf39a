import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Ledger } from '../../ledger/ledger.js';
import {
  LedgerDamagedError,
  LedgerFileMissingError,
  LedgerInUseError,
} from '../../ledger/stores/database-file/errors.js';
import { latestOf } from '../../ledger/stores/migrations.js';
import { Connection } from '../../ledger/stores/sqlite/connection.js';
import { loadDriver } from '../../ledger/stores/sqlite/driver.js';
import { LedgerVersionError } from '../../ledger/stores/sqlite/errors.js';
import { MIGRATIONS } from '../../ledger/stores/sqlite/migrations.js';
import { sqlite } from '../../ledger/stores/sqlite/sqlite.js';
import { inspectSqlite } from './sqlite-inspection.js';

const KEY = { merchantNo: '21008024', orderNo: 'A1' };
const NOW = new Date('2026-03-01T04:00:00.000Z');
const LATEST = latestOf(MIGRATIONS);

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanpay-inspection-'));
  file = join(folder, 'wanpay.db');
});
afterEach(() => rm(folder, { recursive: true }));

async function prepare(work: (connection: Connection) => void): Promise<void> {
  const connection = new Connection((await loadDriver()).open(file));
  work(connection);
  connection.database.close();
}

/** What is found, and that finding it changed nothing. */
async function inspect(): Promise<unknown> {
  const before = await readFile(file);
  const found = await inspectSqlite(file, async ({ version, required, work }) => ({
    version,
    required,
    work: work && [
      await work.deliveries.handlers(NOW),
      await work.deliveries.nextDue(NOW),
      await work.nextCheckDue(NOW),
    ],
  }));
  expect(await readFile(file)).toEqual(before);
  return found;
}

describe('looking into a ledger’s file', () => {
  it('tells what is to be done, and changes nothing', async () => {
    const ledger = new Ledger(sqlite({ file }));
    await ledger.start();
    await ledger.deliveries.subscribe([{ handler: 'Shipping.ship', type: 'atm.unknown_order' }], NOW, NOW);
    await ledger.open({ ...KEY, state: 'opening', amount: 50, livemode: false, createdAt: NOW, updatedAt: NOW }, NOW);
    const outcome = { status: 'paid', code: '0000' } as const;
    await ledger.settle({ ...KEY, orderNo: 'U1', livemode: false, source: 'query', now: NOW, outcome });
    await ledger.stop();
    const handler = expect.objectContaining({ id: 'Shipping.ship', pending: 1, dead: 0 });
    expect(await inspect()).toEqual({ version: LATEST, required: LATEST, work: [[handler], NOW, NOW] });
  });

  it('tells a file that holds no ledger yet', async () => {
    await writeFile(file, '');
    expect(await inspect()).toEqual({ version: 0, required: LATEST, work: undefined });
  });

  it('refuses a version that this release does not know, and what is no database', async () => {
    await prepare(({ database }) => {
      database.exec('PRAGMA application_id = 2002873968; PRAGMA user_version = 99099');
    });
    await expect(inspect()).rejects.toThrow(LedgerVersionError);
    await writeFile(file, 'no database '.repeat(100));
    await expect(inspect()).rejects.toThrow(LedgerDamagedError);
  });

  it('refuses an empty file beside a log, and leaves the log', async () => {
    await writeFile(file, '');
    await writeFile(`${file}-wal`, 'what was written');
    await expect(inspect()).rejects.toThrow(LedgerFileMissingError);
    expect(await readFile(`${file}-wal`, 'utf8')).toBe('what was written');
  });

  it('finds damage in the middle of a file', async () => {
    const ledger = sqlite({ file });
    await ledger.start();
    await ledger.stop();
    const bytes = await readFile(file);
    bytes.fill(0xab, bytes.length / 2, bytes.length / 2 + 4096);
    await writeFile(file, bytes);
    await expect(inspect()).rejects.toThrow(LedgerDamagedError);
  });

  it('says that the file is in use', async () => {
    const ledger = sqlite({ file });
    await ledger.start();
    await expect(inspectSqlite(file, () => Promise.resolve())).rejects.toThrow(LedgerInUseError);
    await ledger.stop();
  });
});
