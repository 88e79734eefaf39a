import { cleanWords } from './words.js';

/** Frames of a stack that are kept, and causes of causes. */
const MOST_FRAMES = 20;
const MOST_CAUSES = 4;

/** Those that were made here, and need not be made again. */
const made = new WeakSet<object>();

/** What can be read of whatever was thrown. By its shape: an error of a native part may come from another realm. */
interface Thrown {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly stack?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/**
 * What may be told of a failure of somebody else's: its name, code, message and stack, cleaned, and those of its causes.
 *
 * Clients hang on their errors whatever they worked with: axios the request with its signature and the proxy's password,
 * ioredis the command that logs in, a driver its connection.
 */
export function safeCause(error: unknown, depth = 0): Error {
  if (error instanceof Error && made.has(error)) return error;
  const thrown: Thrown = typeof error === 'object' && error !== null ? error : {};
  const cause = thrown.cause === undefined || depth >= MOST_CAUSES ? undefined : safeCause(thrown.cause, depth + 1);
  const safe = new Error(reasonOf(error), cause && { cause });
  made.add(safe);
  const name = typeof thrown.name === 'string' ? cleanWords(thrown.name) : 'Error';
  Object.defineProperty(safe, 'name', { value: name, configurable: true, writable: true });
  Object.defineProperty(safe, 'stack', {
    value: [`${name}: ${safe.message}`, ...framesOf(thrown.stack)].join('\n'),
    configurable: true,
    writable: true,
  });
  if (typeof thrown.code === 'string') return Object.assign(safe, { code: cleanWords(thrown.code) });
  return safe;
}

/** Why something failed, in its own words, as they may be logged. */
export function reasonOf(error: unknown, max?: number): string {
  if (typeof error === 'string') return cleanWords(error, max);
  if (typeof error !== 'object' || error === null) return 'unknown failure';
  const { message, errors, code, name }: Thrown = error;
  if (typeof message === 'string' && message !== '') return cleanWords(message, max);
  // Connecting to a name with several addresses fails with an error that has no message of its own.
  if (Array.isArray(errors)) return cleanWords(errors.map((each: unknown) => reasonOf(each)).join('; '), max);
  const known = [code, name].find((text) => typeof text === 'string' && text !== '');
  return typeof known === 'string' ? cleanWords(known, max) : 'unknown failure';
}

/** Where it happened: a stack begins with the message, which may have any number of lines. */
function framesOf(stack: unknown): readonly string[] {
  if (typeof stack !== 'string') return [];
  return stack
    .split('\n')
    .filter((line) => /^ +at /.test(line))
    .slice(0, MOST_FRAMES)
    .map((line) => line.slice(0, 300));
}
