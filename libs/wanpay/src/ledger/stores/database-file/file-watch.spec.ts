import { copyFileSync, renameSync, rmSync, symlinkSync, truncateSync, unlinkSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Ledger } from '../../ledger.js';
import type { PaymentKey } from '../../payment.js';
import { installedDrivers, watchedDriver } from '../drivers.fixture.js';
import type { Connection } from '../sqlite/connection.js';
import type { SqliteDatabase } from '../sqlite/driver.js';
import { openLedgerFile } from '../sqlite/ledger-file.js';
import { SqliteStore } from '../sqlite/sqlite-store.js';

const NOW = new Date('2026-03-01T04:00:00.000Z');
const LOST = { code: 'ledger_file_lost' };

describe.each(installedDrivers)('a ledger’s files, through $name,', (driver) => {
  let folder: string;
  let file: string;
  let log: string;
  let ledger: Ledger;
  let store: SqliteStore;
  let logged: string[];
  /** Called before each statement that is run. */
  let onStatement: (sql: string) => void;

  async function start(path = file): Promise<void> {
    const open = (opened: string): Promise<Connection> =>
      Promise.resolve(
        openLedgerFile(
          watchedDriver(driver, {
            run: (sql, how) => {
              if (how === 'run') onStatement(sql);
            },
          }),
          opened,
        ),
      );
    store = new SqliteStore(path, open, 0);
    ledger = new Ledger(store);
    await ledger.start();
  }

  async function record(...orders: readonly string[]): Promise<void> {
    for (const orderNo of orders) {
      const opened = { ...key(orderNo), amount: 1280, livemode: false, state: 'opening' } as const;
      await ledger.open({ ...opened, createdAt: NOW, updatedAt: NOW });
    }
  }

  /** What a process finds that starts on a copy of the files as they are. */
  async function foundIn(...copied: readonly string[]): Promise<readonly string[]> {
    const copy = join(folder, 'copy.db');
    for (const suffix of copied) copyFileSync(`${file}${suffix}`, `${copy}${suffix}`);
    const other = new Ledger(new SqliteStore(copy, (path) => Promise.resolve(openLedgerFile(driver, path)), 0));
    await other.start();
    const { payments } = await other.list({});
    await other.stop();
    return payments.map(({ orderNo }) => orderNo).sort();
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanpay-watch-'));
    file = join(folder, 'wanpay.db');
    log = `${file}-wal`;
    onStatement = () => undefined;
    logged = [];
    jest.spyOn(Logger.prototype, 'error').mockImplementation((line: unknown) => logged.push(String(line)));
    await start();
    await record('A1');
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await store.stop();
    await rm(folder, { recursive: true });
  });

  const losses: readonly (readonly [string, (path: string) => void])[] = [
    ['deleted', unlinkSync],
    [
      'moved',
      (path) => {
        renameSync(path, `${path}.moved`);
      },
    ],
    [
      'replaced',
      (path) => {
        copyFileSync(path, `${path}.new`);
        renameSync(`${path}.new`, path);
      },
    ],
    [
      'emptied',
      (path) => {
        truncateSync(path);
      },
    ],
    [
      'cut short',
      (path) => {
        truncateSync(path, 4096);
      },
    ],
  ];

  it.each(losses)('refuse every write once the log was %s', async (_, lose) => {
    lose(log);
    await expect(record('A2')).rejects.toMatchObject({ ...LOST, file: log });
    await expect(ledger.deliveries.subscribe([], NOW, NOW)).rejects.toMatchObject(LOST);
    await expect(store.withDatabase(() => 1)).rejects.toMatchObject(LOST);
  });

  it('can still be read once the log was deleted', async () => {
    unlinkSync(log);
    await expect(record('A2')).rejects.toMatchObject(LOST);
    expect(await ledger.find(key('A1'))).toBeDefined();
    expect(await ledger.find(key('A2'))).toBeUndefined();
  });

  it.each(losses)('refuse every write once the file was %s', async (_, lose) => {
    await checkpoint();
    await record('A2');
    lose(file);
    await expect(record('A3')).rejects.toMatchObject({ ...LOST, file });
    await expect(record('A4')).rejects.toMatchObject({ ...LOST, file });
  });

  /** By a handle that a host has kept. */
  async function checkpoint(sql = 'PRAGMA wal_checkpoint(PASSIVE)'): Promise<void> {
    const kept: SqliteDatabase[] = [];
    await store.withDatabase((database) => kept.push(database));
    kept[0]?.exec(sql);
  }

  it('acknowledge nothing when the log goes while a transaction is written', async () => {
    onStatement = (sql) => {
      if (sql === 'COMMIT') rmSync(log, { force: true });
    };
    await expect(record('A2')).rejects.toMatchObject(LOST);
  });

  it('roll back what would be committed to a log that is gone', async () => {
    onStatement = (sql) => {
      if (sql.startsWith('INSERT')) rmSync(log, { force: true });
    };
    await expect(record('A2')).rejects.toMatchObject(LOST);
    expect(await ledger.find(key('A2'))).toBeUndefined();
  });

  it.each([0, 1])(
    'are looked at within a second, whether or not something is written, with one line logged (%d writes)',
    async (writes) => {
      unlinkSync(log);
      const gone = performance.now();
      for (let i = 0; i < writes; i += 1) await expect(record('A2')).rejects.toMatchObject(LOST);
      while (logged.length === 0) await nextTurn();
      expect(performance.now() - gone).toBeLessThan(1000);
      await expect(record('A3')).rejects.toMatchObject(LOST);
      expect(logged).toEqual([expect.stringContaining(`${log} was deleted or moved by something else`)]);
      expect(logged[0]).toContain('safe in the file');
      expect(await foundIn('')).toEqual(['A1']);
    },
  );

  it('are not called safe when the file went with its log, or the log was cut short', async () => {
    rmSync(file);
    rmSync(log);
    while (logged.length === 0) await nextTurn();
    await store.stop();
    await start();
    await record('A1');
    truncateSync(log);
    while (logged.length === 1) await nextTurn();
    expect(logged).toEqual([expect.stringContaining('may be lost'), expect.stringContaining('may be lost')]);
  });

  it('are whole after a stop, though the log was deleted', async () => {
    unlinkSync(log);
    await store.stop();
    expect(await foundIn('')).toEqual(['A1']);
  });

  it('may be vacuumed by the host', async () => {
    await store.withDatabase((database) => {
      database.exec(`CREATE TABLE big (content BLOB) STRICT; INSERT INTO big VALUES (zeroblob(1000000))`);
    });
    await checkpoint();
    await store.withDatabase((database) => database.exec('DROP TABLE big'));
    const { size } = await stat(file);
    await checkpoint('VACUUM');
    await checkpoint();
    expect((await stat(file)).size).toBeLessThan(size);
    await record('A2');
    expect(await ledger.find(key('A2'))).toBeDefined();
  });

  it('are written on when the log begins again from its front', async () => {
    const { size } = await stat(log);
    await checkpoint();
    await record('A2');
    await checkpoint();
    for (let i = 0; i < 20; i += 1) await record(`B${i}`);
    expect((await stat(log)).size).toBeGreaterThanOrEqual(size);
    expect(await ledger.find(key('B19'))).toBeDefined();
  });

  it('are found behind a link, with the log beside the file itself', async () => {
    await store.stop();
    await mkdir(join(folder, 'disk'));
    renameSync(file, join(folder, 'disk', 'payments.db'));
    symlinkSync(join('disk', 'payments.db'), file);
    await start();
    await record('A2');
    unlinkSync(join(folder, 'disk', 'payments.db-wal'));
    await expect(record('A3')).rejects.toMatchObject(LOST);
  });
});

function key(orderNo: string): PaymentKey {
  return { merchantNo: '21008024', orderNo };
}
