import type * as Crypto from 'node:crypto';

let loaded: typeof Crypto | undefined;

/** Node's `crypto`, loaded when it is first used: it takes as long to load as all of the protocol. */
export function nodeCrypto(): typeof Crypto {
  return (loaded ??= process.getBuiltinModule('node:crypto'));
}
