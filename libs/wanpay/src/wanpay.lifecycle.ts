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
    private readonly delivery: Delivery,
    private readonly news: News,
    private readonly address: NotificationAddress,
    private readonly discovery: DiscoveryService,
    private readonly modules: ModuleRef,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.settings.ledger.start();
  }

  async onApplicationBootstrap(): Promise<void> {
    const { ledger } = this.settings;
    this.warn();
    const emitter = await this.findEmitter();
    if (emitter) this.news.forwardTo(emitter);
    this.delivery.start(discoverHandlers(this.discovery, new MetadataScanner(), this.instance, ledger.transactions));
  }

  async onModuleDestroy(): Promise<void> {
    await this.delivery.stop();
    this.news.close();
  }

  /** Only now, since requests that were under way may have needed the ledger until the server closed. */
  async onApplicationShutdown(): Promise<void> {
    await this.settings.ledger.stop();
  }

  private warn(): void {
    if (this.settings.ledger instanceof MemoryLedger) {
      this.logger.warn(
        'Payments are kept in memory: when this process ends they are forgotten, paid or not. Pass a durable ledger.',
      );
    }
    if (!this.address.url()) {
      this.logger.warn(
        'Neither publicUrl (WANPAY_PUBLIC_URL) nor notificationUrl is set: WanPay has no address to send notifications to.',
      );
    }
  }

  private async findEmitter(): Promise<Emitter | undefined> {
    const token = await importEmitterToken();
    if (!token) return undefined;
    try {
      return this.modules.get<Emitter>(token, { strict: false });
    } catch {
      return undefined;
    }
  }
}

/** @nestjs/event-emitter is an optional peer: a host without it does without the news. */
async function importEmitterToken(): Promise<(abstract new () => Emitter) | undefined> {
  try {
    return (await import('@nestjs/event-emitter')).EventEmitter2;
  } catch {
    return undefined;
  }
}
