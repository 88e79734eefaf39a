import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The fenced blocks of a language, by the path that their first line gives in a comment. */
export function codeBlocks(markdown: string, language: string): Record<string, string> {
  const blocks = markdown.matchAll(new RegExp(`\`\`\`${language}\\n// (\\S+)\\n(.*?)\`\`\``, 'gs'));
  return Object.fromEntries([...blocks].map(([, path = '', code = '']) => [path, code]));
}

/** The native compiler takes a fifth of the time. */
const COMPILER = join(ROOT, 'node_modules/typescript-native/bin/tsc');

/**
 * Type-checks the files with the workspace's own strict settings and builds them into the project's `dist`; returns what
 * the compiler complains about, a line each.
 *
 * @param project a folder of the test's own; what it has in `src` and `dist` goes
 * @param options where the settings must be others, as in `tsconfig.json`
 */
export async function compile(
  project: string,
  files: Readonly<Record<string, string>>,
  options: Readonly<Record<string, unknown>> = {},
): Promise<string[]> {
  await rm(join(project, 'src'), { recursive: true, force: true });
  await rm(join(project, 'dist'), { recursive: true, force: true });
  for (const [path, code] of Object.entries(files)) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), code);
  }
  const settings = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: { ...options, noEmit: false, rootDir: 'src', outDir: 'dist' },
    files: Object.keys(files),
    include: [],
  };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(settings));
  return complaintsOfCompiler(project);
}

/** Compiles a folder by its `tsconfig.json`; returns the compiler's complaints, a line each. */
export async function complaintsOfCompiler(project: string): Promise<string[]> {
  const printed = await run(process.execPath, [COMPILER, '-p', project]).then(
    () => '',
    (error: unknown) =>
      typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : String(error),
  );
  return printed.split('\n').filter((line) => line !== '');
}
