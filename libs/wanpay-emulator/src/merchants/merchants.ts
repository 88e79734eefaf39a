import { InvalidArgumentError } from '../errors.js';
import { readSourceList, type SourceList } from './source-list.js';

/** A merchant that the emulator knows. Give `key`, or `keys` during a rotation. */
export interface MerchantOptions {
  /** At most 30 characters (`orgno`, 3.1.1). */
  readonly merchantNo: string;
  /** The signing key (2.3). */
  readonly key?: string;
  /** Several signing keys: all verify the merchant's messages, the first signs the platform's. */
  readonly keys?: readonly string[];
  /** The IPv4 or IPv6 addresses and CIDR ranges it may call from (2.2); others are answered 911. Default: any. */
  readonly allowedSources?: readonly string[];
}

/** A merchant, as the emulator works with it. */
export interface Merchant {
  readonly merchantNo: string;
  /** Signs the platform's messages. */
  readonly key: string;
  /** All of them verify the merchant's messages. */
  readonly keys: readonly string[];
  readonly sources: SourceList;
}

/** The test merchant that the vendor's document publishes with its key (2.1). */
export const TEST_MERCHANT: MerchantOptions = { merchantNo: '21008024', key: 'QGbZvggxNdGgMUnp' };

const MAX_MERCHANT_NO_LENGTH = 30;

/** The merchants that the platform knows, by their numbers. */
export class Merchants {
  readonly #byNo: ReadonlyMap<string, Merchant>;
  /** The one that is meant when none is named. */
  readonly first: Merchant;

  /** @throws InvalidArgumentError when there is none, or a number or key is missing or given twice */
  constructor(options: readonly MerchantOptions[]) {
    const merchants = options.map(readMerchant);
    const [first] = merchants;
    if (!first) throw new InvalidArgumentError('merchants', 'must hold at least one merchant.');
    this.first = first;
    this.#byNo = new Map(merchants.map((merchant) => [merchant.merchantNo, merchant]));
    if (this.#byNo.size < merchants.length) throw new InvalidArgumentError('merchants', 'holds a number twice.');
  }

  find(merchantNo: string): Merchant | undefined {
    return this.#byNo.get(merchantNo);
  }
}

function readMerchant(options: MerchantOptions): Merchant {
  const { merchantNo } = options;
  if (merchantNo === '' || merchantNo.length > MAX_MERCHANT_NO_LENGTH) {
    throw new InvalidArgumentError('merchantNo', `must have 1 to ${MAX_MERCHANT_NO_LENGTH} characters.`);
  }
  const keys = [...(options.key === undefined ? [] : [options.key]), ...(options.keys ?? [])];
  const [key] = keys;
  if (!key || keys.includes('')) throw new InvalidArgumentError('key', `of merchant ${merchantNo} is missing.`);
  return { merchantNo, key, keys, sources: readSourceList(options.allowedSources) };
}
