import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'rolldown';
import { type Library, sourceOf } from './library.js';

/** Replaces the library's fixed modules by constants: what they export when they run at build time. */
export function fixedModules(library: Library): Plugin {
  // A filter that names no file lets every file pass.
  if (library.fixedModules.length === 0) return { name: 'fixed-modules' };
  return {
    name: 'fixed-modules',
    load: {
      filter: { id: library.fixedModules.map(({ file }) => join(sourceOf(library), file)) },
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
