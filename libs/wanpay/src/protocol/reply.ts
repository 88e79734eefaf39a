import { MalformedMessageError } from './errors.js';
import type { Fields } from './fields.js';
import { verify } from './signature.js';

/** The frame that every reply of the platform has (3.1.1, 3.1.3). */
export interface Reply {
  /** The code of the request, such as `900`. */
  readonly status: string;
  /** The platform's own words. */
  readonly info: string;
  /** The reply's fields; empty when there are none, as on a failure. */
  readonly data: Fields;
  /** What its `sign` covers, `sign` included; absent when the reply carries none, as in the protocol's samples. */
  readonly signed?: Fields;
}

/**
 * Reads a reply from its JSON text.
 *
 * `status` may be a string or a number; `data` an object, a string that holds one in JSON, or absent, `""` or null.
 *
 * @throws MalformedMessageError when it is none of that
 */
export function readReply(text: string): Reply {
  const envelope = parseObject(text, 'The reply');
  const { data: rawData, ...rest } = envelope;
  const head = scalars(rest);
  const data = readData(rawData);
  const status = head.status;
  if (!status) throw new MalformedMessageError('The reply has no status.');
  const signed = head.sign ? { ...data, ...head } : data.sign ? data : undefined;
  return { status, info: head.info ?? '', data, ...(signed ? { signed } : {}) };
}

/** Tells whether a reply may be believed: it carries no signature (TLS vouches for it), or a correct one (2.3). */
export function isReplyTrusted(reply: Reply, keys: readonly string[]): boolean {
  return reply.signed === undefined || verify(reply.signed, keys);
}

function readData(data: unknown): Fields {
  if (data === undefined || data === null || data === '') return {};
  if (typeof data === 'string') return scalars(parseObject(data, 'The reply’s data'));
  if (isObject(data)) return scalars(data);
  throw new MalformedMessageError('The reply’s data is not an object.');
}

function parseObject(text: string, what: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new MalformedMessageError(`${what} is not JSON.`);
  }
  if (isObject(parsed)) return parsed;
  throw new MalformedMessageError(`${what} is not an object.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields whose values are text or numbers; others are extensions that a signature could not cover. */
function scalars(value: Record<string, unknown>): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, entry] of Object.entries(value)) {
    if (name !== '__proto__' && (typeof entry === 'string' || typeof entry === 'number')) fields[name] = String(entry);
  }
  return fields;
}
