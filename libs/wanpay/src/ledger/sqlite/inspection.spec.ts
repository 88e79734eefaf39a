import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Connection } from './connection.js';
import { loadDriver } from './driver.js';
import { LedgerFileError, LedgerInUseError, LedgerVersionError } from './errors.js';
import { inspectSqlite } from './inspection.js';
import { LATEST, migrate, MIGRATIONS } from './migrations.js';
import { sqlite } from './sqlite.js';

const KEY = { merchantNo: '21008024', orderNo: 'A1' };
const NOW = new Date('2026-03-01T04:00:00.000Z');

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
    work: work && [await work.deadLetters(), await work.nextDue(), await work.nextCheckDue()],
  }));
  expect(await readFile(file)).toEqual(before);
  return found;
}

describe('looking into a ledger’s file', () => {
  it('tells what is to be done, and changes nothing', async () => {
    const ledger = sqlite({ file });
    await ledger.start();
    await ledger.open({ ...KEY, state: 'opening', amount: 50, livemode: false, createdAt: NOW, updatedAt: NOW }, NOW);
    await ledger.stop();
    expect(await inspect()).toEqual({ version: LATEST, required: LATEST, work: [[], undefined, NOW] });
  });

  it('tells an older version, and a file that holds no ledger yet', async () => {
    await prepare((connection) => {
      migrate(connection, file, MIGRATIONS.slice(0, 1));
    });
    expect(await inspect()).toEqual({ version: 100, required: LATEST, work: undefined });
    await writeFile(file, '');
    expect(await inspect()).toEqual({ version: 0, required: LATEST, work: undefined });
  });

  it('refuses a version that this release does not know, and what is no database', async () => {
    await prepare(({ database }) => {
      database.exec('PRAGMA user_version = 9900');
    });
    await expect(inspect()).rejects.toThrow(LedgerVersionError);
    await writeFile(file, 'no database '.repeat(100));
    await expect(inspect()).rejects.toThrow(LedgerFileError);
  });

  it('says that the file is in use', async () => {
    const ledger = sqlite({ file });
    await ledger.start();
    await expect(inspectSqlite(file, () => Promise.resolve())).rejects.toThrow(LedgerInUseError);
    await ledger.stop();
  });
});
