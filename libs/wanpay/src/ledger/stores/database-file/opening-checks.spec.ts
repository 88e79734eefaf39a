import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Ledger } from '../../ledger.js';
import { installedDrivers, watchedDriver } from '../drivers.fixture.js';
import type { Driver } from '../sqlite/driver.js';
import { openLedgerFile } from '../sqlite/ledger-file.js';
import { SqliteStore } from '../sqlite/sqlite-store.js';

const NOW = new Date('2026-03-01T04:00:00.000Z');
const MERCHANT = '21008024';
const LARGE_BYTES = 65 * 1024 * 1024;

describe.each(installedDrivers)('at start, through $name, a file', (driver) => {
  let folder: string;
  const running: Ledger[] = [];

  /** Starts a ledger on a file of the folder. */
  async function start(name: string, through: Driver = driver): Promise<Ledger> {
    const open = (file: string): ReturnType<typeof openLedgerFile> => openLedgerFile(through, file);
    const ledger = new Ledger(new SqliteStore(join(folder, name), async (file) => Promise.resolve(open(file)), 0));
    await ledger.start();
    running.push(ledger);
    return ledger;
  }

  async function stopAll(): Promise<void> {
    for (const ledger of running.splice(0)) await ledger.stop();
  }

  /** Makes `closed.db`, which was closed cleanly, and `killed.db`, which is as a process left it that was killed. */
  async function prepare(): Promise<void> {
    const ledger = await start('closed.db');
    const payment = { merchantNo: MERCHANT, amount: 1280, livemode: false, state: 'opening' } as const;
    await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        ledger.open({ ...payment, orderNo: `A${i}`, createdAt: NOW, updatedAt: NOW }),
      ),
    );
    for (const suffix of ['', '-wal']) copyFileSync(at(`closed.db${suffix}`), at(`killed.db${suffix}`));
    await stopAll();
  }

  const at = (name: string): string => join(folder, name);

  /** Spoils the page in the middle of a file, as a broken disk does. */
  function spoil(name: string): void {
    const bytes = readFileSync(at(name));
    const middle = Math.floor(bytes.length / 8192) * 4096;
    writeFileSync(at(name), bytes.fill(0xab, middle, middle + 4096));
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanpay-opening-'));
    await prepare();
  });

  afterEach(async () => {
    await stopAll();
    await rm(folder, { recursive: true });
  });

  it('that was left by a killed process is taken up with its log', async () => {
    expect((await (await start('killed.db')).list({ limit: 100 })).payments).toHaveLength(50);
  });

  it.each(['closed.db', 'text.db', 'short.db'])(
    'that is damaged is refused with what to do, as %s is',
    async (name) => {
      spoil('closed.db');
      await writeFile(at('text.db'), 'This is no database, however long it may be.'.repeat(100));
      copyFileSync(at('closed.db'), at('short.db'));
      truncateSync(at('short.db'), 8192);
      const before = await readFile(at(name));
      await expect(start(name)).rejects.toMatchObject({
        code: 'ledger_damaged',
        file: at(name),
        message: expect.stringMatching(/restore a backup.*\.recover/),
      });
      expect(await readFile(at(name))).toEqual(before);
    },
  );

  it('that is damaged is not taken for one that was closed cleanly once it was refused', async () => {
    // As a killed process leaves it whose log was copied into the file: still in WAL mode.
    const bytes = readFileSync(at('closed.db'));
    writeFileSync(at('killed.db'), bytes.fill(2, 18, 20));
    await unlink(at('killed.db-wal'));
    spoil('killed.db');
    await expect(start('killed.db')).rejects.toMatchObject({ code: 'ledger_damaged' });
    expect(readFileSync(at('killed.db')).subarray(18, 20)).toEqual(Buffer.of(2, 2));
  });

  it('that is large is looked through only when it was not closed cleanly', async () => {
    await start('killed.db');
    copyFileSync(at('killed.db'), at('large.db'));
    copyFileSync(at('killed.db-wal'), at('large.db-wal'));
    for (const name of ['closed.db', 'large.db']) truncateSync(at(name), LARGE_BYTES);
    const statements: string[] = [];
    const recording = watchedDriver(driver, { prepared: (sql) => statements.push(sql) });
    await start('closed.db', recording);
    expect(statements.filter((sql) => sql.includes('quick_check'))).toHaveLength(0);
    await start('large.db', recording);
    expect(statements.filter((sql) => sql.includes('quick_check'))).toHaveLength(1);
  });

  it.each(['missing', 'empty'])('that is %s beside a log with content is refused, and the log is left', async (how) => {
    await rename(at('killed.db'), at('moved.db'));
    if (how === 'empty') await writeFile(at('killed.db'), '');
    const log = await readFile(at('killed.db-wal'));
    await expect(start('killed.db')).rejects.toMatchObject({
      code: 'ledger_file_missing',
      file: at('killed.db'),
      message: expect.stringContaining('killed.db-wal holds payments. Put the file that belongs to the log back'),
    });
    expect(await readFile(at('killed.db-wal'))).toEqual(log);
    await rename(at('moved.db'), at('killed.db'));
    expect((await (await start('killed.db')).list({ limit: 100 })).payments).toHaveLength(50);
  });

  it('that is missing beside an empty log is made', async () => {
    await writeFile(at('new.db-wal'), '');
    expect((await (await start('new.db')).list({})).payments).toEqual([]);
  });

  it('that can’t be there is refused with the reason', async () => {
    await mkdir(at('folder.db'));
    await expect(start('folder.db')).rejects.toMatchObject({
      code: 'ledger_file',
      message: expect.stringMatching(/no file/),
    });
    await expect(start('no/such.db')).rejects.toMatchObject({
      code: 'ledger_file',
      message: expect.stringContaining(`there is no folder ${at('no')}`),
    });
  });

  it('that finds no room is refused as such, and can be used when there is some', async () => {
    const open: Driver['open'] = (file) => {
      const database = driver.open(file);
      database.prepare('PRAGMA max_page_count = 2').all();
      return database;
    };
    await expect(start('full.db', { name: driver.name, open })).rejects.toMatchObject({
      code: 'disk_full',
      message: expect.stringContaining(at('full.db')),
    });
    expect((await (await start('full.db')).list({})).payments).toEqual([]);
  });
});
