import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { run, runProcess } from './run.js';

const execute = promisify(execFile);
const WORKSPACE = new URL('../..', import.meta.url);
const COMMANDS = ['doctor', 'reconcile', 'query', 'handlers', 'retire', 'sign', 'verify', 'migrations'];

/** Prints the address of each module that is loaded. */
const TELL_LOADED = `
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(
    'export async function load(url, context, next) { process._rawDebug(url); return next(url, context); }',
  ));
`;

describe('the command', () => {
  it('explains itself', async () => {
    const help = await run(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const command of COMMANDS) expect(help.stdout).toMatch(new RegExp(`^ +${command} `, 'm'));
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each(COMMANDS)('explains %s, which has --json', async (command) => {
    expect(await run([command, '--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--json') });
  });

  it.each([
    ['nothing', []],
    ['what there is not', ['refund']],
    ['an option that there is not', ['sign', '--key', 'secret', 'a=1']],
    ['no order', ['query']],
    ['no merchant', ['query', 'A1']],
    ['no ledger', ['reconcile']],
    ['two ledgers', ['reconcile', '--sqlite', 'a.db', '--postgres', 'postgresql://x']],
    ['a day that does not exist', ['reconcile', '--from', '2026-02-30']],
    ['a schema that is no identifier', ['migrations', '--schema', 'a"b']],
    ['a rate of none', ['reconcile', '--rate', '0']],
    ['a version that is no number', ['migrations', '--above', 'x']],
  ])('ends with 2 when asked for %s', async (_, args) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).not.toBe('');
  });

  it('hands its exit code to the shell, and what it says to the right stream', async () => {
    const ran = await runProcess(['reconcile']);
    expect(ran).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining('Which ledger?') });
    expect(await run(['reconcile'])).toEqual(ran);
  });

  it('ends with 2 for a period that ends before it begins', async () => {
    const args = [
      'reconcile',
      '--from',
      '2026-02-02',
      '--to',
      '2026-02-01',
      '--postgres',
      'postgresql://127.0.0.1:1/x',
    ];
    const env = { WANPAY_MERCHANT_NO: 'M1', WANPAY_KEY: 'a-secret-key' };
    expect(await run(args, { env })).toMatchObject({ code: 2, stderr: '--from must be before --to.\n' });
  });

  /** What was given in secret is looked for by `run`. */
  it('prints no password of a proxy or a database, nor what was mistyped with one', async () => {
    const database = 'postgresql://wanpay:planted-password@127.0.0.1:1/shop';
    const env = {
      WANPAY_MERCHANT_NO: 'M1',
      WANPAY_KEY: 'planted-key',
      WANPAY_BASE_URL: 'http://127.0.0.1:1',
      WANPAY_PROXY: 'http://user:planted-proxy-password@127.0.0.1:1',
      WANPAY_DATABASE_URL: database,
    };
    for (const args of [['doctor'], ['doctor', '--json'], ['query', 'A1'], ['handlers'], ['reconcile', '--json']]) {
      expect(await run(args, { env })).toMatchObject({ code: 1 });
    }
    const { code, stderr } = await run(['doctor', `--postgress=${database}`], { env });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("unknown option '--postgress=postgresql://…@127.0.0.1:1/shop'"),
    });
  });

  it('is there as npx nestjs-wanpay', async () => {
    const { stdout } = await execute('npx', ['--no', '--', 'nestjs-wanpay', '--version'], { cwd: WORKSPACE });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('is not loaded by who imports the module', async () => {
    const args = ['--import', `data:text/javascript,${encodeURIComponent(TELL_LOADED)}`, '--input-type=module'];
    const { stderr } = await execute(process.execPath, [...args, '-e', "import 'nestjs-wanpay'"], { cwd: WORKSPACE });
    expect(stderr).toContain('/libs/wanpay/dist/index.js');
    expect(stderr).not.toMatch(/dist\/cli\/|commander|cli-table3/);
  });
});

describe('migrations', () => {
  it('prints what psql runs, and what follows a version', async () => {
    const { stdout } = await run(['migrations', '--schema', 'pay', '--json']);
    const migrations: unknown = JSON.parse(stdout);
    expect(migrations).toContainEqual({
      version: 1,
      sql: expect.stringContaining('CREATE SCHEMA IF NOT EXISTS "pay"'),
    });
    expect((await run(['migrations', '--above', '0'])).stdout).toMatch(/^BEGIN;/);
    expect((await run(['migrations', '--above', '1'])).stdout).not.toContain('CREATE SCHEMA');
    expect(await run(['migrations', '--above', '9999', '--json'])).toMatchObject({ code: 0, stdout: '[]\n' });
  });
});
