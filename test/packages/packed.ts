import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A library as npm would publish it. */
export interface Packed {
  readonly tarball: Uint8Array<ArrayBuffer>;
  /** Its files' texts, by their paths below the package's folder. */
  readonly files: ReadonlyMap<string, string>;
}

/** The libraries, as they were built, by the names of their packages. One run of npm packs all: its start takes a second. */
export async function packAll(libraries: readonly string[]): Promise<ReadonlyMap<string, Packed>> {
  const folder = await mkdtemp(join(tmpdir(), 'wanpay-packed-'));
  try {
    await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder, ...libraries]);
    const names = await readdir(folder);
    return new Map(await Promise.all(names.map((name) => unpack(folder, name))));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function unpack(folder: string, name: string): Promise<readonly [name: string, packed: Packed]> {
  const root = join(folder, name.replace(/-\d[^-]*\.tgz$/, ''));
  await mkdir(root);
  await run('tar', ['-xzf', join(folder, name), '-C', root, '--strip-components', '1']);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = paths.map(async (path) => [path.slice(root.length + 1), await readFile(path, 'utf8')] as const);
  const tarball = Uint8Array.from(await readFile(join(folder, name)));
  return [basename(root), { tarball, files: new Map(await Promise.all(files)) }];
}
