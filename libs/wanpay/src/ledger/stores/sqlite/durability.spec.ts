import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Claimed } from '../../deliveries.js';
import { Ledger } from '../../ledger.js';
import type { Connection } from './connection.js';
import { loadDriver } from './driver.js';
import { openLedgerFile } from './ledger-file.js';
import { SqliteStore } from './sqlite-store.js';

/** A process of a host, on the package as it is built (`npm run build`); `ledger`, `store` and `say` are there for it. */
const HOST = `
  import { writeSync } from 'node:fs';
  import { Ledger } from 'nestjs-wanpay/ledger';
  import { sqlite } from 'nestjs-wanpay/sqlite';
  const store = sqlite({ file: process.argv[1], graceMs: 0 });
  const ledger = new Ledger(store);
  const subscriptions = ['atm.paid', 'atm.unknown_order'].map((type) => ({ handler: 'Shipping.ship', type }));
  const say = (text) => writeSync(1, text);
  const now = new Date('2026-03-01T04:00:00.000Z');
  const report = (orderNo) => ({ merchantNo: '21008024', orderNo, livemode: false, source: 'notification', now,
    outcome: { status: 'paid', code: '0000', reportedAmount: '1280' } });
`;
const KEY = { merchantNo: '21008024', orderNo: 'A1' };

describe('a ledger of a process of its own', () => {
  let folder: string;
  let ledger: Ledger;
  const children: ChildProcess[] = [];

  function claim(): Promise<Claimed> {
    const subscriptions = (['atm.paid', 'atm.unknown_order'] as const).map((type) => ({
      handler: 'Shipping.ship',
      type,
    }));
    return ledger.deliveries.claim({ subscriptions, now: new Date(), leaseUntil: new Date(), limit: 10 });
  }

  function run(program: string): { child: ChildProcess; said: Promise<string>; signal: Promise<unknown> } {
    const args = ['--no-warnings', '--input-type=module', '-e', HOST + program, join(folder, 'wanpay.db')];
    const child = spawn(process.execPath, args, {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      env: { PATH: process.env.PATH },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    const said = new Promise<string>((resolve) => {
      let text = '';
      child.stdout.on('data', (chunk) => {
        text += String(chunk);
        if (text.endsWith('\n')) resolve(text.trim());
      });
      child.stdout.on('end', () => {
        resolve(text.trim());
      });
    });
    return { child, said, signal: once(child, 'exit').then(([, signal]: unknown[]) => signal) };
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanpay-sqlite-'));
    const open = async (file: string): Promise<Connection> => openLedgerFile(await loadDriver(), file);
    ledger = new Ledger(new SqliteStore(join(folder, 'wanpay.db'), open, 0));
  });

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await ledger.stop();
    await rm(folder, { recursive: true });
  });

  it('has what it acknowledged when the process was killed right after, and lets the next one in', async () => {
    const { said, signal } = run(`
      await ledger.start();
      await store.subscribe({ add: subscriptions, now });
      await ledger.open({ merchantNo: '21008024', orderNo: 'A1', amount: 1280, livemode: false, state: 'opening',
        createdAt: now, updatedAt: now });
      await ledger.issue({ merchantNo: '21008024', orderNo: 'A1' }, { number: '46710722851832', bankCode: '013',
        bankName: '', branchCode: '', branchName: '', holder: '', expiresAt: new Date('2026-03-04T15:59:59Z') }, now);
      await Promise.all(['A1', 'U1', 'U2'].map(async (orderNo) => {
        const { events } = await ledger.settle(report(orderNo));
        say(events.map(({ id }) => id) + ' ');
      }));
      process.kill(process.pid, 'SIGKILL');
    `);
    expect(await signal).toBe('SIGKILL');
    await ledger.start();
    expect(await ledger.find(KEY)).toMatchObject({ state: 'paid' });
    const { deliveries } = await claim();
    expect(deliveries.map(({ event }) => event.id).sort()).toEqual((await said).split(' ').sort());
    expect(deliveries).toHaveLength(3);
  });

  it('counts an attempt that the process did not live to record', async () => {
    const { signal } = run(`
      await ledger.start();
      await store.subscribe({ add: subscriptions, now });
      await ledger.settle(report('U1'));
      await store.claimDeliveries({ subscriptions, now, leaseUntil: new Date(now.getTime() + 60_000), limit: 10 });
      process.kill(process.pid, 'SIGKILL');
    `);
    expect(await signal).toBe('SIGKILL');
    await ledger.start();
    expect((await claim()).deliveries).toMatchObject([{ attempt: 2 }]);
  });

  it('is refused while this process has the file, in words that name it', async () => {
    await ledger.start();
    const { said } = run(`say(await ledger.start().catch(({ code, message }) => code + ': ' + message) + '\\n')`);
    expect(await said).toMatch(/^ledger_in_use: .*wanpay\.db is in use by another process/);
    await ledger.settle({
      ...KEY,
      livemode: false,
      source: 'query',
      now: new Date(),
      outcome: { status: 'failed', code: '5805' },
    });
  });

  it('keeps this process out until it is killed', async () => {
    const { child, said, signal } = run(`
      await ledger.start();
      say('started\\n');
      process.stdin.resume();
    `);
    expect(await said).toBe('started');
    await expect(ledger.start()).rejects.toMatchObject({ code: 'ledger_in_use' });
    child.kill('SIGKILL');
    await signal;
    await ledger.start();
    expect(await ledger.list({})).toEqual({ payments: [] });
  });

  it.each([
    ['its folder', { folder: 0o555, file: 0o666 }, /^ledger_file: .*its folder .* is read-only for this process/],
    ['its file', { folder: 0o777, file: 0o444 }, /^ledger_file: .*it is read-only for this process/],
  ])('is refused when %s is read-only', async (_, modes, refusal) => {
    await writeFile(join(folder, 'wanpay.db'), '');
    await chmod(join(folder, 'wanpay.db'), modes.file);
    await chmod(folder, modes.folder);
    const { said } = run(`
      // To the superuser nothing is read-only. The driver is loaded while its files can be read.
      await sqlite({ file: process.argv[1] + '/no', graceMs: 0 }).start().catch(() => undefined);
      if (process.getuid() === 0) process.setuid(65534);
      say(await ledger.start().catch(({ code, message }) => code + ': ' + message) + '\\n');
    `);
    expect(await said).toMatch(refusal);
    await chmod(folder, 0o777);
  });
});
