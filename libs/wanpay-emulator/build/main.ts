import { join } from 'node:path';
import { buildLibrary } from '../../build/build-library.js';
import { ownValidators } from '../../build/own-validators.js';
import { ownMetadata } from './own-metadata.js';
import { withoutMap } from './without-map.js';
import { withoutOptionalPackages } from './without-optional-packages.js';

const FOLDER = join(import.meta.dirname, '..');
const PACKAGES = join(FOLDER, '../../node_modules');

/** The package's doors. */
const ENTRIES = ['index', 'expectations/index', 'expectations/jest-globals'];
/** The program. */
const PROGRAM = 'cli';
const VENDOR = 'vendor';
/** What writes and sends messages, which needs nothing of others, so that `trigger` starts at once. */
const MESSAGES =
  /[\\/](src[\\/](errors|version|console[\\/](language|problems)|http[\\/]loopback|merchants[\\/]test-merchant|notifications[\\/](notification|post))|protocol[\\/]index)\.ts$/;
/** The code of others, Nest above all, and the code that the entries share. */
const SHARED = [
  { name: 'messages', test: MESSAGES, priority: 2 },
  { name: VENDOR, test: /[\\/]node_modules[\\/](?!commander[\\/])/, priority: 1 },
  { name: 'core', minShareCount: 2 },
];

await buildLibrary({
  folder: FOLDER,
  bundles: [
    { format: 'esm', entries: [...ENTRIES, PROGRAM], shared: SHARED },
    { format: 'cjs', entries: ENTRIES, shared: SHARED },
  ],
  // All that it needs: nothing comes along with it, and it runs beside any version of Nest.
  isInlined: (id) => !id.startsWith('node:'),
  fixedModules: [{ file: 'console/scripts.ts', reads: ['htmx.org', 'htmx-ext-sse'] }, { file: 'version.ts' }],
  input: {
    transform: {
      target: 'es2023',
      // The emulator's providers and bodies are told by their types.
      decorator: { legacy: true, emitDecoratorMetadata: true },
      jsx: { runtime: 'automatic', importSource: 'preact' },
    },
    resolve: {
      alias: {
        'nestjs-wanpay/protocol': join(FOLDER, '../wanpay/src/protocol/index.ts'),
        // Their ES modules, of which only what is used becomes part of the bundle.
        'class-transformer': join(PACKAGES, 'class-transformer/esm5/index.js'),
        'class-validator': join(PACKAGES, 'class-validator/esm5/index.js'),
        rxjs: join(PACKAGES, 'rxjs/dist/esm/index.js'),
        'rxjs/operators': join(PACKAGES, 'rxjs/dist/esm/operators/index.js'),
      },
    },
    plugins: [ownMetadata(), ownValidators(), withoutOptionalPackages(), withoutMap(`${VENDOR}.js`)],
  },
});
