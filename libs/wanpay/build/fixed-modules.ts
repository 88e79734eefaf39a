import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'rolldown';
import { SOURCE } from './paths.js';

/** Modules that read files of the package. A bundle may lie anywhere, so it holds what they read. */
const FIXED = ['ledger/stores/sql-files.ts', 'cli/version.ts'].map((file) => join(SOURCE, file));

/** Replaces these modules by constants: what they export when they run at build time. */
export function fixedModules(): Plugin {
  return {
    name: 'fixed-modules',
    load: {
      filter: { id: FIXED },
      async handler(id) {
        const exported: unknown = await import(pathToFileURL(id).href);
        if (typeof exported !== 'object' || exported === null) throw new TypeError(`${id} exports nothing.`);
        const lines = Object.entries(exported).map(
          ([name, value]) => `export const ${name} = ${JSON.stringify(value, undefined, 2)};`,
        );
        return { code: lines.join('\n'), moduleType: 'js' };
      },
    },
  };
}
