import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { commonJsOf, distOf, entriesOf, type Library } from './library.js';

const run = promisify(execFile);
const COMPILER = join(import.meta.dirname, '../../node_modules/typescript-native/bin/tsc');
const DECLARATION = /\.d\.ts(?=$|\.map$)/;
const RELATIVE_IMPORT = /(?:from |import\()["'](\.[^"']+)\.js["']/g;

/** Writes the types, with maps that lead to the sources, and removes those that nobody can reach. */
export async function buildDeclarations(library: Library): Promise<void> {
  await run(process.execPath, [COMPILER, '-p', join(library.folder, 'tsconfig.lib.json')]).catch((error: unknown) => {
    throw new Error(isFailure(error) ? error.stdout : 'The compiler could not be run.', { cause: error });
  });
  const dist = distOf(library);
  const reached = await reachedFrom(dist, entriesOf(library, 'esm'));
  const unreached = (await declarationFiles(dist)).filter((file) => !reached.has(nameOf(file)));
  await Promise.all(unreached.map((file) => rm(join(dist, file))));
}

/** The types are the same text for CommonJS, but they must lie in a folder whose files count as CommonJS. */
export async function copyDeclarationsForCommonJs(library: Library): Promise<void> {
  const dist = distOf(library);
  const folder = commonJsOf(library);
  const reached = await reachedFrom(dist, entriesOf(library, 'cjs'));
  const files = (await declarationFiles(dist)).filter((file) => reached.has(nameOf(file)));
  await Promise.all(
    files.map(async (file) => {
      const target = join(folder, file);
      const text = await readFile(join(dist, file), 'utf8');
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, file.endsWith('.map') ? oneFolderDeeper(text) : text);
    }),
  );
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
}

async function declarationFiles(dist: string): Promise<readonly string[]> {
  return (await readdir(dist, { recursive: true })).filter((file) => DECLARATION.test(file));
}

/** The names of the declarations that are imported from some, and their own. */
async function reachedFrom(
  dist: string,
  names: readonly string[],
  reached = new Set<string>(),
): Promise<ReadonlySet<string>> {
  for (const name of names.filter((each) => !reached.has(each))) {
    reached.add(name);
    const text = await readFile(join(dist, `${name}.d.ts`), 'utf8');
    const imported = [...text.matchAll(RELATIVE_IMPORT)].map(([, path = '']) => join(dirname(name), path));
    await reachedFrom(dist, imported, reached);
  }
  return reached;
}

function nameOf(file: string): string {
  return file.slice(0, file.search(DECLARATION));
}

function oneFolderDeeper(text: string): string {
  const map: unknown = JSON.parse(text);
  if (!hasSources(map)) throw new TypeError('A declaration map names no sources.');
  return JSON.stringify({ ...map, sources: map.sources.map((source) => `../${source}`) });
}

function hasSources(map: unknown): map is { readonly sources: readonly string[] } {
  return typeof map === 'object' && map !== null && 'sources' in map && Array.isArray(map.sources);
}

function isFailure(error: unknown): error is { readonly stdout: string } {
  return typeof error === 'object' && error !== null && 'stdout' in error;
}
