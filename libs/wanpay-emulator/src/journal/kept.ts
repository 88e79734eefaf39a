import { type NotificationAttempt } from '../notifications/attempt-record.js';
import { type RequestEnding, type RequestRecord } from './entry.js';

/** More than any valid request takes, percent-encoded, and far less than a stranger can send. */
const MAX_TEXT_LENGTH = 16_384;
const OBJECT_BYTES = 32;
const VALUE_BYTES = 16;

/** A request as the journal keeps it: of a long body, the beginning. */
export function keptRequest({ body, contentType, ...record }: RequestRecord): RequestRecord {
  const isCut = body.length > MAX_TEXT_LENGTH;
  return {
    ...record,
    contentType: beginning(contentType),
    body: beginning(body),
    ...(isCut ? { length: body.length } : {}),
  };
}

/** How a request ended, as the journal keeps it. */
export function keptEnding({ body, refusal, ...ending }: RequestEnding): RequestEnding {
  const signature = refusal?.signature && cutValues(refusal.signature);
  return {
    ...ending,
    body: beginning(body),
    ...(refusal ? { refusal: { ...refusal, ...(signature ? { signature } : {}) } } : {}),
  };
}

/** A notification attempt as the journal keeps it. */
export function keptAttempt({ fields, replyBody, ...attempt }: NotificationAttempt): NotificationAttempt {
  const reply = replyBody === undefined ? {} : { replyBody: beginning(replyBody) };
  return { ...attempt, fields: cutValues(fields), ...reply };
}

/** The beginning of a text, as a copy: a part of a text would keep the whole of it in memory. */
export function beginning(text: string, length = MAX_TEXT_LENGTH): string {
  return text.length > length ? copyOf(text.slice(0, length)) : text;
}

/** A text that shares its memory with no other. */
export function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

/** About how many bytes of memory a value takes. */
export function bytesOf(value: unknown): number {
  if (typeof value === 'string') return VALUE_BYTES + (isAscii(value) ? value.length : 2 * value.length);
  if (typeof value !== 'object' || value === null || value instanceof Date) return VALUE_BYTES;
  return Object.values(value).reduce<number>((sum, part) => sum + bytesOf(part), OBJECT_BYTES);
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

function cutValues<T extends object>(texts: T): T {
  const long = Object.entries(texts).filter(([, text]) => typeof text === 'string' && text.length > MAX_TEXT_LENGTH);
  return { ...texts, ...Object.fromEntries(long.map(([name, text]) => [name, beginning(String(text))])) };
}
