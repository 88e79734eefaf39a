import { UnknownMerchantError } from './errors.js';

/** Who is paid, and the keys shared with the platform. */
export interface Merchant {
  readonly merchantNo: string;
  /** Newest first: the first one signs, all of them verify. At least one. */
  readonly keys: readonly string[];
}

/** Where merchants are looked up by number: implement it to serve many merchants from one host. */
export interface MerchantRegistry {
  find(merchantNo: string): Merchant | undefined | Promise<Merchant | undefined>;
}

/** The registry of a host with one merchant. */
export class SingleMerchant implements MerchantRegistry {
  constructor(private readonly merchant: Merchant) {}

  find(merchantNo: string): Merchant | undefined {
    return merchantNo === this.merchant.merchantNo ? this.merchant : undefined;
  }
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
