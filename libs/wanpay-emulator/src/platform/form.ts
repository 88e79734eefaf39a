import { copyOf } from '../journal/kept.js';
import { type Fields } from './fields.js';
import { badParameter } from './reply.js';

const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;
const FIELD_NAME = /^\w{1,32}$/;
const REPLACEMENT_CHARACTER = '\uFFFD';

/**
 * Reads the form of a request (2.1): UTF-8 `name=value` pairs, each name once.
 *
 * @throws Refusal 910
 */
export function readForm(contentType: string, body: string): Fields {
  if (!FORM_TYPE.test(contentType)) throw badParameter('請以 UTF-8 表單格式 POST');
  const fields: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(body)) {
    if (!FIELD_NAME.test(name)) throw badParameter('欄位名稱不正確');
    if (Object.hasOwn(fields, name)) throw badParameter(`${name} 重複`);
    if (value.includes(REPLACEMENT_CHARACTER)) throw badParameter(`${name} 不是 UTF-8`);
    // A part of the body would keep the whole of it in memory for as long as an order has it.
    Object.defineProperty(fields, name, { value: copyOf(value), enumerable: true });
  }
  return fields;
}
