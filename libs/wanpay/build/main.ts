import { join } from 'node:path';
import { buildLibrary } from '../../build/build-library.js';
import { ownValidators } from '../../build/own-validators.js';

/** The package's doors. */
const ENTRIES = [
  'index',
  'protocol/index',
  'ledger/index',
  'ledger/conformance',
  'ledger/stores/sqlite/index',
  'ledger/stores/postgres/index',
  'ledger/stores/mysql/index',
  'bullmq/index',
  'health/index',
  'telemetry/index',
  'transactions/index',
  'testing/index',
];
/** The command line: the program, and what tests call. */
const COMMAND_LINE = ['cli/main', 'cli/command'];
/** The protocol, with the bundler's own functions that it needs. A program that loads the protocol alone loads nothing else. */
const PROTOCOL = /[\\/](src[\\/]protocol|node_modules[\\/]lossless-json)[\\/]|^\0rolldown/;
/** The ledger with the store in memory, which every host loads. */
const LEDGER =
  /[\\/](src[\\/]ledger|node_modules[\\/](p-limit|yocto-queue))[\\/](?!stores[\\/](?!memory[\\/]|leases\.))/;
/** What the databases' stores have in common. */
const STORES = /[\\/]src[\\/]ledger[\\/]stores[\\/]/;
/** What entries share. Only the module needs Nest, and logging a little of it. */
const SHARED = [
  { name: 'wire', minShareCount: 2, test: PROTOCOL, priority: 3 },
  { name: 'core', minShareCount: 2, test: LEDGER, priority: 2 },
  { name: 'stores', minShareCount: 2, test: STORES, priority: 1 },
  { name: 'logging', minShareCount: 2, test: /[\\/]src[\\/]logging[\\/]/, priority: 1 },
  { name: 'module', minShareCount: 2 },
];
const FOLDER = join(import.meta.dirname, '..');
const PACKAGES = join(FOLDER, '../../node_modules');
/**
 * ES modules that CommonJS hosts could not load; `lossless-json`, whose ten files take Node longer to find than to run; and the
 * packages that check the options, because a host would load 350 of their files where a few are needed.
 */
const INLINED = /^(?:class-transformer|class-validator|lossless-json|p-limit|validator|yocto-queue)(?:\/|$)/;

await buildLibrary({
  folder: FOLDER,
  bundles: [
    { format: 'esm', entries: ENTRIES, shared: SHARED, keepNames: false },
    { format: 'cjs', entries: ENTRIES, shared: SHARED, keepNames: false },
    { format: 'esm', entries: COMMAND_LINE, shared: [{ name: 'core', minShareCount: 2 }], sharedFolder: 'cli' },
  ],
  isInlined: (id) => INLINED.test(id),
  fixedModules: [{ file: 'ledger/stores/sql-files.ts' }, { file: 'cli/version.ts' }],
  // Every dependency is injected by an explicit token, so nothing reads the compiler's metadata.
  input: {
    transform: { target: 'es2023', decorator: { legacy: true, emitDecoratorMetadata: false } },
    resolve: {
      alias: {
        // Their ES modules, so that only what is used becomes part of the bundle.
        'class-transformer': join(PACKAGES, 'class-transformer/esm5/index.js'),
        'class-validator': join(PACKAGES, 'class-validator/esm5/index.js'),
        'validator/lib': join(PACKAGES, 'validator/es/lib'),
      },
    },
    plugins: [ownValidators()],
  },
});
