import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { wanpayConfig, WanPayModule, type WanPayModuleOptions } from 'nestjs-wanpay';
import { postgres } from 'nestjs-wanpay/postgres';
import { CheckoutController } from './checkout.controller.js';

/** Takes payments and receives notifications. It has no handlers. */
@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, load: [wanpayConfig] }),
    WanPayModule.forRootAsync({
      inject: [wanpayConfig.KEY, ConfigService],
      useFactory: (options: WanPayModuleOptions, config: ConfigService) => ({
        ...options,
        ledger: postgres({ connectionString: config.getOrThrow<string>('DATABASE_URL') }),
        delivery: { enabled: false }, // leaves every delivery to the workers
        reconciliation: { enabled: false }, // and every check
      }),
    }),
  ],
  controllers: [CheckoutController],
})
export class WebModule {}
