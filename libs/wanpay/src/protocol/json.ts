import { parse } from 'lossless-json';

/** Reads JSON; numbers come back as their text. */
export function parseJson(text: string): unknown {
  return parse(text, undefined, (value) => value);
}
