import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HERE = import.meta.dirname;
const LIBRARY = join(HERE, '../../libs/wanpay');
const INSTALL = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock'];
/** What each host prints: the account, the answer to the notification, what the handler got, and the state. */
const EXPECTED_LINE = '013-46710722851832 success ORDER1 paid true 1';
/** What each host does with the library, in this order. */
const STEPS = ['install', 'build', 'start', 'test'] as const;

export type Step = (typeof STEPS)[number];

/** What became of a host: the line that its program printed, or the step that failed and what it said. */
export interface HostResult {
  readonly host: string;
  readonly seconds: Readonly<Partial<Record<Step, number>>>;
  readonly line?: string;
  readonly failure?: { readonly step: Step; readonly output: string };
}

/** The hosts there are. */
export async function hostNames(): Promise<readonly string[]> {
  const entries = await readdir(HERE, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && entry.name !== 'shared').map(({ name }) => name);
}

/** Packs the library that was built, once for all hosts. */
export async function withPackedLibrary<Result>(use: (tarball: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'wanpay-hosts-'));
  try {
    const { stdout } = await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
      cwd: LIBRARY,
    });
    return await use(join(folder, stdout.trim()));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Installs, compiles, starts and tests one host, in a folder of its own far from this project's packages. */
export async function tryHost(host: string, tarball: string): Promise<HostResult> {
  const folder = await mkdtemp(join(tmpdir(), `wanpay-${host}-`));
  const seconds: Partial<Record<Step, number>> = {};
  let line = '';
  try {
    await cp(join(HERE, host), folder, { recursive: true });
    await cp(join(HERE, 'shared'), join(folder, 'src'), { recursive: true });
    for (const step of STEPS) {
      const from = performance.now();
      const args = step === 'install' ? [...INSTALL, tarball] : ['run', '--silent', step];
      try {
        const { stdout } = await run('npm', args, { cwd: folder, env: environment() });
        if (step === 'start') line = stdout.trim();
        if (step === 'start' && line !== EXPECTED_LINE) return { host, seconds, failure: { step, output: stdout } };
      } catch (error) {
        return { host, seconds, failure: { step, output: outputOf(error) } };
      }
      seconds[step] = (performance.now() - from) / 1000;
    }
    return { host, seconds, line };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Without what this project's own test run has set, such as Node's flags for Jest. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_ENV: _env, JEST_WORKER_ID: _worker, ...rest } = process.env;
  return rest;
}

function outputOf(error: unknown): string {
  const parts = typeof error === 'object' && error !== null ? error : {};
  return ['stdout', 'stderr'].map((name) => String(Reflect.get(parts, name) ?? '')).join('\n');
}
