import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { wanpayConfig, WanPayModule, type WanPayModuleOptions } from 'nestjs-wanpay';
import { openTelemetry } from 'nestjs-wanpay/telemetry';
import { CheckoutController } from './checkout.controller.js';
import { Shipping } from './shipping.js';

@Module({
  imports: [
    ConfigModule.forRoot({ load: [wanpayConfig] }),
    WanPayModule.forRootAsync({
      ...wanpayConfig.asProvider(),
      // Order numbers are in spans because this says so. Metrics never have them.
      useFactory: (options: WanPayModuleOptions) => ({
        ...options,
        telemetry: openTelemetry({ identify: ['orderNo'] }),
      }),
    }),
  ],
  controllers: [CheckoutController],
  providers: [Shipping],
})
export class AppModule {}
