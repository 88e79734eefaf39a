import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ESLint } from 'eslint';
import { fingerprints } from './fingerprints.js';
import { lintTyped } from './typed-rules.js';

/**
 * Lints the project, without the files that were clean when all that their result depends on was the same as now.
 * ESLint's own cache looks at each file alone, and would hide what a change in one file breaks in another.
 * With CI set, every file is linted.
 */
const ROOT = join(import.meta.dirname, '../..');
const CLEAN = join(ROOT, 'node_modules/.cache/eslint/clean.json');

const eslint = new ESLint({ cwd: ROOT });
const before = await currentFingerprints();
const clean = process.env.CI ? {} : readClean();
const due = [...before].filter(([path, fingerprint]) => clean[path] !== fingerprint).map(([path]) => path);

// The typed rules run in a process of their own, so that both have a core.
const [typed, untyped] = await Promise.all([
  lintTyped(
    ROOT,
    due.filter((path) => /\.tsx?$/.test(path)),
  ),
  due.length > 0 ? eslint.lintFiles(due) : [],
]);
const results = [...untyped, ...typed];
const output = await (await eslint.loadFormatter('stylish')).format(results);
if (output !== '') console.log(output);
console.log(
  `ESLint and Oxlint looked at ${due.length} of ${before.size} files; the rest was clean and has not changed.`,
);

const faulty = new Set(results.filter(({ messages }) => messages.length > 0).map(({ filePath }) => filePath));
// A file that was edited meanwhile may not be the one that was linted.
const after = await currentFingerprints();
const stillClean = [...before].filter(([path, of]) => !faulty.has(join(ROOT, path)) && after.get(path) === of);
mkdirSync(dirname(CLEAN), { recursive: true });
writeFileSync(CLEAN, JSON.stringify(Object.fromEntries(stillClean)));
if (results.some(({ errorCount }) => errorCount > 0)) process.exitCode = 1;

async function currentFingerprints(): Promise<Map<string, string>> {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  const files = [...new Set(listed.toString().split('\0'))].filter(
    (path) => path !== '' && existsSync(join(ROOT, path)),
  );
  const sources: string[] = [];
  for (const path of files.filter((name) => /\.([cm]?js|tsx?)$/.test(name))) {
    if (!(await eslint.isPathIgnored(join(ROOT, path)))) sources.push(path);
  }
  return fingerprints(ROOT, files, sources);
}

function readClean(): Partial<Record<string, string>> {
  return existsSync(CLEAN) ? (JSON.parse(readFileSync(CLEAN, 'utf8')) as Partial<Record<string, string>>) : {};
}
