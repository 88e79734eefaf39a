import { isUtf8 } from 'node:buffer';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { parseJson } from '../protocol/json.js';
import { type NotificationRefusedError, refusal } from './errors.js';
import { parseForm } from './form.js';
import { parseMultipart } from './multipart.js';

/** The headers of a request, as Node has them. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** A notification has some 300 bytes; this leaves room for extension fields. */
export const MAX_NOTIFICATION_BYTES = 16 * 1024;

/** What a unit of a text's length takes in UTF-8, at most. */
const MAX_BYTES_PER_UNIT = 3;
const BYTE_ORDER_MARK = '\uFEFF';

const DECOMPRESS: Readonly<Record<string, typeof gunzipSync>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/** What a type tells: `text` may be any of the first three, `foreign` is in another charset. */
type Kind = 'form' | 'json' | 'multipart' | 'text' | 'foreign' | 'other';

/**
 * The fields of a notification's body: of a form, of a multipart form, or of a JSON object, whose numbers are the text that
 * stands there. What the type doesn't tell is told by the content.
 *
 * @throws NotificationRefusedError when it is too large when it is unpacked, not UTF-8, or none of these
 */
export function parseBody(packed: Buffer, headers: Headers): unknown {
  const type = header(headers, 'content-type');
  const kind = kindOf(type);
  if (kind === 'foreign') throw malformed('The body is not UTF-8.');
  if (kind === 'other') throw malformed('The body is neither a form nor JSON.');
  const bytes = unpack(packed, header(headers, 'content-encoding').toLowerCase());
  if (!isUtf8(bytes)) throw malformed('The body is not UTF-8.');
  if (kind === 'multipart') return readMultipart(bytes, type);
  const text = withoutMark(bytes.toString('utf8'));
  switch (kind) {
    case 'form':
      return parseForm(text);
    case 'json':
      return readJson(text);
    case 'text':
      return readText(text, bytes);
  }
}

/**
 * A body as the host's parser left it, where the host read the request before the module could.
 *
 * @throws NotificationRefusedError when it is too large, or not UTF-8
 */
export function parseLeftBody({ body, rawBody }: LeftBody, headers: Headers): unknown {
  const bytes = bytesOf(rawBody) ?? bytesOf(body);
  if (bytes) {
    if (bytes.length > MAX_NOTIFICATION_BYTES) throw tooLarge();
    // The parser that read it has decompressed it.
    return parseBody(bytes, { ...headers, 'content-encoding': undefined });
  }
  if (isDeclaredTooLarge(headers)) throw tooLarge();
  if (kindOf(header(headers, 'content-type')) === 'foreign') throw malformed('The body is not UTF-8.');
  if (isEmpty(body)) throw malformed('There is no body.');
  if (isTooLarge(body)) throw tooLarge();
  return body;
}

/** What a host's parser leaves of a body. */
export interface LeftBody {
  readonly body?: unknown;
  readonly rawBody?: unknown;
}

export function isDeclaredTooLarge(headers: Headers): boolean {
  return Number(headers['content-length'] ?? 0) > MAX_NOTIFICATION_BYTES;
}

export function tooLarge(): NotificationRefusedError {
  return refusal('too_large', `A notification has at most ${MAX_NOTIFICATION_BYTES} bytes.`);
}

/** The last type that was told, and its kind: the platform's notifications all have the same. */
let lastType = '';
let lastKind: Kind = 'text';

function kindOf(type: string): Kind {
  if (type !== lastType) {
    lastKind = tellKind(type);
    lastType = type;
  }
  return lastKind;
}

function tellKind(type: string): Kind {
  // The protocol knows no other charset (1.2); the hosts' parsers differ in what they make of a declared one.
  const charset = /;\s*charset\s*=\s*["']?([^\s"';]*)/i.exec(type)?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) return 'foreign';
  const [essence = ''] = type.split(';', 1);
  const media = essence.trim().toLowerCase();
  if (media === 'application/x-www-form-urlencoded') return 'form';
  if (media === 'application/json' || media === 'text/json' || media.endsWith('+json')) return 'json';
  if (media.startsWith('multipart/')) return 'multipart';
  return media === '' || media === 'application/octet-stream' || media.startsWith('text/') ? 'text' : 'other';
}

function unpack(bytes: Buffer, encoding: string): Buffer {
  if (encoding === '' || encoding === 'identity') return bytes;
  const decompress = Object.hasOwn(DECOMPRESS, encoding) ? DECOMPRESS[encoding] : undefined;
  if (!decompress) throw malformed('The body is packed in a way that is not known here.');
  try {
    return decompress(bytes, { maxOutputLength: MAX_NOTIFICATION_BYTES });
  } catch (error) {
    throw hasCode(error, 'ERR_BUFFER_TOO_LARGE') ? tooLarge() : malformed('The body can’t be unpacked.');
  }
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/** A text of no declared form: a form too, unless it begins like one of the others. */
function readText(text: string, bytes: Buffer): unknown {
  const begin = text.trimStart();
  if (begin.startsWith('{')) return readJson(text);
  const boundary = /^--([^\r\n]{1,70})\r?\n/.exec(begin)?.[1];
  return boundary === undefined ? parseForm(text) : readMultipart(bytes, `multipart/form-data; boundary="${boundary}"`);
}

async function readMultipart(bytes: Buffer, type: string): Promise<unknown> {
  try {
    return await parseMultipart(bytes, type);
  } catch {
    throw malformed('The body is not a multipart form of fields alone.');
  }
}

function readJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw malformed('The body is not JSON.');
  }
}

function withoutMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

function bytesOf(body: unknown): Buffer | undefined {
  if (typeof body === 'string') return Buffer.from(body);
  if (Buffer.isBuffer(body)) return body;
  return body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : undefined;
}

function isEmpty(body: unknown): boolean {
  return body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0);
}

/** Goes by a parsed body's names and values, which are never more than it had on the wire: for one that declared no length. */
function isTooLarge(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  // Counting bytes takes as long as checking the signature.
  if (sizeOf(body, (text) => text.length) * MAX_BYTES_PER_UNIT <= MAX_NOTIFICATION_BYTES) return false;
  return sizeOf(body, (text) => Buffer.byteLength(text)) > MAX_NOTIFICATION_BYTES;
}

function sizeOf(body: object, measure: (text: string) => number): number {
  let size = 0;
  for (const [name, value] of Object.entries(body)) {
    size += measure(name) + (typeof value === 'string' ? measure(value) : 0);
  }
  return size;
}

function header(headers: Headers, name: string): string {
  return String(headers[name] ?? '').trim();
}

function malformed(message: string): NotificationRefusedError {
  return refusal('malformed', message);
}
