import { join } from 'node:path';
import { buildLibrary } from '../../build/build-library.js';

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
/** What entries share: the protocol and the ledger, with what is inlined, which need no Nest; logging, which needs little; the module. */
const SHARED = [
  { name: 'core', minShareCount: 2, test: /[\\/](src[\\/](protocol|ledger)|node_modules)[\\/]/, priority: 1 },
  { name: 'logging', minShareCount: 2, test: /[\\/]src[\\/]logging[\\/]/, priority: 1 },
  { name: 'module', minShareCount: 2 },
];
/** ES modules that CommonJS hosts could not load; and `lossless-json`, whose ten files take Node longer to find than to run. */
const INLINED = new Set(['lossless-json', 'p-limit', 'yocto-queue']);

await buildLibrary({
  folder: join(import.meta.dirname, '..'),
  bundles: [
    { format: 'esm', entries: ENTRIES, shared: SHARED },
    { format: 'cjs', entries: ENTRIES, shared: SHARED },
    { format: 'esm', entries: COMMAND_LINE, shared: [{ name: 'cli/core', minShareCount: 2 }] },
  ],
  isInlined: (id) => INLINED.has(id),
  fixedModules: [{ file: 'ledger/stores/sql-files.ts' }, { file: 'cli/version.ts' }],
  // Every dependency is injected by an explicit token, so nothing reads the compiler's metadata.
  input: { transform: { target: 'es2023', decorator: { legacy: true, emitDecoratorMetadata: false } } },
});
