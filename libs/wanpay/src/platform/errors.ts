import { describeCode, type PlatformInterface, WanPayError } from '../protocol/index.js';

/** Base of everything that can go wrong between us and the platform. */
export abstract class PlatformError extends WanPayError {
  /** Whether the platform may have done what was asked all the same. */
  abstract readonly mayHaveActed: boolean;
}

/** The platform understood the request and said no. */
export class PlatformRefusedError extends PlatformError {
  readonly code = 'platform_refused';
  readonly mayHaveActed: boolean;
  /** Whether the very same request can be answered otherwise later. */
  readonly retryable: boolean;

  constructor(
    /** The platform's code (3.2.1), such as `910`. */
    readonly platformCode: string,
    from: PlatformInterface,
    /** The platform's own words. */
    readonly info: string,
  ) {
    const known = describeCode(platformCode, from);
    const meaning = known ? `${known.en} (${known.zh})` : 'a code that the protocol does not list';
    super(`WanPay refused with ${platformCode}: ${meaning}.${info && info !== known?.zh ? ` It says: ${info}` : ''}`);
    this.mayHaveActed = known?.mayHaveActed ?? true;
    this.retryable = known?.retryable ?? false;
  }
}

/** No connection came about, so nothing was asked. */
export class PlatformUnreachableError extends PlatformError {
  readonly code = 'platform_unreachable';
  readonly mayHaveActed = false;

  constructor(cause: Error) {
    super(
      `WanPay can't be reached (${describeCause(cause)}). Check WANPAY_BASE_URL, the proxy and the firewall, then try again.`,
      { cause },
    );
  }
}

/** The request went out and no usable answer came back, so the platform may have acted. */
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

/** The platform answered something that is not a reply of this protocol. */
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

/** The platform's reply carries a signature, and it is wrong. */
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

function describeCause(cause: Error): string {
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
}
