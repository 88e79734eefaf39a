import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DeskRequest } from '../desk.options.js';
import { DeskProblem } from '../errors.js';
import { readMultipart } from './multipart.js';

/** What a form was sent with. */
export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  /** A file's name and content; an empty one where none was chosen. */
  readonly file?: { readonly name: string; readonly content: Uint8Array };
}

const MAX_FORM_BYTES = 100_000;
/** More than the statement of a busy month. */
const MAX_FILE_BYTES = 3_000_000;
/** The types of bodies that were kept from the host's parsers. */
const unread = new WeakMap<IncomingMessage, string>();

/**
 * Middleware that keeps a body from Fastify's parsers, which refuse what they don't know before any guard is asked. It is
 * read later, once the guards have let the request pass. What Express has read by then is taken as it is.
 */
export function keepBodyUnread(request: IncomingMessage, _response: ServerResponse, next: () => void): void {
  const type = request.headers['content-type'];
  if (request.method === 'POST' && type !== undefined && !request.readableEnded) {
    unread.set(request, type);
    if (!('app' in request)) hide(request);
  }
  next();
}

/** Says that there is no body, to whoever comes next. */
function hide({ headers }: IncomingMessage): void {
  delete headers['content-type'];
  delete headers['transfer-encoding'];
  headers['content-length'] = '0';
}

/** @throws DeskProblem when it is too large, or no form */
export async function readForm(request: DeskRequest): Promise<Form> {
  const { raw = request, body } = request;
  if (typeof body === 'object' && body !== null && !Buffer.isBuffer(body) && Object.keys(body).length > 0) {
    return { fields: new Map(Object.entries(body).flatMap(([name, value]) => textField(name, value))) };
  }
  if (!isMessage(raw)) throw unreadable();
  const type = unread.get(raw) ?? raw.headers['content-type'] ?? '';
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)/i.exec(type)?.[1];
  const bytes = await readBytes(raw, boundary === undefined ? MAX_FORM_BYTES : MAX_FILE_BYTES);
  if (boundary !== undefined) return readMultipart(bytes, boundary);
  if (!/^application\/x-www-form-urlencoded/i.test(type)) throw unreadable();
  return { fields: new Map(new URLSearchParams(bytes.toString('utf8'))) };
}

async function readBytes(message: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytesOf(message)) {
    length += chunk.byteLength;
    if (length <= limit) chunks.push(chunk);
  }
  if (length > limit) {
    throw new DeskProblem(413, {
      chinese: '送出的資料太大。檔案上限為 3 MB，請分批上傳。',
      english: 'That is too large. A file may have 3 MB: upload it in parts.',
    });
  }
  return Buffer.concat(chunks);
}

function bytesOf(message: IncomingMessage): AsyncIterable<Uint8Array> {
  return message;
}

function textField(name: string, value: unknown): readonly (readonly [string, string])[] {
  return typeof value === 'string' ? [[name, value]] : [];
}

function isMessage(value: unknown): value is IncomingMessage {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value && 'headers' in value;
}

function unreadable(): DeskProblem {
  return new DeskProblem(400, {
    chinese: '表單無法讀取，請重新送出。',
    english: 'The form can’t be read. Send it again.',
  });
}
