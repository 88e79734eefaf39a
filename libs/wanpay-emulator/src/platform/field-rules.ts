import { parseTimestamp } from 'nestjs-wanpay/protocol';
import { MAX_VALID_DAYS } from '../emulator.settings.js';
import { type Fields } from './fields.js';
import { badParameter } from './reply.js';

/** One row of the protocol's tables of input fields. */
interface FieldRule {
  readonly name: string;
  readonly required: boolean;
  /** The greatest length in characters. */
  readonly length: number;
  /** What is wrong with a value that is there and not too long; undefined when nothing is. */
  readonly problem?: (value: string) => string | undefined;
}

const MIN_CENTS = 1100n;
const NONCE_LENGTH = 8;
const SIGNATURE_LENGTH = 32;

/** `orgno`, which says whose key and addresses count, and so comes before all else. */
export const MERCHANT_RULES: readonly FieldRule[] = [{ name: 'orgno', required: true, length: 30 }];

/** `sign`: 32 digits of MD5 (2.3). */
export const SIGNATURE_RULES: readonly FieldRule[] = [{ name: 'sign', required: true, length: SIGNATURE_LENGTH }];

const TIMESTAMP: FieldRule = {
  name: 'secondtimestamp',
  required: true,
  length: 10,
  problem: (value) => (parseTimestamp(value) ? undefined : '須為秒數'),
};
const NONCE: FieldRule = { name: 'nonce_str', required: true, length: NONCE_LENGTH };
const ORDER_NO: FieldRule = {
  name: 'out_trade_no',
  required: true,
  length: 20,
  problem: (value) => (/^[0-9A-Z]+$/.test(value) ? undefined : '限用數字與大寫英文字母'),
};

/** The fields of an order (3.1.1). */
export const ORDER_RULES: readonly FieldRule[] = [
  TIMESTAMP,
  NONCE,
  { name: 'total_fee', required: true, length: 12, problem: problemOfTotal },
  ORDER_NO,
  { name: 'returnurl', required: false, length: 256, problem: problemOfUrl },
  { name: 'backurl', required: false, length: 256, problem: problemOfUrl },
  { name: 'virtualatmvalidity', required: false, length: 2, problem: problemOfValidity },
  { name: 'body', required: false, length: 256 },
];

/** The fields of a query (3.1.3). */
export const QUERY_RULES: readonly FieldRule[] = [TIMESTAMP, NONCE, ORDER_NO];

/**
 * Checks a request's fields, in the order of the protocol's table. Fields that have no rule are extensions and pass.
 *
 * @throws Refusal 910, whose `info` names the first wrong field
 */
export function checkFields(fields: Fields, rules: readonly FieldRule[]): void {
  for (const { name, required, length, problem } of rules) {
    const value = fields[name] ?? '';
    if (value === '') {
      if (required) throw badParameter(`${name} 未填`);
      continue;
    }
    if (lengthOf(value) > length) throw badParameter(`${name} 超過 ${length} 個字元`);
    const found = problem?.(value);
    if (found) throw badParameter(`${name} ${found}`);
  }
}

function problemOfTotal(value: string): string | undefined {
  if (!/^\d+$/.test(value)) return '須為數字';
  if (BigInt(value) < MIN_CENTS) return `不得低於 ${MIN_CENTS.toString()}`;
  return value.endsWith('00') ? undefined : '須為整數元（末兩位 00）';
}

function problemOfValidity(value: string): string | undefined {
  const days = /^\d+$/.test(value) ? Number(value) : 0;
  return days >= 1 && days <= MAX_VALID_DAYS ? undefined : `須為 1 至 ${MAX_VALID_DAYS} 天`;
}

function problemOfUrl(value: string): string | undefined {
  return /^https?:\/\//i.test(value) && URL.canParse(value) ? undefined : '須為 http(s) 網址';
}

/** In characters, not in UTF-16 units: a table's "string 256" holds 256 of any script. */
function lengthOf(value: string): number {
  return Array.from(value).length;
}
