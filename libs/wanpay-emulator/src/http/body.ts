import { type IncomingMessage } from 'node:http';
import { EmulatorError } from '../errors.js';

/** Far more than any message of the protocol needs. */
const MAX_BODY_BYTES = 65_536;

/** The body of a request or a reply is longer than anything the emulator reads. */
export class BodyTooLongError extends EmulatorError {
  readonly code = 'body_too_long';
}

/**
 * Reads the body of a request, or of a merchant's reply, as UTF-8; bytes that are not become U+FFFD. What is beyond the limit is thrown away.
 *
 * @throws BodyTooLongError
 */
export async function readBody(message: IncomingMessage): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  for await (const chunk of bytesOf(message)) {
    length += chunk.byteLength;
    if (length <= MAX_BODY_BYTES) text += decoder.decode(chunk, { stream: true });
  }
  if (length > MAX_BODY_BYTES) throw new BodyTooLongError(`The body has more than ${MAX_BODY_BYTES} bytes.`);
  return text + decoder.decode();
}

function bytesOf(message: IncomingMessage): AsyncIterable<Uint8Array> {
  return message;
}
