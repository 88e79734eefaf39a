import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * `npm run test:quick`: the specs that reach what changed since main. Left out are the suites that take long by what they are,
 * and, unless their own folder changed, the specs that start a database or a queue: nearly every change near the ground
 * reaches them, and the specs beside the changed code tell sooner. `npm test` runs them all.
 */
const ROOT = join(import.meta.dirname, '../..');

const LONG = ['browser', 'crash', 'cluster', 'bench', 'readme', 'fuzz', 'host', 'transactions'];
const WITH_SERVERS = [
  'libs/wanpay/src/bullmq/',
  'libs/wanpay/src/ledger/stores/mysql/',
  'libs/wanpay/src/ledger/stores/postgres/',
  'test/ledger/',
];

const base = hasRemoteMain() ? 'origin/main' : 'main';
const changed = [
  ...git('diff', '--name-only', '--merge-base', base),
  ...git('ls-files', '--others', '--exclude-standard'),
];
const untouched = WITH_SERVERS.filter((folder) => !changed.some((path) => path.startsWith(folder)));

const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    join(ROOT, 'node_modules/jest/bin/jest.js'),
    `--changedSince=${base}`,
    ...['--testPathIgnorePatterns', '/node_modules/', '/test/hosts/[^/]+/'],
    ...[...LONG.map((suite) => `/test/${suite}/`), ...untouched],
    '--passWithNoTests',
  ],
  { cwd: ROOT, stdio: 'inherit' },
);
process.exitCode = status ?? 1;

function hasRemoteMain(): boolean {
  const { status: found } = spawnSync('git', ['rev-parse', '--verify', '--quiet', 'origin/main'], { cwd: ROOT });
  return found === 0;
}

function git(...args: readonly string[]): string[] {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\n').filter(Boolean);
}
