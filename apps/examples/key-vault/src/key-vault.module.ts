import { Module } from '@nestjs/common';
import { KeyVault } from './key-vault.js';
import { MarketplaceMerchants } from './marketplace-merchants.js';

@Module({ providers: [KeyVault, MarketplaceMerchants], exports: [MarketplaceMerchants] })
export class KeyVaultModule {}
