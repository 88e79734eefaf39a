import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { wanpayConfig, WanPayModule, type WanPayModuleOptions } from 'nestjs-wanpay';
import { postgres } from 'nestjs-wanpay/postgres';
import { Shipping } from './shipping.js';

/** Runs the handlers, and queries the platform about payments that no notification came for. */
@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, load: [wanpayConfig] }),
    WanPayModule.forRootAsync({
      notifications: false, // no route
      inject: [wanpayConfig.KEY, ConfigService],
      useFactory: (options: WanPayModuleOptions, config: ConfigService) => ({
        ...options,
        ledger: postgres({ connectionString: config.getOrThrow<string>('DATABASE_URL') }),
      }),
    }),
  ],
  providers: [Shipping],
})
export class WorkerModule {}
