import { SUCCESS_CODE } from './codes.js';
import { MalformedMessageError } from './errors.js';
import { type Fields, readFields } from './fields.js';
import { parseJson } from './json.js';
import { verify } from './signature.js';
import { cleanCode, cleanWords, MAX_WORDS } from './words.js';

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
 * Numbers are read as they were written, to the last digit, and a byte order mark is passed over.
 *
 * @param secrets texts that must not stay in the platform's words, such as the merchant's keys
 * @throws MalformedMessageError when it is none of that, or is signed but could mean two things (see `readFields`)
 */
export function readReply(text: string, secrets: readonly string[] = []): Reply {
  const envelope = parseObject(text.replace(/^\uFEFF/, ''), 'The reply');
  const { data: rawData, ...rest } = envelope;
  const head = scalars(rest);
  const status = head.status;
  if (!status) throw new MalformedMessageError('The reply has no status.');
  const data = status === SUCCESS_CODE ? readData(rawData) : readFailureData(rawData);
  const signed = head.sign ? merge(data, head) : data.sign ? data : undefined;
  return {
    status: cleanCode(status),
    info: cleanWords(head.info ?? '', MAX_WORDS, secrets),
    data,
    ...(signed ? { signed: readFields(signed) } : {}),
  };
}

/** Tells whether a reply may be believed: it carries no signature (TLS vouches for it), or a correct one (2.3). */
export function isReplyTrusted(reply: Reply, keys: readonly string[]): boolean {
  return reply.signed === undefined || verify(reply.signed, keys);
}

/** One signature over both can't tell which of two fields of one name it covers. */
function merge(data: Fields, head: Fields): Fields {
  if (Object.keys(data).some((name) => Object.hasOwn(head, name))) {
    throw new MalformedMessageError('The signed reply has a field twice.');
  }
  return { ...data, ...head };
}

function readData(data: unknown): Fields {
  if (data === undefined || data === null || data === '') return {};
  if (typeof data === 'string') return scalars(parseObject(data, 'The reply’s data'));
  if (isObject(data)) return scalars(data);
  throw new MalformedMessageError('The reply’s data is not an object.');
}

/** The code of a failure says enough: whatever text the platform puts beside it must not hide the code. */
function readFailureData(data: unknown): Fields {
  try {
    return readData(data);
  } catch (error) {
    if (error instanceof MalformedMessageError) return {};
    throw error;
  }
}

function parseObject(text: string, what: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = parseJson(text);
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
    if (name !== '__proto__' && typeof entry === 'string') fields[name] = entry;
  }
  return fields;
}
