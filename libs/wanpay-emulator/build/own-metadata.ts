import type { Plugin } from 'rolldown';

const METADATA = '\0reflect-metadata';

/** Adds what reflect-metadata puts on the global object only if the host has not done so. */
export function ownMetadata(): Plugin {
  return {
    name: 'own-metadata',
    resolveId: {
      filter: { id: /^reflect-metadata$/ },
      handler: (_, importer) => (importer === METADATA ? undefined : METADATA),
    },
    load: {
      filter: { id: /^\0reflect-metadata$/ },
      // The host's own stays in place, whatever its version.
      handler: () => "if (typeof Reflect.getMetadata !== 'function') require('reflect-metadata');",
    },
  };
}
