import { inspect } from 'node:util';

const LONGEST = 500;

/** Why something failed, in words that any database can hold: short, whole characters, and no NUL. */
export function failureMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : typeof error === 'string' ? error : inspect(error);
  // What was cut in half becomes the replacement character.
  return Buffer.from(message.replaceAll('\0', '').slice(0, LONGEST)).toString();
}
