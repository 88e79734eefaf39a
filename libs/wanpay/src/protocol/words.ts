/** How much of somebody else's words is kept. */
export const MAX_WORDS = 200;

/** Control characters, line breaks and escapes among them, and characters that turn the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
const HALF_CHARACTER = /\p{Surrogate}/gu;
const SIGNATURE = /[0-9A-Fa-f]{32}/g;
/** A code, or what most replies say: too short and plain to hold anything of what follows. Each notification has two. */
const PLAIN = /^[\w\u4e00-\u9fff]{0,10}$/;
/** A user's name and password in an address. The bounds keep a text that is all of this from being searched again and again. */
const CREDENTIALS = /\/\/[^\s/@]{0,256}@/g;
/** What stands behind such a name is a secret, whoever names it. */
const NAMED_SECRET = /\b(pass(?:word|wd)?|pwd|secret|token|key)=[^\s&;,"']+/gi;
/** Accounts have 10 to 16 digits, and seconds of this century 10. */
const ACCOUNT = /(?<!\d)\d{6,}(?=\d{5}(?!\d))/g;

const SIGNATURE_LENGTH = 32;
/** A key that is shorter stands in words by chance. */
const LEAST_SECRET = 6;

/**
 * The words of the platform, of a stranger or of a driver, as they may stand in an error, in the log and in the ledger:
 * without control characters, signatures, passwords in addresses and whole accounts, and of at most `max` characters.
 *
 * @param secrets texts that must not stay in it, such as a merchant's keys
 */
export function cleanWords(words: string, max = MAX_WORDS, secrets: readonly string[] = []): string {
  if (secrets.length === 0 && max >= 10 && PLAIN.test(words)) return words;
  const hidden = secrets.filter(({ length }) => length >= LEAST_SECRET);
  const longest = Math.max(SIGNATURE_LENGTH, ...hidden.map(({ length }) => length));
  // Strangers decide how long they are. Cleaning shortens them, so more is looked at than is kept.
  const window = words.slice(0, 2 * (max + longest));
  const clean = withoutSecrets(window, hidden)
    .replaceAll(UNPRINTABLE, ' ')
    .replaceAll(CREDENTIALS, '//…@')
    .replaceAll(NAMED_SECRET, '$1=…')
    .replaceAll(SIGNATURE, '…')
    .replaceAll(ACCOUNT, (digits) => '*'.repeat(digits.length));
  // The end of the window may hold the beginning of a secret.
  const whole = words.length > window.length ? clean.slice(0, -longest) : clean;
  const text = whole.trim();
  const cut = text.length > max ? `${text.slice(0, max - 1)}…` : text;
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

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, '…'), text);
}
