import type { Plugin } from 'rolldown';

/** Keeps what class-validator puts on the global object from meeting what the host has there. */
export function ownValidators(): Plugin {
  return {
    name: 'own-validators',
    load: {
      filter: { id: /class-validator[\\/]esm5[\\/]utils[\\/]get-global\.util\.js$/ },
      // The host's validator would find the library's classes in it, and keep its own there.
      handler: () => 'const OWN = {};\nexport const getGlobal = () => OWN;',
    },
  };
}
