import { randomBytes } from 'node:crypto';

/** A source of unpredictable bytes; tests pass their own. */
export type RandomSource = (size: number) => Uint8Array;

/** 32 digits and upper-case letters without the ones that people confuse; 5 bits each, so a byte maps without bias. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const NONCE_LENGTH = 8;

/** A `nonce_str` (2.4): 8 characters, 40 unpredictable bits. */
export function createNonce(random: RandomSource = randomBytes): string {
  return randomText(NONCE_LENGTH, random);
}

/** `length` unpredictable digits and upper-case letters, 5 bits each. */
export function randomText(length: number, random: RandomSource = randomBytes): string {
  let text = '';
  for (const byte of random(length)) text += ALPHABET.charAt(byte % ALPHABET.length);
  return text;
}
