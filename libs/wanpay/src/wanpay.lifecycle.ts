import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import { Delivery } from './delivery/delivery.js';
import { discoverHandlers } from './delivery/handlers.js';
import { type Emitter, News } from './delivery/news.js';
import { Sweeper } from './reconciliation/sweeper.js';
import { MemoryLedger } from './ledger/memory/memory-ledger.js';
import { NotificationAddress } from './wanpay.address.js';
import type { WanPaySettings } from './wanpay.settings.js';

/** Starts an instance with its host, and stops it when the host shuts down. */
@Injectable()
export class WanPayLifecycle implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private readonly logger = new Logger('WanPayModule');

  constructor(
    private readonly instance: string,
    private readonly settings: WanPaySettings,
    private readonly parts: {
      readonly delivery: Delivery;
      readonly sweeper: Sweeper;
      readonly news: News;
      readonly address: NotificationAddress;
    },
    private readonly discovery: DiscoveryService,
    private readonly modules: ModuleRef,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.settings.ledger.start();
  }

  async onApplicationBootstrap(): Promise<void> {
    const { ledger, queue, reconciliation } = this.settings;
    const { delivery, sweeper, news } = this.parts;
    this.warn();
    const emitter = await this.findEmitter();
    if (emitter) news.forwardTo(emitter);
    const handlers = discoverHandlers(this.discovery, new MetadataScanner(), this.instance, ledger.transactions);
    delivery.start(handlers, queue && ((eventIds) => queue.eventsOwed(eventIds)));
    if (reconciliation.enabled) sweeper.start();
    this.startQueue();
  }

  async onModuleDestroy(): Promise<void> {
    const { delivery, sweeper, news } = this.parts;
    // Together: a sweep that the queue asked for, and waits for, ends early once the sweeper is told to.
    await Promise.all([this.stopQueue(), delivery.stop(), sweeper.stop()]);
    news.close();
  }

  /** Only now, since requests that were under way may have needed the ledger until the server closed. */
  async onApplicationShutdown(): Promise<void> {
    await this.settings.ledger.stop();
  }

  /** In the background: without its queue the host works all the same, only later. */
  private startQueue(): void {
    const { queue, reconciliation } = this.settings;
    const { delivery, sweeper } = this.parts;
    const workers = {
      deliver: () => {
        delivery.wake();
      },
      sweep: () => (reconciliation.enabled ? sweeper.sweep() : Promise.resolve()),
    };
    queue?.start(workers).catch((error: unknown) => {
      this.logger.error(`The work queue could not be started, so work is found by looking: ${messageOf(error)}`);
    });
  }

  private async stopQueue(): Promise<void> {
    await this.settings.queue?.stop().catch((error: unknown) => {
      this.logger.warn(`The work queue did not stop as it should: ${messageOf(error)}`);
    });
  }

  private warn(): void {
    if (this.settings.ledger instanceof MemoryLedger) {
      this.logger.warn(
        'Payments are kept in memory: when this process ends they are forgotten, paid or not. Pass a durable ledger.',
      );
    }
    if (!this.parts.address.url()) {
      this.logger.warn(
        'Neither publicUrl (WANPAY_PUBLIC_URL) nor notificationUrl is set: WanPay has no address to send notifications to.',
      );
    }
  }

  private async findEmitter(): Promise<Emitter | undefined> {
    // Where no provider is one, its package is not worth loading only because it is installed.
    if (!this.discovery.getProviders().some(({ token }) => isEmitterClass(token))) return undefined;
    const token = await importEmitterToken();
    if (!token) return undefined;
    try {
      return this.modules.get<Emitter>(token, { strict: false });
    } catch {
      return undefined;
    }
  }
}

/** `EventEmitter2` or a class like it. */
function isEmitterClass(token: unknown): boolean {
  return typeof token === 'function' && 'emitAsync' in (token.prototype ?? {});
}

/** @nestjs/event-emitter is an optional peer: a host without it does without the news. */
async function importEmitterToken(): Promise<(abstract new () => Emitter) | undefined> {
  try {
    return (await import('@nestjs/event-emitter')).EventEmitter2;
  } catch {
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown failure';
}
