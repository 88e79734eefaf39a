import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A library as npm would publish it. */
export interface Packed {
  readonly tarball: Uint8Array<ArrayBuffer>;
  /** Its files' texts, by their paths below the package's folder. */
  readonly files: ReadonlyMap<string, string>;
}

/** Packs a library that was built. */
export async function pack(library: string): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'wanpay-packed-'));
  try {
    await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { cwd: library });
    const [name = ''] = await readdir(folder);
    await run('tar', ['-xzf', name], { cwd: folder });
    const root = join(folder, 'package');
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const files = paths.map(async (path) => [path.slice(root.length + 1), await readFile(path, 'utf8')] as const);
    return { tarball: Uint8Array.from(await readFile(join(folder, name))), files: new Map(await Promise.all(files)) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
