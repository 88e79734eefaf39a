import type { Readable } from 'node:stream';
import { type NotificationRefusedError, refusal } from './errors.js';

/** What both adapters' requests have in common, as far as a notification needs it. */
export interface IncomingNotification {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly ip?: string;
  readonly body?: unknown;
  readonly readableEnded?: boolean;
}

/** A notification has some 300 bytes; this leaves room for extension fields. */
export const MAX_NOTIFICATION_BYTES = 16 * 1024;

/** What a unit of a text's length takes in UTF-8, at most. */
const MAX_BYTES_PER_UNIT = 3;

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/**
 * What the host's parser made of the body of a notification; undefined where the host has none.
 *
 * @throws NotificationRefusedError when it is too large, or not UTF-8
 */
export function parsedBody({ headers, body }: IncomingNotification): unknown {
  const declared = Number(headers['content-length'] ?? 0);
  if (declared > MAX_NOTIFICATION_BYTES) throw tooLarge();
  if (!isUtf8(headers)) throw malformed('The body is not UTF-8.');
  if (isTooLarge(body)) throw tooLarge();
  return body;
}

/**
 * The body of a notification: what the host's parser made of it, or where the host has none (`bodyParser: false`),
 * what the stream holds.
 *
 * @throws NotificationRefusedError when it is too large, or can't be parsed
 */
export async function readBody(request: IncomingNotification & (Readable | object)): Promise<unknown> {
  const parsed = parsedBody(request);
  if (parsed !== undefined) return parsed;
  if (!(Symbol.asyncIterator in request) || request.readableEnded) throw malformed('There is no body.');
  return parse(await readStream(request), mediaType(request));
}

/** The protocol knows no other charset (1.2); the hosts' parsers differ in what they make of a declared one. */
function isUtf8(headers: IncomingNotification['headers']): boolean {
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(String(headers['content-type'] ?? ''))?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset);
}

/** Goes by a parsed body's names and values, which are never more than it had on the wire: for one that declared no length. */
function isTooLarge(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  // Counting bytes takes as long as checking the signature.
  if (sizeOf(body, lengthOf) * MAX_BYTES_PER_UNIT <= MAX_NOTIFICATION_BYTES) return false;
  return sizeOf(body, bytesOf) > MAX_NOTIFICATION_BYTES;
}

function sizeOf(body: object, measure: (text: string) => number): number {
  let size = 0;
  for (const [name, value] of Object.entries(body)) {
    size += measure(name) + (typeof value === 'string' ? measure(value) : 0);
  }
  return size;
}

function lengthOf(text: string): number {
  return text.length;
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}

async function readStream(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) throw malformed('The body is not bytes.');
    size += chunk.length;
    if (size > MAX_NOTIFICATION_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw malformed('The body is not UTF-8.');
  }
}

function parse(text: string, type: string): unknown {
  if (type === FORM) return parseForm(text);
  if (type !== JSON_TYPE) throw malformed('The body is neither a form nor JSON.');
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('The body is not JSON.');
  }
}

/** The fields of a form; one that is repeated has a list. */
export function parseForm(text: string): Record<string, string | string[]> {
  const entries = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const before = entries.get(name);
    entries.set(name, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(entries);
}

function mediaType({ headers }: IncomingNotification): string {
  return String(headers['content-type'] ?? '')
    .replace(/;.*/s, '')
    .trim()
    .toLowerCase();
}

function tooLarge(): NotificationRefusedError {
  return refusal('too_large', `A notification has at most ${MAX_NOTIFICATION_BYTES} bytes.`);
}

function malformed(message: string): NotificationRefusedError {
  return refusal('malformed', message);
}
