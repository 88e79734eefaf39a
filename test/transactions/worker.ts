// An application without a server that has one instance of the module for each tool, and a transactional handler in each.
import 'reflect-metadata';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type AtmHandlerContext, type AtmPaid, OnAtmEvent, WanPayModule } from 'nestjs-wanpay';
import { mysql } from 'nestjs-wanpay/mysql';
import { postgres } from 'nestjs-wanpay/postgres';
import { schemaOf } from './tool.js';
import { OPEN } from './tools.js';

const address = process.argv[2] ?? '';
const isMysql = address.startsWith('mysql:');
/** A handler's time bounds for how long a killed process keeps what it had claimed. */
const delivery = { maxAttempts: 100, baseDelayMs: 20, maxDelayMs: 200, handlerTimeoutMs: 2000 };
/** Long enough that a process is killed in the middle of some. */
const SECONDS = 0.02;

interface Parts {
  readonly module: DynamicModule;
  readonly handler: Type;
}

async function partsOf(name: keyof typeof OPEN): Promise<Parts> {
  const tool = await OPEN[name](address);
  const { transactions } = tool;
  const ledger = isMysql
    ? mysql({ uri: address, transactions })
    : postgres({ connectionString: address, schema: schemaOf(name), transactions });
  /** Writes each row without looking for an earlier one, so that a handler that ran twice is seen. */
  class Shipping {
    @OnAtmEvent('atm.paid', { id: `${name}.ship`, instance: name, transaction: true })
    async ship({ orderNo }: AtmPaid, { transaction }: AtmHandlerContext<unknown>): Promise<void> {
      await tool.insert(transaction, orderNo);
      await tool.sleep(transaction, SECONDS);
    }
  }
  const module = WanPayModule.forRoot({
    ...{ name, merchant: { merchantNo: '21008024', key: 'a key' }, publicUrl: 'http://127.0.0.1', ledger, delivery },
    reconciliation: { enabled: false },
  });
  return { module, handler: Shipping };
}

@Module({})
class Worker {}

/** In MySQL one database has one ledger. */
const tools = isMysql
  ? (['typeorm'] as const)
  : (['typeorm', 'typeorm03', 'mikroOrm', 'drizzle', 'kysely', 'knex'] as const);
const parts = await Promise.all(tools.map(partsOf));
const imports = parts.map(({ module }) => module);
const providers = parts.map(({ handler }) => handler);
await NestFactory.createApplicationContext(
  { module: Worker, imports, providers },
  { logger: false, abortOnError: false },
);
process.stdout.write('ready\n');
