/** How much of somebody else's words is kept. */
export const MAX_WORDS = 200;

/** Control characters, line breaks and escapes among them, and characters that turn the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
const HALF_CHARACTER = /\p{Surrogate}/gu;
const SIGNATURE = /[0-9A-Fa-f]{32}/g;

/**
 * The words of the platform, or of a stranger, as they may stand in an error, in the log and in the ledger: without control
 * characters, without what could be a signature, and of at most `max` characters.
 */
export function cleanWords(words: string, max = MAX_WORDS): string {
  // Cut first: strangers decide how long they are. What a cut leaves of a signature is cut with it.
  const clean = words
    .slice(0, max + SIGNATURE_LENGTH)
    .replaceAll(UNPRINTABLE, ' ')
    .replaceAll(SIGNATURE, '…')
    .trim();
  const cut = clean.length > max ? `${clean.slice(0, max - 1)}…` : clean;
  return cut.replaceAll(HALF_CHARACTER, '');
}

/** A code has four characters (3.2.1). */
const MAX_CODE = 32;

/**
 * A code of the platform as it may be kept, without space around it. What had to be cleaned ends in `…`, so that it is never
 * taken for a code of the protocol: `0000` with a NUL behind it is not "paid".
 */
export function cleanCode(code: string): string {
  const text = code.trim();
  const clean = cleanWords(text, MAX_CODE);
  return clean === text ? text : `${cleanWords(text, MAX_CODE - 1)}…`;
}

const SIGNATURE_LENGTH = 32;
