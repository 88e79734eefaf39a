import { randomBytes } from 'node:crypto';
import { isJsonNumber, writeJson } from '../http/json-text.js';
import { type Fields } from '../platform/fields.js';

/** How the fields of an attempt are put into its body. */
export type Encoding = 'form' | 'multipart' | 'json' | 'json with numbers' | 'json with a numeric status';

/** A body, and the Content-Type that tells how to read it. */
interface Encoded {
  readonly contentType: string;
  readonly body: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';

export function encode(fields: Fields, encoding: Encoding): Encoded {
  switch (encoding) {
    case 'form':
      return {
        contentType: 'application/x-www-form-urlencoded; charset=utf-8',
        body: new URLSearchParams(fields).toString(),
      };
    case 'multipart':
      return encodeMultipart(fields);
    case 'json':
      return { contentType: JSON_TYPE, body: writeJson(fields) };
    case 'json with numbers':
      return { contentType: JSON_TYPE, body: writeJson(fields, (_, value) => isJsonNumber(value)) };
    case 'json with a numeric status':
      return {
        contentType: JSON_TYPE,
        body: writeJson(fields, (name, value) => name === 'status' && isJsonNumber(value)),
      };
  }
}

function encodeMultipart(fields: Fields): Encoded {
  const boundary = `----wanpay${randomBytes(12).toString('hex')}`;
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return { contentType: `multipart/form-data; boundary=${boundary}`, body: `${parts.join('')}--${boundary}--\r\n` };
}
