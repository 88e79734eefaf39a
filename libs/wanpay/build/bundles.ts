import { join } from 'node:path';
import { type InputOptions, type OutputOptions, rolldown } from 'rolldown';
import { COMMAND_LINE, ENTRIES } from './entries.js';
import { fixedModules } from './fixed-modules.js';
import { LicenceNotices } from './licence-notices.js';
import { COMMON_JS, DIST, PACKAGE, SOURCE } from './paths.js';

/** Part of our files: ES modules that CommonJS hosts could not load, and what the compiler calls. */
const INLINED = /^(p-limit|yocto-queue)$|^@oxc-project\/runtime\//;

const INPUT: InputOptions = {
  platform: 'node',
  external: (id) => /^[^./\0]/.test(id) && !id.startsWith(SOURCE) && !INLINED.test(id),
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  // Every dependency is injected by an explicit token, so nothing reads the compiler's metadata.
  transform: { target: 'es2023', decorator: { legacy: true, emitDecoratorMetadata: false } },
  tsconfig: false,
};

/** Not minified: names of errors and providers are read by people. */
const OUTPUT: OutputOptions = {
  sourcemap: true,
  keepNames: true,
  // The types have them, and so have the sources.
  comments: { jsdoc: false },
  chunkFileNames: '[name].js',
  entryFileNames: '[name].js',
};

/** One file for each entry and one that they share, as ES modules and as CommonJS; the command line by itself. */
export async function buildBundles(): Promise<void> {
  const notices = new LicenceNotices();
  const shared = { ...OUTPUT, codeSplitting: { groups: [{ name: 'core', minShareCount: 2 }] } };
  const library = entriesOf(ENTRIES);
  await Promise.all([
    bundle(library, notices, { ...shared, format: 'esm', dir: DIST }),
    bundle(library, notices, {
      ...shared,
      format: 'cjs',
      dir: COMMON_JS,
      exports: 'named',
      // Jest has no native import() in CommonJS.
      dynamicImportInCjs: false,
    }),
    bundle(entriesOf(COMMAND_LINE), notices, {
      ...OUTPUT,
      format: 'esm',
      dir: DIST,
      codeSplitting: { groups: [{ name: 'cli/core', minShareCount: 2 }] },
    }),
  ]);
  await notices.write();
}

function entriesOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, join(SOURCE, `${name}.ts`)]));
}

async function bundle(input: Record<string, string>, notices: LicenceNotices, output: OutputOptions): Promise<void> {
  const build = await rolldown({
    ...INPUT,
    cwd: PACKAGE,
    input,
    plugins: [fixedModules(), notices.plugin()],
    onLog: (level, { message }) => {
      if (level === 'warn') throw new Error(message);
    },
  });
  await build.write(output);
  await build.close();
}
