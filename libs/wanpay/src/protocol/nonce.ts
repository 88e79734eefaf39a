import { nodeCrypto } from './node-crypto.js';

/** A source of unpredictable bytes; tests pass their own. */
export type RandomSource = (size: number) => Uint8Array;

/** 32 digits and upper-case letters without the ones that people confuse; 5 bits each, so a byte maps without bias. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const NONCE_LENGTH = 8;
const POOL_BYTES = 1024;

/** A `nonce_str` (2.4): 8 characters, 40 unpredictable bits. */
export function createNonce(random: RandomSource = pooledBytes): string {
  return randomText(NONCE_LENGTH, random);
}

/** `length` unpredictable digits and upper-case letters, 5 bits each. */
export function randomText(length: number, random: RandomSource = pooledBytes): string {
  let text = '';
  for (const byte of random(length)) text += ALPHABET.charAt(byte % ALPHABET.length);
  return text;
}

const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

/** Each byte is handed out once. Asking the system for eight costs 5 µs, and for a thousand hardly more. */
function pooledBytes(size: number): Uint8Array {
  if (size > POOL_BYTES) return nodeCrypto().randomBytes(size);
  if (used + size > POOL_BYTES) {
    nodeCrypto().randomFillSync(pool);
    used = 0;
  }
  used += size;
  return pool.subarray(used - size, used);
}
