import { createNonce, type Fields, sign } from 'nestjs-wanpay/protocol';
import { type SignatureFinding } from './signature-finding.js';

/** The frame of every reply (3.1.1, 3.1.3); without `sign`, as in the vendor's samples, and without `data` on failure. */
export interface PlatformReply {
  readonly status: string;
  /** At most 50 characters. */
  readonly info: string;
  readonly data?: Fields;
}

/** The codes that the platform's own checks answer with (3.2.1). */
export const BAD_PARAMETER = '910';
export const NO_PERMISSION = '911';
export const MERCHANT_CHECK_FAILED = '913';
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
}

/** A reply as the JSON text that is sent. */
export function writeReply({ status, info, data }: PlatformReply, { key, isStatusNumeric }: ReplyStyle = {}): string {
  const head = { status: isStatusNumeric ? Number(status) : status, info, ...(data ? { data } : {}) };
  if (key === undefined) return JSON.stringify(head);
  const nonce = { nonce_str: createNonce() };
  const signature = sign({ ...data, status: String(head.status), info, ...nonce }, key);
  return JSON.stringify({ ...head, ...nonce, sign: signature });
}
