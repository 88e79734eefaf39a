import { parse } from 'lossless-json';

/**
 * Reads JSON whose numbers come back as the text that stands there: `1280.00` and an account of sixteen digits are signed and
 * compared as they are written.
 *
 * @throws SyntaxError when it is no JSON, or names a member twice with different values
 */
export function parseJson(text: string): unknown {
  return parse(text, undefined, asWritten);
}

function asWritten(digits: string): string {
  return digits;
}
