import { join } from 'node:path';
import { buildLibrary } from '../../build/build-library.js';

/** What a page is rendered with becomes part of it. */
const INLINED = /^preact(\/|-render-to-string)|^preact$/;

await buildLibrary({
  folder: join(import.meta.dirname, '..'),
  bundles: [
    { format: 'esm', entries: ['index'], shared: [] },
    { format: 'cjs', entries: ['index'], shared: [] },
  ],
  isInlined: (id) => INLINED.test(id),
  fixedModules: [],
  input: {
    transform: {
      target: 'es2023',
      decorator: { legacy: true, emitDecoratorMetadata: false },
      jsx: { runtime: 'automatic', importSource: 'preact' },
    },
  },
});
