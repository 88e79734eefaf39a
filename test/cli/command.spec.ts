import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { COMMAND, run, runProcess } from './run.js';

const execute = promisify(execFile);
const WORKSPACE = new URL('../..', import.meta.url);
const COMMANDS = [
  ...['doctor', 'reconcile', 'query', 'handlers', 'dead', 'replay', 'retire'],
  ...['sign', 'verify', 'migrations'],
];

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
    const help = await run([command, '--help']);
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('--json') });
    expect(help.stdout).toMatch(new RegExp(`^Examples:\n {2}\\$ npx nestjs-wanpay ${command}`, 'm'));
    const chinese = await run([command, '--help'], { env: { LANG: 'zh_TW.UTF-8' } });
    expect(chinese.stdout).toMatch(/^用法：[^]*^選項：[^]*^範例：[^]*^結束代碼：/m);
    // Each option is explained by a sentence of ours, and so translated.
    for (const line of chinese.stdout.split('\n')) expect(line).not.toMatch(/^ {2}-\S.* {2,}[A-Za-z’,;() -]{20,}$/);
  });

  it('breaks lines at words and colours them on a terminal, unless told otherwise', async () => {
    const narrow = await run(['doctor'], { columns: 60, env: { FORCE_COLOR: '0' }, input: '\n' });
    const lines = narrow.stdout.split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(60);
    expect(narrow.stdout).toMatch(
      /^✗ {2}configuration {2}There is no merchant number: set\n {18}WANPAY_MERCHANT_NO, or/m,
    );
    expect(narrow.stdout).toMatch(/2 things are wrong\.\n$/);
    const help = await run(['--help'], { columns: 60, env: { NO_COLOR: '1' } });
    for (const line of help.stdout.split('\n')) expect(line).toMatch(/^.{0,60}$|npx/);

    const red = '\u001B[31m✗';
    expect((await run(['doctor'], { columns: 200, input: '\n' })).stdout).toContain(red);
    expect((await run(['doctor'], { env: { FORCE_COLOR: '1' } })).stdout).toContain(red);
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
      expect((await run(['doctor'], { columns: 200, env, input: '\n' })).stdout).not.toContain('\u001B');
    }
    expect((await run(['doctor'])).stdout).not.toContain('\u001B');
  });

  it.each([
    [
      'a merchant number',
      ['query', 'A1'],
      { WANPAY_KEY: 'a-secret-key' },
      /^There is no merchant number: set WANPAY_MERCH/,
    ],
    ['a key', ['query', 'A1'], { WANPAY_MERCHANT_NO: 'M1' }, /^There is no key: set WANPAY_KEY/],
    [
      'the file of variables',
      ['query', 'A1', '-e', '/nowhere'],
      {},
      /^\/nowhere can't be read: there is no such file\.$/m,
    ],
  ])('says that %s is missing, in words of its own', async (_, args, env, words) => {
    expect(await run(args, { env })).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(words) });
  });

  it('asks nobody about what can be no order number', async () => {
    const env = { WANPAY_MERCHANT_NO: 'M1', WANPAY_KEY: 'a-secret-key', WANPAY_BASE_URL: 'http://127.0.0.1:1' };
    expect(await run(['query', 'abc-1'], { env })).toMatchObject({
      code: 2,
      stderr: 'abc-1 is no order number: it has 1 to 20 digits and upper-case letters (A to Z).\n',
    });
    expect((await run(['query', 'abc-1', '--lang', 'zh-TW'], { env })).stderr).toMatch(/^abc-1 不是訂單編號/);
  });

  it('ends its process with 2 and words of its own when the file of variables is missing', async () => {
    const { code, stderr } = await runProcess(['doctor', '--env', '/nowhere']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: "/nowhere can't be read: there is no such file.\n" });
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

  it.each([[['refund']], [['query']], [['dead', '--limit', 'x']], [['migrations', '--above', 'x']]])(
    'says so in JSON to programs, and in Chinese to its readers: %j',
    async (args) => {
      const { code, stdout, stderr } = await run([...args, '--json']);
      expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
      expect(JSON.parse(stdout)).toEqual({ error: { code: 'usage', message: expect.stringContaining('error: ') } });
      const chinese = await run(args, { env: { LANG: 'zh_TW.UTF-8' } });
      expect(chinese).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^錯誤：/) });
      expect(chinese.stderr).not.toMatch(/[a-z]+ [a-z]+ [a-z]+/);
    },
  );

  it('ends quietly when what it is piped into has read enough', async () => {
    const { stdout, stderr } = await execute('bash', ['-c', `"${process.execPath}" "${COMMAND}" migrations | head -1`]);
    expect({ stdout, stderr }).toEqual({ stdout: 'BEGIN;\n', stderr: '' });
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
