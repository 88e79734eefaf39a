import { describe, expect, it } from '@jest/globals';
import { DRIVER_NAMES, loadDriver } from './driver.js';
import { sqlite } from './sqlite.js';

describe('loadDriver', () => {
  it('takes the first that this process has', async () => {
    const each = await Promise.allSettled(DRIVER_NAMES.map((name) => loadDriver(name)));
    const first = each.find((loaded) => loaded.status === 'fulfilled');
    expect((await loadDriver()).name).toBe(first?.value.name);
  });

  it('takes the one that is wanted, or says how to get it', async () => {
    for (const name of DRIVER_NAMES) {
      const loaded = await loadDriver(name).catch((error: unknown) => error);
      const remedy = name === 'node' ? 'run Node 22.13 or newer' : `npm install ${name}`;
      expect(loaded).toMatchObject(
        loaded instanceof Error ? { code: 'driver_missing', message: expect.stringContaining(remedy) } : { name },
      );
    }
  });

  it('opens what can be written and read', async () => {
    const database = (await loadDriver()).open(':memory:');
    database.exec('CREATE TABLE t (n INTEGER, text TEXT) STRICT');
    const { changes } = database.prepare('INSERT INTO t VALUES (?, ?), (?, ?)').run(1, 'a', 9_999_999_999, null);
    expect(Number(changes)).toBe(2);
    expect(database.prepare('SELECT * FROM t').all()).toEqual([
      { n: 1, text: 'a' },
      { n: 9_999_999_999, text: null },
    ]);
    database.close();
  });
});

describe('sqlite', () => {
  it('refuses what is no file', () => {
    for (const file of ['', ':memory:']) expect(() => sqlite({ file })).toThrow('file must name a file on a disk.');
  });

  it('refuses a driver that it does not know', () => {
    const options = { file: 'x.db', driver: 'sqlite3' };
    expect(() => {
      Reflect.apply(sqlite, undefined, [options]);
    }).toThrow(/^driver must be one of node, /);
  });

  it('stays with the folder that the process started in', () => {
    expect(sqlite({ file: './wanpay.db' }).file).toBe(`${process.cwd()}/wanpay.db`);
  });
});
