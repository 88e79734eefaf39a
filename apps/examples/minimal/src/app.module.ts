import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { wanpayConfig, WanPayModule } from 'nestjs-wanpay';
import { CheckoutController } from './checkout.controller.js';
import { Shipping } from './shipping.js';

@Module({
  imports: [ConfigModule.forRoot({ load: [wanpayConfig] }), WanPayModule.forRootAsync(wanpayConfig.asProvider())],
  controllers: [CheckoutController],
  providers: [Shipping],
})
export class AppModule {}
