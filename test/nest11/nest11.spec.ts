import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../processes/ports.js';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
/** Below this folder's node_modules, so that the packed libraries find Nest 11 there, as they would in a host's. */
const host = join(here, 'host');
const JEST = [join(root, 'node_modules/jest/bin/jest.js'), '--config={"testMatch":["**/*.test.cjs"]}', '--rootDir=.'];

beforeAll(async () => {
  await rm(host, { recursive: true, force: true });
  await mkdir(host);
  await install('wanpay', 'wanpay-desk', 'wanpay-emulator');
  const files = (await readdir(here)).filter((file) => /\.[cm]js$/.test(file));
  await Promise.all(files.map((file) => copyFile(join(here, file), join(host, file))));
});

afterAll(() => rm(host, { recursive: true, force: true }));

describe('as packed for npm, on Nest 11 in one process, the module, its desk and the emulator work', () => {
  it.each([
    ['required by a CommonJS host', ['host.cjs']],
    ['imported by a host in ES modules', ['host.mjs']],
    ['required by a test in Jest, as CommonJS projects have it', JEST],
  ])('%s', async (_, args) => {
    const env = { PATH: process.env.PATH, NO_COLOR: '1', PORT: String(await freePort()) };
    const { stdout } = await run(process.execPath, args, { cwd: host, env });
    expect(JSON.parse(stdout)).toEqual({
      nest: '11',
      createdAt: '2030-01-05T04:00:00.000Z',
      paid: ['FORM', 'MULTIPART'],
      answer: 'success',
      path: '/api/payments/wanpay/notifications',
      foreignValidations: [],
      desk: { page: 200, isShown: true, file: 200, note: 303, statement: 303, forged: 403 },
    });
  });
});

/** Installs libraries that were built, without the packages that they depend on: those are the project's. */
async function install(...libraries: readonly string[]): Promise<void> {
  const workspaces = libraries.map((library) => `--workspace=libs/${library}`);
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', host, ...workspaces];
  const { stdout } = await run('npm', args, { cwd: root });
  await Promise.all(stdout.trim().split('\n').map(unpack));
}

async function unpack(archive: string): Promise<void> {
  const library = archive.replace(/-\d.*$/, '');
  const installed = join(host, 'node_modules', library);
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', join(host, archive), '-C', installed, '--strip-components=1']);
}
