import type { Plugin } from 'rolldown';

const METADATA = '\0reflect-metadata';

/** Keeps what packages put on the global object from meeting what the host has there. */
export function ownGlobals(): Plugin {
  return {
    name: 'own-globals',
    resolveId: {
      filter: { id: /^reflect-metadata$/ },
      handler: (_, importer) => (importer === METADATA ? undefined : METADATA),
    },
    load: {
      filter: { id: [/^\0reflect-metadata$/, /class-validator[\\/]esm5[\\/]utils[\\/]get-global\.util\.js$/] },
      handler: (id) =>
        id === METADATA
          ? // The host's own stays in its place, whatever its version.
            "if (typeof Reflect.getMetadata !== 'function') require('reflect-metadata');"
          : // The host's validator would find the emulator's classes in it, and keep its own there.
            'const OWN = {};\nexport const getGlobal = () => OWN;',
    },
  };
}
