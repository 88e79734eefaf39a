import { HttpModule, HttpService } from '@nestjs/axios';
import { ConfigurableModuleBuilder, type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ApplicationConfig, DiscoveryModule, DiscoveryService, ModuleRef } from '@nestjs/core';
import { Delivery } from './delivery/delivery.js';
import { News } from './delivery/news.js';
import { Gateway } from './gateway/gateway.js';
import { Inbox } from './notifications/inbox.js';
import { createNotificationController } from './notifications/notification.controller.js';
import { NotificationVerifier } from './notifications/verifier.js';
import { type PaymentDefaults, Payments } from './payments/payments.js';
import { Enquiries } from './reconciliation/enquiries.js';
import { Reconciliation } from './reconciliation/reconciliation.js';
import { Sweeper, type SweepSettings } from './reconciliation/sweeper.js';
import type { WorkQueue } from './ledger/work-queue.js';
import { defaultNotificationPath, NotificationAddress } from './wanpay.address.js';
import { WanPayLifecycle } from './wanpay.lifecycle.js';
import type { WanPayModuleOptions } from './wanpay.options.js';
import { WanPayService } from './wanpay.service.js';
import { resolveSettings, type WanPaySettings } from './wanpay.settings.js';
import { DEFAULT_INSTANCE, getWanPayToken } from './wanpay.tokens.js';

/** What is decided where the module is imported, before any option is known: routes and tokens are made from it. */
export interface WanPayModuleExtras {
  /** Makes the service injectable everywhere, without importing the module again. */
  isGlobal?: boolean;
  /** Tells several instances in one host apart; inject them with `@InjectWanPay(name)`. */
  name?: string;
  /** Where notifications are received, below the global prefix. Default `wanpay/notifications`, or `wanpay/NAME/notifications`. */
  notificationPath?: string | undefined;
  /** Put on the notification controller: say, the one that exempts a route from the host's authentication guard. */
  notificationDecorators?: readonly ClassDecorator[];
}

const SETTINGS = Symbol('WanPaySettings');

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<WanPayModuleOptions>()
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createWanPayOptions')
  .setExtras<WanPayModuleExtras>(
    { isGlobal: false, name: DEFAULT_INSTANCE, notificationPath: undefined, notificationDecorators: [] },
    define,
  )
  .build();

/** ATM payments through WanPay: import it with `forRoot()` or `forRootAsync()`, as often as there are instances. */
@Module({})
export class WanPayModule extends ConfigurableModuleClass {}

function define(definition: DynamicModule, extras: WanPayModuleExtras): DynamicModule {
  const name = extras.name ?? DEFAULT_INSTANCE;
  const path = extras.notificationPath ?? defaultNotificationPath(name);
  const token = getWanPayToken(name);
  return {
    ...definition,
    global: extras.isGlobal ?? false,
    // A registration of its own: interceptors that the host puts on its HttpService see nothing of ours. Made before the
    // host runs, which is why axios is loaded at once: what the host later has axios send everywhere is not sent here.
    imports: [...(definition.imports ?? []), HttpModule.register({}), DiscoveryModule],
    controllers: [createNotificationController(path, extras.notificationDecorators ?? [])],
    providers: [
      ...(definition.providers ?? []),
      ...parts(name, path),
      ...(token === WanPayService ? [] : [{ provide: token, useExisting: WanPayService }]),
    ],
    exports: [token],
  };
}

function parts(name: string, path: string): Provider[] {
  return [
    {
      provide: SETTINGS,
      useFactory: (options: WanPayModuleOptions) => resolveSettings(options, process.env.NODE_ENV),
      inject: [MODULE_OPTIONS_TOKEN],
    },
    {
      provide: NotificationAddress,
      useFactory: (settings: WanPaySettings, host: ApplicationConfig) => new NotificationAddress(path, settings, host),
      inject: [SETTINGS, ApplicationConfig],
    },
    {
      provide: Gateway,
      useFactory: (http: HttpService, settings: WanPaySettings) =>
        new Gateway(http, settings.merchants, settings.clock, settings),
      inject: [HttpService, SETTINGS],
    },
    {
      provide: Payments,
      useFactory: (gateway: Gateway, settings: WanPaySettings, address: NotificationAddress) =>
        new Payments(settings.ledger, gateway, settings.merchants, settings.clock, {
          ...settings,
          defaults: defaultsOf(settings, address),
        }),
      inject: [Gateway, SETTINGS, NotificationAddress],
    },
    {
      provide: NotificationVerifier,
      useFactory: (settings: WanPaySettings) => new NotificationVerifier(settings.merchants, settings.clock, settings),
      inject: [SETTINGS],
    },
    {
      provide: Enquiries,
      useFactory: (gateway: Gateway, { ledger, clock, reconciliation, payerAccount }: WanPaySettings) =>
        new Enquiries(ledger, gateway, clock, { ...reconciliation, payerAccount }),
      inject: [Gateway, SETTINGS],
    },
    {
      provide: Sweeper,
      useFactory: (enquiries: Enquiries, settings: WanPaySettings) =>
        new Sweeper(settings.ledger, enquiries, settings.clock, sweepSettingsOf(settings)),
      inject: [Enquiries, SETTINGS],
    },
    {
      provide: Reconciliation,
      useFactory: (enquiries: Enquiries, { ledger, clock, reconciliation }: WanPaySettings) =>
        new Reconciliation(ledger, enquiries, clock, reconciliation),
      inject: [Enquiries, SETTINGS],
    },
    {
      provide: Inbox,
      useFactory: (sweeper: Sweeper, settings: WanPaySettings) =>
        new Inbox(settings.ledger, settings.clock, tellOf(sweeper, settings.queue), settings),
      inject: [Sweeper, SETTINGS],
    },
    News,
    {
      provide: Delivery,
      useFactory: (news: News, { ledger, clock, delivery }: WanPaySettings) =>
        new Delivery(ledger, news, clock, delivery),
      inject: [News, SETTINGS],
    },
    {
      provide: WanPayLifecycle,
      useFactory: (
        settings: WanPaySettings,
        delivery: Delivery,
        sweeper: Sweeper,
        news: News,
        address: NotificationAddress,
        discovery: DiscoveryService,
        modules: ModuleRef,
      ) => new WanPayLifecycle(name, settings, { delivery, sweeper, news, address }, discovery, modules),
      inject: [SETTINGS, Delivery, Sweeper, News, NotificationAddress, DiscoveryService, ModuleRef],
    },
    {
      provide: WanPayService,
      useFactory: (
        payments: Payments,
        verifier: NotificationVerifier,
        delivery: Delivery,
        reconciliation: Reconciliation,
        sweeper: Sweeper,
        news: News,
        { ledger }: WanPaySettings,
      ) => new WanPayService({ payments, verifier, delivery, reconciliation, sweeper, news, ledger }),
      inject: [Payments, NotificationVerifier, Delivery, Reconciliation, Sweeper, News, SETTINGS],
    },
  ];
}

function sweepSettingsOf({ reconciliation, timeoutMs, onlyMerchantNo, queue }: WanPaySettings): SweepSettings {
  return {
    ...reconciliation,
    timeoutMs,
    ...(onlyMerchantNo === undefined ? {} : { onlyMerchantNo }),
    isScheduled: queue !== undefined,
  };
}

/** Tells of a check that is due: by the queue where there is one, and in this process where that fails. */
function tellOf(sweeper: Sweeper, queue: WorkQueue | undefined): () => void {
  const wake = (): void => {
    sweeper.wake();
  };
  return queue ? () => void queue.checkDue().catch(wake) : wake;
}

function defaultsOf(settings: WanPaySettings, address: NotificationAddress): PaymentDefaults {
  const { defaultMerchantNo, validDays, returnUrl } = settings;
  return {
    ...(defaultMerchantNo === undefined ? {} : { merchantNo: defaultMerchantNo }),
    ...(validDays === undefined ? {} : { validDays }),
    ...(returnUrl === undefined ? {} : { returnUrl }),
    notificationUrl: () => address.url(),
  };
}
