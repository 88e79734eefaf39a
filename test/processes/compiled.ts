import { mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** Packages are found from below it, as from a source file. */
const FOLDER = fileURLToPath(new URL('../../node_modules/', import.meta.url));

/** A program of ours in TypeScript, as one file that Node.js starts at once. */
export interface Compiled {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Compiles a program and the files of ours that it imports. To compile them on the way, in each process anew, takes seconds of
 * processor time, most of it for the packages, which all pass through the same hooks.
 */
export async function compile(source: string): Promise<Compiled> {
  const build = await rolldown({ input: source, platform: 'node', external: isPackage });
  const folder = await mkdtemp(join(FOLDER, '.compiled-'));
  const path = join(folder, basename(source).replace(/\.ts$/, '.mjs'));
  await build.write({ file: path, format: 'esm', codeSplitting: false });
  await build.close();
  return { path, remove: () => rm(folder, { recursive: true }) };
}

/** All but the compiler's own, which is for its output alone. */
function isPackage(specifier: string): boolean {
  return /^[^./]/.test(specifier) && !specifier.startsWith('@oxc-project/');
}
