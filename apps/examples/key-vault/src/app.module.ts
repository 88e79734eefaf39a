import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { WanPayModule } from 'nestjs-wanpay';
import { CheckoutController } from './checkout.controller.js';
import { KeyVaultModule } from './key-vault.module.js';
import { MarketplaceMerchants } from './marketplace-merchants.js';
import { Payouts } from './payouts.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    WanPayModule.forRootAsync({
      imports: [KeyVaultModule],
      inject: [MarketplaceMerchants, ConfigService],
      useFactory: (merchants: MarketplaceMerchants, config: ConfigService) => ({
        // One route for all merchants. Their keys are in no variable and no file of the application.
        merchants,
        baseUrl: config.getOrThrow<string>('WANPAY_BASE_URL'),
        publicUrl: config.getOrThrow<string>('WANPAY_PUBLIC_URL'),
      }),
    }),
  ],
  controllers: [CheckoutController],
  providers: [Payouts],
})
export class AppModule {}
