import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { wanpayConfig, WanPayModule } from 'nestjs-wanpay';
import { PaymentsController } from './payments.controller.js';

@Module({
  imports: [ConfigModule.forRoot({ load: [wanpayConfig] }), WanPayModule.forRootAsync(wanpayConfig.asProvider())],
  controllers: [PaymentsController],
})
export class AppModule {}
