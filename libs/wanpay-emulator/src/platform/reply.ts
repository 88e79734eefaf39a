import { createNonce, sign } from 'nestjs-wanpay/protocol';
import { isJsonNumber, writeJson } from '../http/json-text.js';
import { type Fields } from './fields.js';
import { type SignatureFinding } from './signature-finding.js';

/** The frame of every reply (3.1.1, 3.1.3); without `sign`, as in the vendor's samples. */
export interface PlatformReply {
  readonly status: string;
  /** At most 50 characters. */
  readonly info: string;
  readonly data?: Fields;
  /** Those of the data that are JSON numbers, digit for digit. */
  readonly numbers?: readonly string[];
}

/** The codes that the platform's own checks answer with (3.2.1). */
export const BAD_PARAMETER = '910';
export const NO_PERMISSION = '911';
export const MERCHANT_CHECK_FAILED = '913';
export const OTHER_ERROR = '993';
export const ORDER_EXISTS = '6307';
export const NO_SUCH_ORDER = '5223';
export const SUCCESS = '900';

/** Says no, in the protocol's terms. */
export class Refusal extends Error {
  constructor(
    readonly status: string,
    /** At most 50 characters. */
    readonly info: string,
    /** Where the signature was wrong: how. */
    readonly signature?: SignatureFinding,
  ) {
    super(info);
  }
}

/** Refuses a request for one of its fields. */
export function badParameter(problem: string): Refusal {
  return new Refusal(BAD_PARAMETER, `參數錯誤：${problem}`);
}

/** How a reply is written where the vendor's samples don't show it. */
export interface ReplyStyle {
  /** The key that signs it, over its data and its head; none, as in the samples, when absent. */
  readonly key?: string;
  /** `status` as a JSON number. */
  readonly isStatusNumeric?: boolean;
  /** Whether a reply without data has an empty `data`. */
  readonly needsData?: boolean;
}

/** A reply as the JSON text that is sent. */
export function writeReply(reply: PlatformReply, { key, isStatusNumeric, needsData }: ReplyStyle = {}): string {
  const { info, data, numbers = [] } = reply;
  const status = isStatusNumeric ? String(Number(reply.status)) : reply.status;
  const nonce = { nonce_str: createNonce() };
  const tail = key === undefined ? undefined : { ...nonce, sign: sign({ ...data, status, info, ...nonce }, key) };
  const parts = [
    writeJson({ status, info }, (name) => name === 'status' && isStatusNumeric === true),
    ...(data ? [`{"data":${writeJson(data, (name, value) => numbers.includes(name) && isJsonNumber(value))}}`] : []),
    ...(!data && needsData ? [writeJson({ data: '' })] : []),
    ...(tail ? [writeJson(tail)] : []),
  ];
  return `{${parts.map((part) => part.slice(1, -1)).join(',')}}`;
}
