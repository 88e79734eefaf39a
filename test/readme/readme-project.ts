import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The fenced blocks of a language, by the path that their first line gives in a comment. */
export function codeBlocks(markdown: string, language: string): Record<string, string> {
  const blocks = markdown.matchAll(new RegExp(`\`\`\`${language}\\n// (\\S+)\\n(.*?)\`\`\``, 'gs'));
  return Object.fromEntries([...blocks].map(([, path = '', code = '']) => [path, code]));
}

const configHost: ts.ParseConfigFileHost = {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
    throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
  },
};

/**
 * Type-checks the files with the workspace's own strict settings and builds them into the project's `dist`; returns what
 * the compiler complains about.
 *
 * @param project a folder of the test's own; what it has in `src` and `dist` goes
 * @param options where the settings must be others
 */
export async function compile(
  project: string,
  files: Readonly<Record<string, string>>,
  options: ts.CompilerOptions = {},
): Promise<string[]> {
  await rm(join(project, 'src'), { recursive: true, force: true });
  await rm(join(project, 'dist'), { recursive: true, force: true });
  for (const [path, code] of Object.entries(files)) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), code);
  }
  const settings = ts.getParsedCommandLineOfConfigFile(join(ROOT, 'tsconfig.json'), {}, configHost);
  const sources = Object.keys(files).map((path) => join(project, path));
  const program = ts.createProgram(sources, {
    ...settings?.options,
    ...options,
    noEmit: false,
    rootDir: join(project, 'src'),
    outDir: join(project, 'dist'),
  });
  const diagnostics = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
