import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.js';

const LIBRARIES = join(import.meta.dirname, '../../libs');
const FOLDERS = ['wanpay', 'wanpay-emulator'];

/** A library as npm would publish it. */
export interface PackedLibrary {
  readonly name: string;
  readonly tarball: string;
  /** Changes with any of its files. */
  readonly hash: string;
  /** What it wants to have installed beside it. */
  readonly requirements: string;
}

/** Packs the libraries that were built, once for all hosts. */
export async function withPackedLibraries<Result>(
  use: (libraries: readonly PackedLibrary[]) => Promise<Result>,
): Promise<Result> {
  const destination = await mkdtemp(join(tmpdir(), 'wanpay-packed-'));
  try {
    return await use(await Promise.all(FOLDERS.map((folder) => pack(join(LIBRARIES, folder), destination))));
  } finally {
    await rm(destination, { recursive: true });
  }
}

async function pack(library: string, destination: string): Promise<PackedLibrary> {
  const file = await run(['npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', destination], {
    cwd: library,
  });
  const tarball = join(destination, file.trim());
  const manifest = JSON.parse(await readFile(join(library, 'package.json'), 'utf8')) as Readonly<
    Record<string, unknown>
  >;
  const { name, bin, dependencies, peerDependencies, peerDependenciesMeta, engines } = manifest;
  const hash = createHash('sha256').update(await readFile(tarball));
  return {
    name: String(name),
    tarball,
    hash: hash.digest('hex'),
    requirements: JSON.stringify([name, bin, dependencies, peerDependencies, peerDependenciesMeta, engines]),
  };
}
