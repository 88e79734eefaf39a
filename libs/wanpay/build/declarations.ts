import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { COMMAND_LINE, ENTRIES } from './entries.js';
import { COMMON_JS, DIST, PACKAGE } from './paths.js';

const run = promisify(execFile);
const COMPILER = join(PACKAGE, '../../node_modules/typescript-native/bin/tsc');
const DECLARATION = /\.d\.ts(?=$|\.map$)/;
const RELATIVE_IMPORT = /(?:from |import\()["'](\.[^"']+)\.js["']/g;

/** Writes the types, with maps that lead to the sources, and removes those that nobody can reach. */
export async function buildDeclarations(): Promise<void> {
  await run(process.execPath, [COMPILER, '-p', join(PACKAGE, 'tsconfig.lib.json')]).catch((error: unknown) => {
    throw new Error(isFailure(error) ? error.stdout : 'The compiler could not be run.', { cause: error });
  });
  const reached = await reachedFrom([...ENTRIES, ...COMMAND_LINE]);
  const unreached = (await declarationFiles()).filter((file) => !reached.has(nameOf(file)));
  await Promise.all(unreached.map((file) => rm(join(DIST, file))));
}

/** The types are the same text for CommonJS, but they must lie in a folder whose files count as CommonJS. */
export async function copyDeclarationsForCommonJs(): Promise<void> {
  const reached = await reachedFrom(ENTRIES);
  const files = (await declarationFiles()).filter((file) => reached.has(nameOf(file)));
  await Promise.all(
    files.map(async (file) => {
      const target = join(COMMON_JS, file);
      const text = await readFile(join(DIST, file), 'utf8');
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, file.endsWith('.map') ? oneFolderDeeper(text) : text);
    }),
  );
  await writeFile(join(COMMON_JS, 'package.json'), '{ "type": "commonjs" }\n');
}

async function declarationFiles(): Promise<readonly string[]> {
  return (await readdir(DIST, { recursive: true })).filter((file) => DECLARATION.test(file));
}

/** The names of the declarations that are imported from some, and their own. */
async function reachedFrom(names: readonly string[], reached = new Set<string>()): Promise<ReadonlySet<string>> {
  for (const name of names.filter((each) => !reached.has(each))) {
    reached.add(name);
    const text = await readFile(join(DIST, `${name}.d.ts`), 'utf8');
    const imported = [...text.matchAll(RELATIVE_IMPORT)].map(([, path = '']) => join(dirname(name), path));
    await reachedFrom(imported, reached);
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
