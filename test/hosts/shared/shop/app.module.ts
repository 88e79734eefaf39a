import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { wanpayConfig, WanPayModule, type WanPayModuleOptions } from 'nestjs-wanpay';
import { sqlite } from 'nestjs-wanpay/sqlite';
import { CheckoutController } from './checkout.controller';
import { Shipping } from './shipping';

@Module({
  imports: [
    ConfigModule.forRoot({ load: [wanpayConfig] }),
    WanPayModule.forRootAsync({
      imports: [ConfigModule.forFeature(wanpayConfig)],
      inject: [wanpayConfig.KEY],
      useFactory: (options: WanPayModuleOptions) => ({
        ...options,
        ledger: sqlite({ file: process.env.LEDGER ?? './wanpay.db' }),
      }),
    }),
  ],
  controllers: [CheckoutController],
  providers: [Shipping],
})
export class AppModule {}
