import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** What the result of every file depends on, besides the sources: the rules, the types of packages, where names lead. */
const SHARED = /(^|\/)(package\.json|tsconfig\.json|eslint\.config\.js|\.oxlintrc\.json)$/;
const INSTALLED = 'node_modules/.package-lock.json';
const BUILDS = ['libs/wanpay/dist', 'libs/wanpay-emulator/dist', 'libs/wanpay-desk/dist'];
/** Such a file changes types in files that do not import it. */
const AMBIENT = /\bdeclare\s+(global|module)\b/;

/**
 * Finds for each source a hash of all that its lint result depends on: its text, the text of everything that it imports,
 * directly or not, and what all files share. Types and cycles come from imports, so an equal hash means an equal result.
 *
 * @param root the project's folder
 * @param files the paths of the project's files, relative to the root
 * @param sources those among them that are linted
 */
export function fingerprints(root: string, files: readonly string[], sources: readonly string[]): Map<string, string> {
  const modules = new Map<string, Module>();
  const read = (path: string): Module => {
    const module = modules.get(path) ?? readModule(root, path);
    modules.set(path, module);
    return module;
  };
  const reachable = (start: string): string => {
    const seen = new Set([start]);
    for (const path of seen) for (const imported of read(path).imports) seen.add(imported);
    return [...seen]
      .sort()
      .map((path) => `${path} ${read(path).digest}`)
      .join('\n');
  };
  const ambient = sources.filter((path) => path.endsWith('.d.ts') || read(path).ambient).map(reachable);
  const shared = [sharedText(root, files), ...ambient].join('\n');
  return new Map(sources.map((path) => [path, hash(`${shared}\n${reachable(path)}`)]));
}

interface Module {
  readonly digest: string;
  readonly imports: readonly string[];
  readonly ambient: boolean;
}

function readModule(root: string, path: string): Module {
  const text = readFileSync(join(root, path), 'utf8');
  const imports = /\.[cm]?[jt]sx?$/.test(path) ? ts.preProcessFile(text, true, true).importedFiles : [];
  const near = imports.filter(({ fileName }) => fileName.startsWith('.'));
  return {
    digest: hash(text),
    imports: near.flatMap(({ fileName }) => candidates(join(dirname(path), fileName)).filter((at) => isFile(root, at))),
    ambient: AMBIENT.test(text),
  };
}

/** The files that an import of this path may mean. */
function candidates(path: string): string[] {
  const stem = path.replace(/\.js$/, '');
  return [path, `${stem}.ts`, `${stem}.tsx`, `${stem}.d.ts`];
}

function isFile(root: string, path: string): boolean {
  return /\.\w+$/.test(path) && existsSync(join(root, path));
}

function sharedText(root: string, files: readonly string[]): string {
  const declarations = BUILDS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.d.ts'))
      .map((name) => join(folder, name)),
  );
  const paths = [INSTALLED, ...files.filter((path) => SHARED.test(path)), ...declarations].sort();
  return [process.version, ...paths.map((path) => `${path} ${hash(readFileSync(join(root, path), 'utf8'))}`)].join(
    '\n',
  );
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
