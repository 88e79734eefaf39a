import type { Plugin } from 'rolldown';

/** Nest imports these when a feature is used that the emulator leaves alone. */
const OPTIONAL =
  /\bimport\((['"])(?:@nestjs\/(?:microservices|websockets|platform-express)[^'"]*|class-validator|class-transformer|file-type)\1\)/g;

const NONE = "Promise.reject(new Error('This is no part of wanpay-emulator.'))";

/** Has Nest find none of its optional packages: in the host they would be those of another version. */
export function withoutOptionalPackages(): Plugin {
  return {
    name: 'without-optional-packages',
    transform: {
      filter: { id: /[\\/]@nestjs[\\/]/, code: OPTIONAL },
      handler: (code) => ({ code: code.replaceAll(OPTIONAL, NONE), map: null }),
    },
  };
}
