import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type AtmHandlerContext, type AtmPaid, OnAtmEvent, WanPayModule } from 'nestjs-wanpay';
import { mysql } from 'nestjs-wanpay/mysql';
import { type Tool, TOOLS } from './tools.js';

/** A process without a server, which handles events with the tool that its command line names. */
const [, , uri = '', name = ''] = process.argv;
const tool: Tool | undefined = await TOOLS[name]?.(uri);
if (!tool) throw new Error(`There is no tool "${name}".`);

@Injectable()
class Shipping {
  @OnAtmEvent('atm.paid', { id: 'Shipping.ship', transaction: true })
  async ship({ orderNo }: AtmPaid, { transaction }: AtmHandlerContext<unknown>) {
    await tool?.insert(transaction, orderNo);
    // Long enough that a process can be killed in the middle.
    await tool?.sleep(transaction, 0.02);
  }
}

@Module({
  imports: [
    WanPayModule.forRoot({
      merchant: { merchantNo: '21008024', key: 'a key' },
      publicUrl: 'http://127.0.0.1',
      ledger: mysql({ uri, transactions: tool.transactions }),
      reconciliation: { enabled: false },
      // Bounds for how long a process that was killed keeps what it had claimed.
      delivery: { handlerTimeoutMs: 2000, baseDelayMs: 20, maxDelayMs: 200, maxAttempts: 100 },
    }),
  ],
  providers: [Shipping],
})
class AppModule {}

await NestFactory.createApplicationContext(AppModule, { logger: false });
