import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import type { Queue } from 'bullmq';
import { wanpayConfig, WanPayModule, type WanPayModuleOptions } from 'nestjs-wanpay';
import { bullmq } from 'nestjs-wanpay/bullmq';
import { postgres } from 'nestjs-wanpay/postgres';
import { CheckoutController } from './checkout.controller.js';
import { Shipping } from './shipping.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, load: [wanpayConfig] }),
    BullModule.forRootAsync({
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({ connection: { url: config.getOrThrow<string>('REDIS_URL') } }),
    }),
    WanPayModule.forRootAsync({
      // A queue for this module alone: your own jobs take queues of their own.
      imports: [BullModule.registerQueue({ name: 'wanpay' })],
      inject: [wanpayConfig.KEY, ConfigService, getQueueToken('wanpay')],
      useFactory: (options: WanPayModuleOptions, config: ConfigService, queue: Queue) => ({
        ...options,
        // Payments are kept here. The queue only hands out work, so nothing is lost with it.
        ledger: postgres({ connectionString: config.getOrThrow<string>('DATABASE_URL') }),
        queue: bullmq(queue),
      }),
    }),
  ],
  controllers: [CheckoutController],
  providers: [Shipping],
})
export class AppModule {}
