import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { signNotification } from 'nestjs-wanpay/protocol';
import { afterTest } from '../e2e/after-test.js';
import { run, runProcess } from './run.js';

/** The protocol's own vector (2.3). */
const KEY = 'n12bQ9Ew1_2342X4rEcO';
const SIGNATURE = 'CF949AE048C0C3B23D5FADFE9495B319';
const FIELDS = {
  body: 'good',
  nonce_str: '71669965',
  orgno: '1265',
  secondtimestamp: '1489215551',
  t0t1: 'T1',
  total_fee: '8888',
};
const WORDS = Object.entries(FIELDS).map(([name, value]) => `${name}=${value}`);
const env = { WANPAY_KEY: KEY };

function form(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString();
}

describe('sign', () => {
  it.each([
    ['arguments', WORDS, ''],
    ['a form', [], `${form(FIELDS)}\n`],
    ['JSON', [], JSON.stringify({ ...FIELDS, total_fee: 8888, remark: null })],
  ])('signs the protocol’s own vector, given as %s', async (_, words, input) => {
    const { code, stdout } = await run(['sign', '--json', ...words], { env, input });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ signed: `${WORDS.join('&')}&key=<key>`, sign: SIGNATURE });
    expect((await run(['sign', ...words], { env, input })).stdout).toContain(SIGNATURE);
  });

  it('reads what is piped into its process', async () => {
    const { code, stdout, stderr } = await runProcess(['sign', '--json'], { env, input: `${form(FIELDS)}\n` });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ signed: `${WORDS.join('&')}&key=<key>`, sign: SIGNATURE });
  });

  it('reads the key from a file of variables, which yields to the environment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wanpay-sign-'));
    afterTest(() => rm(folder, { recursive: true }));
    const file = join(folder, '.env');
    // As an editor on Windows writes it: with a byte order mark and carriage returns.
    await writeFile(file, `\uFEFFWANPAY_KEYS="${KEY},older"\r\nOTHER=1\r\n`);
    const signed = await run(['sign', '--env-file', file, ...WORDS]);
    expect(signed.stdout).toContain(SIGNATURE);
    expect(signed.stdout).not.toContain(KEY);
    const other = await run(['sign', '--env-file', file, ...WORDS], { env: { WANPAY_KEYS: 'another' } });
    expect(other).toMatchObject({ code: 0, stdout: expect.not.stringContaining(SIGNATURE) });
  });

  it('asks a person for the key, and does not show it', async () => {
    const { code, stdout, stderr } = await run(['sign', ...WORDS], { columns: 500, input: `${KEY}\n` });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^The merchant’s key \(it is not shown\): \n[^\w]*K?$/),
    });
    expect(stdout).toContain(SIGNATURE);
    expect(stdout).not.toContain(KEY);
    const none = await run(['sign', ...WORDS], { columns: 500, env: { LANG: 'zh_TW.UTF-8' } });
    expect(none).toMatchObject({ code: 2, stderr: expect.stringMatching(/^商戶金鑰（不會顯示）：[^]*沒有金鑰/) });
  });

  it.each([
    ['no key', ['sign', ...WORDS], {}, ''],
    ['no message', ['sign'], env, ' '],
    ['a word that is no field', ['sign', 'body'], env, ''],
    ['a field twice', ['sign', 'a=1', 'a=2'], env, ''],
    ['JSON that is none', ['sign'], env, '{'],
    ['a file that is not there', ['sign', '--file', '/nowhere'], env, ''],
    ['variables that are not there', ['sign', '-e', '/nowhere', 'a=1'], {}, ''],
  ])('refuses %s', async (_, args, given, input) => {
    const { code, stdout, stderr } = await run(args, { env: given, input });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).not.toBe('');
    const json = await run([...args, '--json'], { env: given, input });
    expect(json).toMatchObject({ code: 2, stderr: '' });
    expect(JSON.parse(json.stdout)).toEqual({ error: { code: 'usage', message: stderr.trim() } });
  });
});

describe('verify', () => {
  it('holds, and says under which key', async () => {
    const { code, stdout } = await run(['verify'], { env, input: form({ ...FIELDS, sign: SIGNATURE }) });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✓ The signature holds/);
    const keys = { WANPAY_KEYS: `newest,${KEY}` };
    const rotated = await run(['verify', '--json'], {
      env: keys,
      input: JSON.stringify({ ...FIELDS, sign: SIGNATURE }),
    });
    expect(JSON.parse(rotated.stdout)).toMatchObject({ holds: true, key: 2 });
  });

  it('reads a notification, and says whether it is fresh', async () => {
    const paid = { orgno: '1265', out_trade_no: 'A1', status: '0000', total_fee: '50.00' };
    const fresh = await run(['verify'], { env, input: form(signNotification(paid, KEY)) });
    expect(fresh.stdout).toMatch(/order A1 of merchant 1265 is paid \(0000\)[^]*✓ And its timestamp/);
    const stale = signNotification({ ...paid, secondtimestamp: '1489215551' }, KEY);
    const { code, stdout } = await run(['verify'], { env, input: form(stale) });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^! But its timestamp is 2017-03-11 14:59:11 \(Taipei\)/m);
  });

  it.each([
    ['lower_case', { ...FIELDS, sign: SIGNATURE.toLowerCase() }],
    ['field_added', { ...FIELDS, sign: SIGNATURE, added: '1' }],
    ['key_or_content', { ...FIELDS, sign: SIGNATURE, body: 'bad' }],
    ['unsigned', FIELDS],
    ['malformed_message', { ...FIELDS, sign: SIGNATURE, body: 'good&orgno=1' }],
  ])('says why not: %s', async (cause, fields) => {
    const { code, stdout } = await run(['verify', '--json'], { env, input: form(fields) });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ holds: false, cause: { code: cause } });
    const words = await run(['verify'], { env, input: form(fields) });
    expect(words.stdout).toMatch(/^✗ /);
    expect(words.stdout).not.toMatch(/[0-9a-f]{32}/i);
  });

  it('says that the message is another merchant’s', async () => {
    const given = { WANPAY_KEY: 'another', WANPAY_MERCHANT_NO: 'M1' };
    const { stdout } = await run(['verify'], { env: given, input: form({ ...FIELDS, sign: SIGNATURE }) });
    expect(stdout).toContain('It is of merchant 1265, and the key is that of M1.');
  });
});
