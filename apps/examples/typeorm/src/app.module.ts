import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { wanpayConfig, WanPayModule, type WanPayModuleOptions } from 'nestjs-wanpay';
import { postgres } from 'nestjs-wanpay/postgres';
import { typeormTransactions } from 'nestjs-wanpay/transactions';
import { DataSource } from 'typeorm';
import { Booking } from './booking.js';
import { DataModule } from './data.module.js';
import { OrdersController } from './orders.controller.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, load: [wanpayConfig] }),
    DataModule,
    WanPayModule.forRootAsync({
      imports: [DataModule],
      inject: [wanpayConfig.KEY, DataSource, ConfigService],
      useFactory: (options: WanPayModuleOptions, dataSource: DataSource, config: ConfigService) => ({
        ...options,
        // The ledger is in the database of the orders, so one transaction can hold both.
        ledger: postgres({
          connectionString: config.getOrThrow<string>('DATABASE_URL'),
          transactions: typeormTransactions(dataSource),
        }),
      }),
    }),
  ],
  controllers: [OrdersController],
  providers: [Booking],
})
export class AppModule {}
