import { join } from 'node:path';
import { type InputOptions, type OutputOptions, rolldown } from 'rolldown';
import { fixedModules } from './fixed-modules.js';
import { type Bundle, commonJsOf, distOf, type Library, sourceOf } from './library.js';
import { LicenceNotices } from './licence-notices.js';
import { onlyClassesWithNames } from './only-classes-with-names.js';

/** What the compiler calls. */
const COMPILER_CALLS = '@oxc-project/runtime/';
const IS_PATH = /^[./\0]/;

const INPUT: InputOptions = {
  platform: 'node',
  resolve: { extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } },
  tsconfig: false,
};

/** Not minified: names of errors and providers are read by people. */
const OUTPUT: OutputOptions = {
  sourcemap: true,
  // The types have them, and so have the sources.
  comments: { jsdoc: false },
  entryFileNames: '[name].js',
};

const FORMATS: Readonly<Record<Bundle['format'], OutputOptions>> = {
  esm: { format: 'esm' },
  // Jest has no native import() in CommonJS.
  cjs: { format: 'cjs', exports: 'named', dynamicImportInCjs: false },
};

/** One file for each entry, and those that the entries of a bundle share. */
export async function buildBundles(library: Library): Promise<void> {
  const notices = new LicenceNotices(library);
  await Promise.all(library.bundles.map((bundle) => write(library, bundle, notices)));
  await notices.write();
}

async function write(
  library: Library,
  { format, entries, shared, sharedFolder = '', keepNames = true }: Bundle,
  notices: LicenceNotices,
): Promise<void> {
  const source = sourceOf(library);
  const { plugins = [], resolve = {}, ...input } = library.input ?? {};
  const isPartOfIt = (id: string): boolean =>
    IS_PATH.test(id) || id.startsWith(COMPILER_CALLS) || library.isInlined(id);
  const build = await rolldown({
    ...INPUT,
    ...input,
    resolve: { ...INPUT.resolve, ...resolve },
    cwd: library.folder,
    input: Object.fromEntries(entries.map((name) => [name, join(source, `${name}.ts`)])),
    external: (id) => !isPartOfIt(id),
    plugins: [plugins, fixedModules(library), notices.plugin(), keepNames ? [] : onlyClassesWithNames()],
    onLog: (level, { message }) => {
      if (level === 'warn') throw new Error(message);
    },
  });
  await build.write({
    ...OUTPUT,
    ...FORMATS[format],
    keepNames,
    chunkFileNames: join(sharedFolder, '[name].js'),
    dir: format === 'cjs' ? commonJsOf(library) : distOf(library),
    ...(shared ? { codeSplitting: { groups: shared } } : {}),
  });
  await build.close();
}
