import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { wanpayConfig, WanPayModule, type WanPayModuleOptions } from 'nestjs-wanpay';
import { postgres } from 'nestjs-wanpay/postgres';
import { prismaTransactions } from 'nestjs-wanpay/transactions';
import { CheckoutController } from './checkout.controller.js';
import { PrismaModule } from './prisma.module.js';
import { connectionString, PrismaService } from './prisma.service.js';
import { Shipping } from './shipping.js';

@Module({
  imports: [
    ConfigModule.forRoot({ load: [wanpayConfig] }),
    PrismaModule,
    WanPayModule.forRootAsync({
      imports: [ConfigModule.forFeature(wanpayConfig), PrismaModule],
      inject: [wanpayConfig.KEY, PrismaService],
      useFactory: (options: WanPayModuleOptions, prisma: PrismaService) => ({
        ...options,
        ledger: postgres({ connectionString, transactions: prismaTransactions(prisma) }),
        // Bounds for how long a process that was killed keeps what it had claimed.
        delivery: { handlerTimeoutMs: 2000, baseDelayMs: 20, maxDelayMs: 200, maxAttempts: 100 },
      }),
    }),
  ],
  controllers: [CheckoutController],
  providers: [Shipping],
})
export class AppModule {}
