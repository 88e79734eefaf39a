// The process under load. Its make is its argument, as JSON; it does what messages ask for, and ends when nobody can ask.
import 'reflect-metadata';
import { setTimeout as pause } from 'node:timers/promises';
import { type DynamicModule, Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type AtmPaid, OnAtmEvent, WanPayModule, WanPayService } from 'nestjs-wanpay';
import { Ledger, MemoryStore } from 'nestjs-wanpay/ledger';
import { postgres } from 'nestjs-wanpay/postgres';
import type { Pool } from 'pg';
import { createPool } from '../database/pool.js';
import { MERCHANT, openAll, orderNos } from '../orders.js';
import { BareController, ByHandController, DtoController, POOL, SignatureGuard } from './beside.js';
import { type Ask, type HostMake, isAsk, readMake } from './make.js';
import { TimedStore } from './timed-store.js';

const make = readMake(process.argv[2] ?? '');
const pool = make.database === undefined ? undefined : createPool(make.database);
const timed = make.timed && pool ? new TimedStore(postgres({ pool })) : undefined;

/** A handler that takes no time: what is measured is what stands around it. */
@Injectable()
class Shipping {
  @OnAtmEvent('atm.paid')
  ship({ orderNo }: AtmPaid): void {
    timed?.note(orderNo, 'handling');
    timed?.note(orderNo, 'handled');
  }
}

@Module({})
class HostModule {
  static of(made: HostMake): DynamicModule {
    return { module: HostModule, ...partsOf(made) };
  }
}

function partsOf({ kind, delivery }: HostMake): ModuleMetadata {
  switch (kind) {
    case 'bare':
      return { controllers: [BareController] };
    case 'dto':
      return { controllers: [DtoController], providers: [SignatureGuard] };
    case 'by-hand':
      return { controllers: [ByHandController], providers: [{ provide: POOL, useValue: pool }] };
    case 'module': {
      const options = {
        merchant: { ...MERCHANT },
        publicUrl: 'http://127.0.0.1',
        ledger: timed?.store ?? (pool ? postgres({ pool }) : new MemoryStore()),
        delivery: { enabled: delivery !== 'elsewhere' },
      };
      return { imports: [WanPayModule.forRoot(options)], providers: [Shipping] };
    }
  }
}

const adapter: AbstractHttpAdapter = make.adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
const app = await NestFactory.create(HostModule.of(make), adapter, make.log ? {} : { logger: false });
await app.listen(0, '127.0.0.1');

process.on('message', (message) => {
  if (isAsk(message)) void answer(message).then(say);
});
process.once('disconnect', () => void end(pool));
say([portOf(app.getHttpServer())]);

async function answer(asked: Ask): Promise<readonly number[]> {
  switch (asked.ask) {
    case 'open': {
      await openAll(app.get(Ledger, { strict: false }), orderNos(asked.prefix, asked.count));
      return [];
    }
    case 'purge':
      return [await app.get(WanPayService, { strict: false }).purge({ before: new Date() })];
    case 'memory': {
      // What closed connections and timers held is free once their callbacks have run.
      await pause(100);
      global.gc?.();
      const { heapUsed, rss } = process.memoryUsage();
      return [heapUsed, rss];
    }
    case 'delivered':
      return [app.get(WanPayService, { strict: false }).deliveryCounts.delivered];
    case 'moments':
      return orderNos(asked.prefix, asked.count).flatMap((orderNo) => timed?.momentsOf(orderNo) ?? []);
  }
}

function say(numbers: readonly number[]): void {
  process.send?.({ numbers });
}

function portOf(server: unknown): number {
  if (typeof server === 'object' && server !== null && 'address' in server && typeof server.address === 'function') {
    const address: unknown = Reflect.apply(server.address, server, []);
    if (typeof address === 'object' && address !== null && 'port' in address) return Number(address.port);
  }
  throw new TypeError('The server has no port.');
}

async function end(connections: Pool | undefined): Promise<void> {
  await app.close();
  await connections?.end();
  process.exit();
}
