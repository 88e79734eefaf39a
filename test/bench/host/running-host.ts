import { setTimeout as pause } from 'node:timers/promises';
import { type DynamicModule, type INestApplication, Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type AtmPaid, OnAtmEvent, WanPayModule, WanPayService } from 'nestjs-wanpay';
import { Ledger, MemoryStore } from 'nestjs-wanpay/ledger';
import { postgres } from 'nestjs-wanpay/postgres';
import { openTelemetry } from 'nestjs-wanpay/telemetry';
import type { Pool } from 'pg';
import { createPool } from '../database/pool.js';
import { MERCHANT, openAll, orderNos } from '../orders.js';
import { BareController, ByHandController, DtoController, POOL, SignatureGuard } from './beside.js';
import { LivePage } from './live-page.js';
import type { Ask, HostMake } from './make.js';
import { TimedStore } from './timed-store.js';

/** What a host is built on. */
interface Parts {
  readonly pool?: Pool;
  readonly timed?: TimedStore;
}

/** A host that listens. */
export class RunningHost {
  private constructor(
    private readonly app: INestApplication,
    readonly port: number,
    private readonly parts: Parts,
  ) {}

  static async start(make: HostMake): Promise<RunningHost> {
    const pool = make.database === undefined ? undefined : createPool(make.database);
    const timed = make.timed && pool ? new TimedStore(postgres({ pool })) : undefined;
    const parts = { ...(pool && { pool }), ...(timed && { timed }) };
    const adapter: AbstractHttpAdapter = make.adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
    const app = await NestFactory.create(HostModule.of(make, parts), adapter, make.log ? {} : { logger: false });
    await app.listen(0, '127.0.0.1');
    return new RunningHost(app, portOf(app.getHttpServer()), parts);
  }

  async answer(asked: Ask): Promise<readonly number[]> {
    switch (asked.ask) {
      case 'open': {
        await openAll(this.app.get(Ledger, { strict: false }), orderNos(asked.prefix, asked.count));
        this.parts.timed?.forget();
        return [];
      }
      case 'purge':
        return [await this.wanpay.purge({ before: new Date() })];
      case 'cpu': {
        const { user, system } = process.cpuUsage();
        return [(user + system) / 1000];
      }
      case 'memory': {
        // What closed connections and timers held is free once their callbacks have run.
        await pause(100);
        global.gc?.();
        const { heapUsed, rss } = process.memoryUsage();
        return [heapUsed, rss];
      }
      case 'delivered':
        return [this.wanpay.deliveryCounts.delivered];
      case 'listen':
        this.app.get(LivePage, { strict: false }).listen(asked.orderNo, asked.count);
        return [];
      case 'heard':
        return [this.app.get(LivePage, { strict: false }).heard];
      case 'moments':
        return orderNos(asked.prefix, asked.count).flatMap((orderNo) => this.parts.timed?.momentsOf(orderNo) ?? []);
    }
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.parts.pool?.end();
  }

  private get wanpay(): WanPayService {
    return this.app.get(WanPayService, { strict: false });
  }
}

@Module({})
class HostModule {
  static of(make: HostMake, parts: Parts): DynamicModule {
    return { module: HostModule, ...metadataOf(make, parts) };
  }
}

function metadataOf({ kind, delivery, telemetry, live }: HostMake, { pool, timed }: Parts): ModuleMetadata {
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
        ...(telemetry ? { telemetry: openTelemetry() } : {}),
      };
      return {
        imports: [WanPayModule.forRoot(options)],
        controllers: live ? [LivePage] : [],
        providers: [shipping(timed)],
      };
    }
  }
}

/** A handler that takes no time: what is measured is what stands around it. */
function shipping(timed: TimedStore | undefined): new () => object {
  @Injectable()
  class Shipping {
    @OnAtmEvent('atm.paid')
    ship({ orderNo }: AtmPaid): void {
      timed?.note(orderNo, 'handling');
      timed?.note(orderNo, 'handled');
    }
  }
  return Shipping;
}

function portOf(server: unknown): number {
  if (typeof server === 'object' && server !== null && 'address' in server && typeof server.address === 'function') {
    const address: unknown = Reflect.apply(server.address, server, []);
    if (typeof address === 'object' && address !== null && 'port' in address) return Number(address.port);
  }
  throw new TypeError('The server has no port.');
}
