import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
  Optional,
} from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import { Background } from './delivery/background.js';
import { Delivery } from './delivery/delivery.js';
import { EventBroadcaster } from './delivery/event-broadcaster.js';
import { discoverHandlers, warnOfStrayHandlers } from './delivery/handlers.js';
import { findEmitter } from './event-emitter.js';
import { HostLifecycle } from './host-lifecycle.module.js';
import { reasonOf } from './protocol/cause.js';
import { HostBarriers } from './host-barriers.js';
import { systemClock } from './protocol/index.js';
import { Activity } from './observation/activity.js';
import { StructuredLogger } from './logging/structured-logger.js';
import { HostReadiness } from './host-readiness.js';
import { InstanceCheck } from './instance-check.js';
import { Sweeper } from './reconciliation/sweeper.js';
import { NotificationAddress } from './wanpay.address.js';
import type { WanPaySettings } from './wanpay.settings.js';
import { StatusReader } from './wanpay.status.js';
import { INSTANCE, SETTINGS, type WanPayInstance } from './wanpay.tokens.js';

/** Starts an instance with its host, and stops it when the host shuts down. */
@Injectable()
export class WanPayLifecycle implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private readonly logger = new StructuredLogger('WanPayModule');
  private background = new Background();
  private beginning: Promise<void> | undefined;
  private ending: Promise<void> | undefined;

  readonly #discovery: DiscoveryService;
  readonly #modules: ModuleRef;

  constructor(
    @Inject(INSTANCE) private readonly instance: WanPayInstance,
    @Inject(SETTINGS) private readonly settings: WanPaySettings,
    @Inject(Delivery) private readonly delivery: Delivery,
    @Inject(Sweeper) private readonly sweeper: Sweeper,
    @Inject(EventBroadcaster) private readonly broadcaster: EventBroadcaster,
    @Inject(NotificationAddress) private readonly address: NotificationAddress,
    @Inject(HostReadiness) private readonly readiness: HostReadiness,
    @Inject(DiscoveryService) discovery: DiscoveryService,
    @Inject(ModuleRef) modules: ModuleRef,
    @Inject(HostLifecycle) private readonly host: HostLifecycle,
    @Inject(Activity) private readonly activity: Activity,
    @Inject(StatusReader) private readonly reader: StatusReader,
    @Inject(InstanceCheck) private readonly instances: InstanceCheck,
    /** Absent where nothing is to be looked at, such as where this process receives no notifications. */
    @Optional() @Inject(HostBarriers) private readonly barriers?: HostBarriers,
  ) {
    this.#discovery = discovery;
    this.#modules = modules;
  }

  async onModuleInit(): Promise<void> {
    this.address.check();
    await this.settings.queue?.prepare?.();
    await this.settings.ledger.start();
  }

  async onApplicationBootstrap(): Promise<void> {
    this.background = new Background();
    this.warn();
    discoverHandlers(this.#discovery, new MetadataScanner(), this.instance.name, this.delivery);
    if (this.instances.isFirst) this.warnOfStrayHandlers();
    const emitter = await findEmitter(this.#discovery, this.#modules);
    if (emitter) this.broadcaster.forwardTo(emitter);
    await this.delivery.subscribe();
    this.delivery.listen();
    await this.startTelemetry();
    this.host.beforeDestroy(() => this.end());
    this.readiness.whenReady(() => {
      this.background.run(() => {
        this.beginning = this.begin();
      });
      // By itself, since a guard may set what is kept for the rest of its async context.
      new Background().run(() => void this.warnOfBarriers());
    });
  }

  /**
   * Begins without waiting for the host's server to listen.
   *
   * @returns when it has begun; false when the host has not started, or has ended
   */
  async beginNow(): Promise<boolean> {
    this.readiness.hurry();
    await this.beginning;
    return this.beginning !== undefined && this.ending === undefined;
  }

  async onModuleDestroy(): Promise<void> {
    await this.end();
  }

  /** The server has closed by then, so no request needs the ledger any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.settings.ledger.stop();
  }

  private async begin(): Promise<void> {
    const { queue, reconciliation, clock } = this.settings;
    const handOver = queue && ((eventIds: readonly string[]) => queue.eventsRecorded(eventIds));
    // With another clock than the machine's it is under test, and a test that forgets to close it should end all the same.
    const keepsAlive = !this.readiness.hasServer && clock === systemClock;
    await this.delivery.start(handOver, keepsAlive);
    if (this.ending) return;
    if (reconciliation.enabled) this.sweeper.start();
    this.startQueue();
  }

  private end(): Promise<void> {
    this.ending ??= this.stopAll();
    return this.ending;
  }

  private async stopAll(): Promise<void> {
    this.readiness.cancel();
    // Together: a sweep that the queue asked for, and waits for, ends early once the sweeper is told to.
    await Promise.all([this.stopQueue(), this.delivery.stop(), this.sweeper.stop()]);
    this.broadcaster.close();
    this.settings.telemetry?.stop();
    this.settings.ledger.onSettled(undefined);
    this.settings.ledger.traceBy(undefined);
  }

  private async startTelemetry(): Promise<void> {
    const { telemetry, ledger, queue } = this.settings;
    if (!telemetry) return;
    await telemetry.start({
      name: this.instance.name,
      status: () => this.reader.read(),
      ...(queue?.jobs ? { queueJobs: queue.jobs.bind(queue) } : {}),
    });
    if (telemetry.traceContext) ledger.traceBy(() => telemetry.traceContext?.());
    if (telemetry.countsNothing) return;
    ledger.onSettled((source, { payment, events }) => {
      const state = payment?.state ?? 'unknown_order';
      this.activity.happened({ kind: 'settlement', state, source, eventIds: events.map(({ id }) => id) });
    });
  }

  /** In the background: without its queue the host works all the same, only later. */
  private startQueue(): void {
    const { queue, reconciliation } = this.settings;
    const workers = {
      deliver: () => {
        this.delivery.wake();
      },
      sweep: () => (reconciliation.enabled ? this.sweeper.sweep() : Promise.resolve()),
    };
    queue?.start(workers).catch((error: unknown) => {
      this.logger.error(
        'queue_not_started',
        `The work queue could not be started, so each process looks for work: ${reasonOf(error)}`,
      );
    });
  }

  private async stopQueue(): Promise<void> {
    await this.settings.queue?.stop().catch((error: unknown) => {
      this.logger.warn('queue_not_stopped', `The work queue did not stop as it should: ${reasonOf(error)}`);
    });
  }

  private async warnOfBarriers(): Promise<void> {
    try {
      for (const { code, text } of (await this.barriers?.warnings()) ?? []) this.logger.warn(code, text);
    } catch (error) {
      this.logger.debug(
        'host_not_examined',
        `What stands in front of the notification route could not be looked at: ${reasonOf(error)}`,
      );
    }
  }

  /** No refusal: a module that is loaded later may bring the instance. */
  private warnOfStrayHandlers(): void {
    const names = this.instances.all().map(({ name }) => name);
    warnOfStrayHandlers(this.#discovery, new MetadataScanner(), names);
  }

  private warn(): void {
    if (this.settings.isInMemory) {
      this.logger.warn(
        'ledger_in_memory',
        'Payments are kept in memory, and are lost when this process ends. Set the option ledger, such as to sqlite({ file }).',
      );
    }
    for (const { code, text } of this.address.warnings()) this.logger.warn(code, text);
  }
}
