import { parseForm } from '../notifications/form.js';
import { type Fields, readFields } from '../protocol/index.js';
import { UsageError } from './errors.js';
import { readText } from './options.js';
import type { Surroundings } from './surroundings.js';

/** A message's body, from a file or from what is piped in; empty where there is none. */
export async function readInput({ file }: { readonly file?: string }, surroundings: Surroundings): Promise<string> {
  return file === undefined ? ((await surroundings.readInput()) ?? '') : readText(file);
}

/**
 * Reads the fields that stand on the command line as `name=value`.
 *
 * @throws UsageError, MalformedMessageError
 */
export function readArguments(words: readonly string[]): Fields {
  const fields = new Map<string, string>();
  for (const word of words) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (name === undefined || value === undefined) throw new UsageError('A field is written name=value.');
    if (fields.has(name)) throw new UsageError(`The field ${name} is given twice.`);
    fields.set(name, value);
  }
  return readFields(Object.fromEntries(fields));
}

/**
 * Reads a message's body: a JSON object, or a form.
 *
 * @throws UsageError when it is empty or no JSON
 * @throws MalformedMessageError when it could mean two things
 */
export function readMessage(body: string): Fields {
  const text = body.trim();
  if (text === '') throw new UsageError('There is no message: pipe one in, a form or JSON, or name a file.');
  return readFields(text.startsWith('{') ? parseJson(text) : parseForm(text));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError('The message begins like JSON, but is not valid JSON.');
  }
}
