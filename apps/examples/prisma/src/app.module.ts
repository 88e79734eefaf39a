import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { wanpayConfig, WanPayModule, type WanPayModuleOptions } from 'nestjs-wanpay';
import { postgres } from 'nestjs-wanpay/postgres';
import { prismaTransactions } from 'nestjs-wanpay/transactions';
import { Booking } from './booking.js';
import { OrdersController } from './orders.controller.js';
import { PrismaModule } from './prisma.module.js';
import { PrismaService } from './prisma.service.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, load: [wanpayConfig] }),
    PrismaModule,
    WanPayModule.forRootAsync({
      imports: [PrismaModule],
      inject: [wanpayConfig.KEY, PrismaService, ConfigService],
      useFactory: (options: WanPayModuleOptions, prisma: PrismaService, config: ConfigService) => ({
        ...options,
        // The ledger is in the database of the orders, so one transaction can hold both.
        ledger: postgres({
          connectionString: config.getOrThrow<string>('DATABASE_URL'),
          transactions: prismaTransactions(prisma),
        }),
      }),
    }),
  ],
  controllers: [OrdersController],
  providers: [Booking],
})
export class AppModule {}
