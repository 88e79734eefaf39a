import { isKey, WanPayError } from '../protocol/index.js';
import { reasonOf } from '../protocol/cause.js';
import { describeSpan } from '../protocol/span.js';
import { UnknownMerchantError } from './errors.js';

/** Who is paid, and the keys shared with the platform (2.3). */
export interface Merchant {
  /** 1 to 30 letters, digits, `.`, `_` and `-`. */
  readonly merchantNo: string;
  /** At least one, each of 1 to 256 characters, newest first: the first one signs, all of them verify. */
  readonly keys: readonly string[];
}

/**
 * Where merchants are looked up by number: implement it to serve many merchants from one host. It is asked for numbers of 1
 * to 30 letters, digits, `.`, `_` and `-` alone, must answer within `timeoutMs`, and with the merchant that it was asked for.
 */
export interface MerchantRegistry {
  /** The merchant of that number; undefined when there is none. */
  find(merchantNo: string): Merchant | undefined | Promise<Merchant | undefined>;
}

/** The registry of a host with one merchant. */
export class SingleMerchant implements MerchantRegistry {
  readonly #merchant: Merchant;

  constructor(merchant: Merchant) {
    this.#merchant = merchant;
  }

  find(merchantNo: string): Merchant | undefined {
    return merchantNo === this.#merchant.merchantNo ? this.#merchant : undefined;
  }
}

/** The host's registry of merchants did not answer in time, failed, or answered what can't be used. */
export class MerchantRegistryError extends WanPayError {
  readonly code = 'merchant_registry_failed';

  constructor(problem: string, cause?: unknown) {
    super(`The registry in the option merchants ${problem}`, cause === undefined ? undefined : { cause });
  }
}

/** How a merchant's number looks; strangers choose what is asked for. */
const MERCHANT_NO = /^[0-9A-Za-z._-]{1,30}$/;

/** A host's registry, within bounds: what is asked of it, how long it may take, and what it may answer. */
export class CheckedRegistry implements MerchantRegistry {
  /** Private also at run time: whatever the host keeps its keys in is not printed with us. */
  readonly #registry: MerchantRegistry;

  constructor(
    registry: MerchantRegistry,
    private readonly timeoutMs: number,
  ) {
    this.#registry = registry;
  }

  /** @throws MerchantRegistryError */
  find(merchantNo: string): Merchant | undefined | Promise<Merchant | undefined> {
    // A registry that is a plain object would find what every object inherits.
    if (!MERCHANT_NO.test(merchantNo) || merchantNo in {}) return undefined;
    let found: ReturnType<MerchantRegistry['find']>;
    try {
      found = this.#registry.find(merchantNo);
    } catch (error) {
      throw failed(error);
    }
    return isPromise(found)
      ? withinTime(found, this.timeoutMs).then((merchant) => checked(merchant, merchantNo))
      : checked(found, merchantNo);
  }
}

function withinTime<Value>(promise: PromiseLike<Value>, ms: number): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new MerchantRegistryError(`did not answer within ${describeSpan(ms)}.`));
    }, ms);
    const stop = (): void => {
      clearTimeout(timer);
    };
    promise
      .then(resolve, (error: unknown) => {
        reject(failed(error));
      })
      .then(stop, stop);
  });
}

/** Checks what a registry returned, since a registry in JavaScript may return anything. */
function checked(found: unknown, merchantNo: string): Merchant | undefined {
  if (found === undefined || found === null) return undefined;
  if (!isMerchant(found)) {
    throw new MerchantRegistryError(
      'answered something that is no merchant: its keys are texts of 1 to 256 characters without space around them.',
    );
  }
  if (found.merchantNo !== merchantNo)
    throw new MerchantRegistryError('answered another merchant than it was asked for.');
  return found;
}

function isMerchant(found: unknown): found is Merchant {
  if (typeof found !== 'object' || found === null || !('merchantNo' in found) || !('keys' in found)) return false;
  return Array.isArray(found.keys) && found.keys.length > 0 && Array.from<unknown>(found.keys).every(isKey);
}

function isPromise(found: unknown): found is PromiseLike<Merchant | undefined> {
  return typeof found === 'object' && found !== null && 'then' in found;
}

function failed(error: unknown): MerchantRegistryError {
  return new MerchantRegistryError(`failed: ${reasonOf(error)}`, error);
}

/**
 * The merchant of that number.
 *
 * @throws UnknownMerchantError
 */
export async function requireMerchant(registry: MerchantRegistry, merchantNo: string | undefined): Promise<Merchant> {
  const merchant = merchantNo === undefined ? undefined : await registry.find(merchantNo);
  if (!merchant) throw new UnknownMerchantError(merchantNo);
  return merchant;
}
