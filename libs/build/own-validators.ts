import type { Plugin } from 'rolldown';

/** Gives the bundled class-validator a storage of its own instead of the one on the global object. */
export function ownValidators(): Plugin {
  return {
    name: 'own-validators',
    load: {
      filter: { id: /class-validator[\\/]esm5[\\/]utils[\\/]get-global\.util\.js$/ },
      // In a shared storage, the host's validator would find the library's classes and store its own.
      handler: () => 'const OWN = {};\nexport const getGlobal = () => OWN;',
    },
  };
}
