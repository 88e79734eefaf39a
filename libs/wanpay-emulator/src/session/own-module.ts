import { createRequire } from 'node:module';

/** Where this copy of the package is, for a script that runs in a folder that has none; undefined inside a bundle. */
export function ownModule(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('wanpay-emulator');
  } catch {
    return undefined;
  }
}
