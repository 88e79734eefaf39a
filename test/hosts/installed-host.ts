import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE } from './cache.js';
import { EXAMPLES, HOSTS, type HostName, SOURCES } from './hosts.js';
import type { PackedLibrary } from './packed-libraries.js';
import { run } from './run.js';

const INSTALLED = join(CACHE, 'hosts');
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
const FLAGS = ['--ignore-scripts', '--prefer-offline'];
const INSTALL = {
  npm: ['npm', 'install', ...FLAGS, '--no-audit', '--no-fund'],
  pnpm: ['npx', '--yes', 'pnpm@10', 'add', ...FLAGS],
} as const;

/**
 * Uses a host in a folder far from this project's packages, with its sources and the packed libraries as they are now.
 * What it has installed is kept for the next time. Nobody else uses the folder meanwhile: whoever takes it renames it.
 */
export async function withInstalledHost<Result>(
  host: HostName,
  libraries: readonly PackedLibrary[],
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const kept = join(INSTALLED, `${host}-${await fingerprint(host, libraries)}`);
  const folder = (await take(kept)) ?? (await install(host, libraries, `${kept}.${process.pid}`));
  try {
    for (const library of libraries) await replace(library, folder);
    await layOut(host, folder);
    return await use(folder);
  } finally {
    // Another process may have given back one like it.
    await rename(folder, kept).catch(() => rm(folder, { recursive: true, force: true }));
  }
}

/** Changes with whatever decides what is installed. A library's code does not. */
async function fingerprint(host: HostName, libraries: readonly PackedLibrary[]): Promise<string> {
  const hash = createHash('sha256').update(INSTALL[HOSTS[host].packageManager].join(' '));
  for (const name of ['package.json', '.npmrc']) {
    hash.update(await readFile(join(SOURCES, host, name), 'utf8').catch(() => ''));
  }
  for (const { requirements } of libraries) hash.update(requirements);
  return hash.digest('hex').slice(0, 12);
}

/** Takes the folder that is kept, or one whose process ended before it could give it back. */
async function take(kept: string): Promise<string | undefined> {
  await mkdir(INSTALLED, { recursive: true });
  for (const name of await readdir(INSTALLED)) {
    const found = join(INSTALLED, name);
    const isIdle = found === kept || (found.startsWith(`${kept}.`) && !isRunning(found.slice(kept.length + 1)));
    const taken = `${kept}.${process.pid}`;
    if (
      isIdle &&
      (await rename(found, taken).then(
        () => true,
        () => false,
      ))
    )
      return taken;
  }
  return undefined;
}

function isRunning(pid: string): boolean {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

async function install(host: HostName, libraries: readonly PackedLibrary[], folder: string): Promise<string> {
  await removeOld();
  const unfinished = await mkdtemp(join(CACHE, 'installing-'));
  try {
    for (const { name, tarball } of libraries) await cp(tarball, join(unfinished, 'packed', `${name}.tgz`));
    await layOut(host, unfinished);
    const tarballs = libraries.map(({ name }) => `./packed/${name}.tgz`);
    await run([...INSTALL[HOSTS[host].packageManager], ...tarballs], { cwd: unfinished });
    await rename(unfinished, folder);
    return folder;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Removes what no run has used for a week. */
async function removeOld(): Promise<void> {
  for (const name of await readdir(INSTALLED)) {
    const folder = join(INSTALLED, name);
    const used = (await stat(folder).catch(() => undefined))?.mtimeMs;
    if (used !== undefined && used < Date.now() - WEEK_MS) await rm(folder, { recursive: true, force: true });
  }
}

/** Puts the library in the place of the one that was installed, beside whatever that brought along. */
async function replace({ name, tarball }: PackedLibrary, folder: string): Promise<void> {
  const place = await realpath(join(folder, 'node_modules', name));
  await empty(place, ['node_modules']);
  await run(['tar', '-xzf', tarball, '-C', place, '--strip-components=1'], { cwd: folder });
}

/** Puts the host's sources into the folder, in the place of all but what it has installed. */
async function layOut(host: HostName, folder: string): Promise<void> {
  await empty(folder, ['node_modules', 'packed', 'package.json', 'package-lock.json', 'pnpm-lock.yaml']);
  const { copies, into, example } = HOSTS[host];
  // What is there stays: the manifest as it was installed, and the host's own form of what it shares.
  const options = { recursive: true, force: false };
  await cp(join(SOURCES, host), folder, options);
  for (const shared of copies) await cp(join(SOURCES, 'shared', shared), join(folder, into), options);
  // Somebody may have installed and built it where it is.
  const filter = (path: string): boolean => !/[\\/](node_modules|dist|generated)$/.test(path);
  if (example !== undefined) await cp(join(EXAMPLES, example), join(folder, 'example'), { ...options, filter });
}

async function empty(folder: string, but: readonly string[]): Promise<void> {
  const names = (await readdir(folder)).filter((name) => !but.includes(name));
  await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true })));
}
