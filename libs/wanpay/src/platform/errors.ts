import {
  cleanWords,
  describeCode,
  type PlatformInterface,
  TIMESTAMP_VALIDITY_SECONDS,
  WanPayError,
} from '../protocol/index.js';
import { cleanCode } from '../protocol/words.js';

/** Base of every error in an exchange with the platform. */
export abstract class PlatformError extends WanPayError {
  /** Whether the platform may have carried the request out nevertheless. */
  abstract readonly mayHaveActed: boolean;
}

/** The platform refused the request with a code (3.2.1). */
export class PlatformRefusedError extends PlatformError {
  readonly code = 'platform_refused';
  readonly mayHaveActed: boolean;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** The platform's code (3.2.1), such as `910`. */
  readonly platformCode: string;
  /** The platform's own words, cleaned and cut. */
  readonly info: string;

  constructor(
    platformCode: string,
    from: PlatformInterface,
    info: string,
    /**
     * By how many seconds this machine's clock is ahead of the platform's (negative: behind). Present for 910 and 913 when it is
     * more than a minute, since that may be the cause.
     */
    readonly clockOffsetSeconds?: number,
  ) {
    const code = cleanCode(platformCode);
    const words = cleanWords(info);
    const known = describeCode(code, from);
    const meaning = known ? `${known.en} (${known.zh})` : 'a code that the protocol does not list';
    super(
      `WanPay refused with ${code}: ${meaning}.${words && words !== known?.zh ? ` It says: ${words}` : ''}${clockHint(clockOffsetSeconds)}`,
    );
    this.platformCode = code;
    this.info = words;
    this.mayHaveActed = known?.mayHaveActed ?? true;
    this.retryable = known?.retryable ?? false;
  }
}

/**
 * Where the connection to the platform failed: when its host name was resolved, when its port was connected to, at the proxy or
 * in the tunnel through it, or in the TLS handshake.
 */
export type UnreachableStage = 'dns' | 'connect' | 'proxy' | 'tls';

/** What is known of a connection that did not reach the platform. */
export interface UnreachableWay {
  /** `connect` unless told otherwise. */
  readonly stage?: UnreachableStage;
  /** The proxy's host and port, where there is one. */
  readonly proxy?: string;
  /** The HTTP status with which the proxy refused. */
  readonly proxyStatus?: number;
  /** What is wrong with the proxy's configuration, in words. */
  readonly problem?: string;
}

/** The request was not sent, so the platform did nothing. */
export class PlatformUnreachableError extends PlatformError {
  readonly code = 'platform_unreachable';
  readonly mayHaveActed = false;
  /** Where the connection failed. */
  readonly stage: UnreachableStage;
  /** The host and port of the proxy on the way; absent where there is none. */
  readonly proxy?: string;
  /** The HTTP status with which the proxy refused; absent where it did not. */
  readonly proxyStatus?: number;

  constructor(cause: Error, way: UnreachableWay = {}) {
    const { stage = 'connect', proxy, proxyStatus } = way;
    const through = proxy && stage !== 'proxy' ? `, through the proxy ${proxy}` : '';
    super(`WanPay can't be reached (${describeCause(cause)})${through}. ${adviceFor(way)} Nothing was sent.`, {
      cause,
    });
    this.stage = stage;
    if (proxy !== undefined) this.proxy = proxy;
    if (proxyStatus !== undefined) this.proxyStatus = proxyStatus;
  }
}

/** The request was sent and no usable answer came back, so the platform may have acted. */
export class ResultUnknownError extends PlatformError {
  readonly code = 'result_unknown';
  readonly mayHaveActed = true;

  constructor(reason: string, cause?: Error) {
    super(
      `WanPay did not answer (${reason}), so whether it acted is unknown. Call again with the same order number: ` +
        'the platform is then queried before anything is asked anew.',
      cause && { cause },
    );
  }
}

/** The platform's answer is not a reply of this protocol (3.1.1, 3.1.3). */
export class MalformedReplyError extends PlatformError {
  readonly code = 'malformed_reply';
  readonly mayHaveActed = true;

  constructor(problem: string, cause?: Error) {
    super(
      `WanPay's reply can't be read: ${problem} Check that WANPAY_BASE_URL is the platform's address.`,
      cause && { cause },
    );
  }
}

/** The platform's reply carries a wrong signature (2.3). */
export class ReplySignatureError extends PlatformError {
  readonly code = 'bad_reply_signature';
  readonly mayHaveActed = true;

  constructor() {
    super(
      'A reply carries a wrong signature. Check WANPAY_KEY and that WANPAY_BASE_URL is the platform’s own address.',
    );
  }
}

/** A merchant number that is not configured here. */
export class UnknownMerchantError extends WanPayError {
  readonly code = 'unknown_merchant';

  constructor(merchantNo: string | undefined) {
    super(
      merchantNo === undefined
        ? 'No merchant is configured as the default: pass merchantNo.'
        : `Merchant ${merchantNo} is not known here: add it to the option merchant, or to the registry in merchants.`,
    );
  }
}

function clockHint(offsetSeconds: number | undefined): string {
  return offsetSeconds === undefined ? '' : ` ${describeClock(offsetSeconds)}`;
}

/** What a clock that is off means, in words. */
export function describeClock(offsetSeconds: number): string {
  const offset = Math.abs(offsetSeconds);
  const [unit, seconds] = offset < 120 ? ['seconds', 1] : offset < 7200 ? ['minutes', 60] : ['hours', 3600];
  const direction = offsetSeconds > 0 ? 'ahead of' : 'behind';
  return (
    `This machine's clock is ${Math.round(offset / seconds)} ${unit} ${direction} the platform's, and timestamps are valid for ` +
    `${TIMESTAMP_VALIDITY_SECONDS / 60} minutes: have it set by NTP.`
  );
}

function adviceFor({ stage = 'connect', proxy, proxyStatus, problem }: UnreachableWay): string {
  if (problem !== undefined) return `${problem}.`;
  switch (stage) {
    case 'dns':
      return 'Its host name can’t be resolved: check WANPAY_BASE_URL and this machine’s DNS.';
    case 'connect':
      return 'Check WANPAY_BASE_URL, the proxy and the firewall, then try again.';
    case 'tls':
      return 'TLS failed: check WANPAY_BASE_URL and the certificate; NODE_EXTRA_CA_CERTS names an authority of your own.';
    case 'proxy':
      return `${proxy ? `The proxy ${proxy}` : 'The proxy'} ${adviceForProxy(proxyStatus)}`;
  }
}

function adviceForProxy(status: number | undefined): string {
  if (status === undefined) return 'did not connect: check WANPAY_PROXY, HTTPS_PROXY and HTTP_PROXY, and that it runs.';
  if (status === 407) return 'asks for a user and a password (407): write http://user:password@host:port.';
  if (status < 500) return `does not let us through (${status}): have it allow the platform’s host and port.`;
  return `can't reach the platform (${status}): look at its log and its own connection.`;
}

/** By its code, since a message may hold more than is meant to be told; of a time limit in words, which are ours. */
function describeCause(cause: Error): string {
  if (/^timed out after [\d.a-z ]{1,20}$/.test(cause.message)) return cause.message;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
}
