import { Injectable } from '@nestjs/common';
import type { Merchant, MerchantRegistry } from 'nestjs-wanpay';
import { KeyVault } from './key-vault.js';

const MERCHANT_NO = /^\d+$/;

@Injectable()
export class MarketplaceMerchants implements MerchantRegistry {
  constructor(private readonly vault: KeyVault) {}

  async find(merchantNo: string): Promise<Merchant | undefined> {
    // The number becomes the name of a file, and may come from a notification that nobody has verified yet.
    if (!MERCHANT_NO.test(merchantNo)) return undefined;
    const keys = await this.vault.keysOf(merchantNo);
    // The newest key signs and all of them verify, so both are valid while the platform changes over.
    return keys && { merchantNo, keys };
  }
}
