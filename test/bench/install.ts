import { execFile } from 'node:child_process';
import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Bench } from './plan.js';
import { told } from './row.js';

const run = promisify(execFile);
const LIBRARY = dirname(fileURLToPath(import.meta.resolve('nestjs-wanpay/package.json')));
const INSTALL = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock'];
/** What a Nest application with axios has already. */
const HOST = ['@nestjs/common', '@nestjs/core', '@nestjs/platform-express', 'axios', 'reflect-metadata', 'rxjs'];
const MEGABYTE = 1e6;

/** What the module adds to the folder of a Nest application that has axios. */
export const install: Bench = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wanpay-install-'));
  try {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: await versions() }));
    await run('npm', INSTALL, { cwd: folder });
    const before = await sizeOf(join(folder, 'node_modules'));
    const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: LIBRARY });
    await run('npm', [...INSTALL, join(folder, stdout.trim())], { cwd: folder });
    const after = await sizeOf(join(folder, 'node_modules'));
    const own = await sizeOf(join(folder, 'node_modules', 'nestjs-wanpay'));
    const added = [...after.packages].filter((name) => !before.packages.has(name));
    return {
      rows: [
        told('installed size that nestjs-wanpay adds, peers included', 'MB', [(after.bytes - before.bytes) / MEGABYTE]),
        told('– of that, nestjs-wanpay itself', 'MB', [own.bytes / MEGABYTE]),
        told('packages that nestjs-wanpay adds, itself and peers included', 'packages', [added.length]),
      ],
      notes: [{ title: 'Packages that nestjs-wanpay adds', lines: added.sort() }],
    };
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** The very versions that are installed here. */
async function versions(): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries(await Promise.all(HOST.map(async (name) => [name, await versionOf(name)] as const)));
}

async function versionOf(name: string): Promise<string> {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const path of paths) {
    const text = await readFile(join(path, name, 'package.json'), 'utf8').catch(() => undefined);
    if (text !== undefined) return readVersion(JSON.parse(text));
  }
  throw new Error(`${name} is not installed here.`);
}

function readVersion(manifest: unknown): string {
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  throw new TypeError('A package has no version.');
}

interface Folder {
  readonly bytes: number;
  /** Where the packages in it are. */
  readonly packages: ReadonlySet<string>;
}

async function sizeOf(folder: string): Promise<Folder> {
  const packages = new Set<string>();
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile()) continue;
    bytes += (await lstat(path)).size;
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(path)?.[1];
    if (name !== undefined) packages.add(name);
  }
  return { bytes, packages };
}
