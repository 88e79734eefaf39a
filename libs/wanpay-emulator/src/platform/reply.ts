import { type ServerResponse } from 'node:http';

/** The frame of every reply (3.1.1, 3.1.3); without `sign`, as in the vendor's samples, and without `data` on failure. */
export interface PlatformReply {
  readonly status: string;
  /** At most 50 characters. */
  readonly info: string;
  readonly data?: Readonly<Record<string, string>>;
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
  ) {
    super(info);
  }
}

/** Refuses a request for one of its fields. */
export function badParameter(problem: string): Refusal {
  return new Refusal(BAD_PARAMETER, `參數錯誤：${problem}`);
}

/** Sends a protocol reply, always over HTTP 200. */
export function sendReply(response: ServerResponse, reply: PlatformReply): void {
  sendBody(response, 200, JSON.stringify(reply));
}

/** Sends any body with any HTTP status. */
export function sendBody(response: ServerResponse, httpStatus: number, body: string): void {
  response.writeHead(httpStatus, {
    'content-type': 'application/json;charset=UTF-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
