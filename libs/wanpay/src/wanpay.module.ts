import { HttpService } from '@nestjs/axios';
import {
  ConfigurableModuleBuilder,
  type DynamicModule,
  type InjectionToken,
  Module,
  type Provider,
  type Type,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import axios from 'axios';
import { Background } from './delivery/background.js';
import { Delivery, DELIVERY_SETTINGS } from './delivery/delivery.js';
import { EventBroadcaster } from './delivery/event-broadcaster.js';
import { HostBarriers } from './host-barriers.js';
import { HostLifecycleModule } from './host-lifecycle.module.js';
import { HostReadiness } from './host-readiness.js';
import { InstanceCheck } from './instance-check.js';
import { Ledger } from './ledger/ledger.js';
import { Activity, ACTIVITY_CLOCK, HOST_OBSERVER } from './observation/activity.js';
import { CheckExpediter, EXPEDITER_SETTINGS } from './notifications/check-expediter.js';
import {
  NOTIFICATION_PROCESSOR_SETTINGS,
  NotificationProcessor,
  ON_CHECK_DUE,
} from './notifications/notification-processor.js';
import { createNotificationController } from './notifications/notification.controller.js';
import { NOTIFICATION_ROUTE, NotificationReader } from './notifications/notification-reader.js';
import { RefusalReporter } from './notifications/refusal-reporter.js';
import { NotificationVerifier, VERIFIER_SETTINGS } from './notifications/verifier.js';
import { PAYMENT_SETTINGS, type PaymentDefaults, Payments } from './payments/payments.js';
import { PlatformClient } from './platform/platform-client.js';
import { CLOCK, MERCHANT_REGISTRY, PLATFORM_CLIENT_SETTINGS, PLATFORM_HTTP } from './platform/tokens.js';
import { CHECKER_SETTINGS, PaymentChecker } from './reconciliation/payment-checker.js';
import { Reconciliation, RECONCILIATION_SETTINGS } from './reconciliation/reconciliation.js';
import { SWEEP_SETTINGS, Sweeper, type SweepSettings } from './reconciliation/sweeper.js';
import { Secret } from './protocol/secret.js';
import { defaultNotificationPath, NotificationAddress } from './wanpay.address.js';
import { servicesOfOtherCopies } from './wanpay.copies.js';
import { mistakesIn, type WanPayModuleExtras } from './wanpay.extras.js';
import { getWanPayToken } from './wanpay.injection.js';
import { WanPayLifecycle } from './wanpay.lifecycle.js';
import type { WanPayModuleOptions } from './wanpay.options.js';
import { WanPayService } from './wanpay.service.js';
import { StatusReader } from './wanpay.status.js';
import { resolveSettings, type WanPaySettings } from './wanpay.settings.js';
import { DEFAULT_INSTANCE, INSTANCE, SETTINGS, type WanPayInstance } from './wanpay.tokens.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<WanPayModuleOptions>()
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createWanPayOptions')
  .setExtras<WanPayModuleExtras>(
    {
      isGlobal: false,
      name: DEFAULT_INSTANCE,
      notifications: true,
      notificationPath: undefined,
      notificationDecorators: undefined,
    },
    define,
  )
  .build();

/** The injection token of the options as the host gave them, in a `Secret`. */
export const WANPAY_OPTIONS: InjectionToken = MODULE_OPTIONS_TOKEN;

/** ATM payments through WanPay: import it with `forRoot()` or `forRootAsync()`, as often as there are instances. */
@Module({})
export class WanPayModule extends ConfigurableModuleClass {}

function define(definition: DynamicModule, given: WanPayModuleExtras): DynamicModule {
  const problems = mistakesIn(given);
  // They are told at start, together with those of the options, so the module must be one that Nest can make until then.
  const extras: WanPayModuleExtras = problems.length === 0 ? given : { name: given.name };
  const name = extras.name ?? DEFAULT_INSTANCE;
  const path = extras.notificationPath ?? defaultNotificationPath(name);
  const token = getWanPayToken(name);
  const controller =
    (extras.notifications ?? true)
      ? createNotificationController(path, extras.notificationDecorators ?? [])
      : undefined;
  const instance: WanPayInstance = { name, path, problems, ...(controller ? { controller } : {}) };
  // Of its own: interceptors that the host puts on its HttpService see nothing of ours. Made before the host runs, which is
  // why axios is loaded at once: what the host later has axios send everywhere is not sent here.
  const http = new HttpService(axios.create());
  return {
    ...definition,
    global: extras.isGlobal ?? false,
    imports: [...(definition.imports ?? []), DiscoveryModule, HostLifecycleModule],
    controllers: controller ? [controller] : [],
    // Nest reads them when the host starts, and a copy of this package may be loaded until then.
    get providers() {
      return [
        ...(definition.providers ?? []).map(hideOptions),
        { provide: INSTANCE, useValue: instance },
        { provide: PLATFORM_HTTP, useFactory: () => http },
        ...SETTINGS_PROVIDERS,
        ...PARTS,
        ...(controller ? RECEIVING_PARTS : []),
        ...(controller && extras.notificationDecorators?.length !== 0 ? [HostBarriers] : []),
        { provide: token, useClass: WanPayService },
        ...aliasesOf(token).map((provide) => ({ provide, useExisting: token })),
      ];
    },
    get exports() {
      return [token, ...aliasesOf(token)];
    },
  };
}

/** Other copies of this package ask for the unnamed instance by their own class. */
function aliasesOf(token: InjectionToken): readonly Type[] {
  return token === WanPayService ? servicesOfOtherCopies() : [];
}

/** Nest keeps the options as they were given, where whoever prints a part of the host prints their keys. */
function hideOptions(provider: Provider): Provider {
  if (!('provide' in provider) || provider.provide !== WANPAY_OPTIONS) return provider;
  if ('useValue' in provider) {
    const options = new Secret<unknown>(provider.useValue);
    // A factory: Nest 11 keeps a value, whatever a test replaces it with.
    return { provide: WANPAY_OPTIONS, useFactory: () => options };
  }
  if (!('useFactory' in provider)) return provider;
  const { useFactory } = provider;
  return { ...provider, useFactory: async (...given: unknown[]) => new Secret<unknown>(await useFactory(...given)) };
}

/** What the module is made of; each part says itself what it needs. */
const PARTS: readonly Provider[] = [
  InstanceCheck,
  Activity,
  NotificationAddress,
  PlatformClient,
  Payments,
  NotificationVerifier,
  PaymentChecker,
  Sweeper,
  Reconciliation,
  EventBroadcaster,
  Delivery,
  HostReadiness,
  StatusReader,
  WanPayLifecycle,
];

/** What a process has that receives notifications. */
const RECEIVING_PARTS: readonly Provider[] = [
  NotificationProcessor,
  CheckExpediter,
  RefusalReporter,
  NotificationReader,
];

/** The host's options, checked, and what each part has of them. */
const SETTINGS_PROVIDERS: readonly Provider[] = [
  {
    provide: SETTINGS,
    useFactory: (options: Secret<WanPayModuleOptions>, { problems }: WanPayInstance) =>
      resolveSettings(options.reveal(), process.env.NODE_ENV, problems),
    inject: [WANPAY_OPTIONS, INSTANCE],
  },
  fromSettings(Ledger, ({ ledger }) => ledger),
  fromSettings(CLOCK, ({ clock }) => clock),
  { provide: ACTIVITY_CLOCK, useExisting: CLOCK },
  fromSettings(HOST_OBSERVER, ({ telemetry }) => telemetry),
  fromSettings(MERCHANT_REGISTRY, ({ merchants }) => merchants),
  fromSettings(PLATFORM_CLIENT_SETTINGS, (settings) => settings),
  fromSettings(VERIFIER_SETTINGS, (settings) => settings),
  fromSettings(NOTIFICATION_PROCESSOR_SETTINGS, (settings) => settings),
  fromSettings(EXPEDITER_SETTINGS, ({ reconciliation }) => reconciliation),
  { provide: NOTIFICATION_ROUTE, useExisting: NotificationAddress },
  fromSettings(CHECKER_SETTINGS, ({ reconciliation, payerAccount }) => ({ ...reconciliation, payerAccount })),
  fromSettings(RECONCILIATION_SETTINGS, ({ reconciliation }) => reconciliation),
  fromSettings(DELIVERY_SETTINGS, ({ delivery }) => delivery),
  fromSettings(SWEEP_SETTINGS, sweepSettingsOf),
  {
    provide: PAYMENT_SETTINGS,
    useFactory: (settings: WanPaySettings, address: NotificationAddress) => ({
      ...settings,
      defaults: defaultsOf(settings, address),
    }),
    inject: [SETTINGS, NotificationAddress],
  },
  { provide: ON_CHECK_DUE, useFactory: onCheckDueOf, inject: [Sweeper, SETTINGS] },
];

function fromSettings(provide: symbol | typeof Ledger, useFactory: (settings: WanPaySettings) => unknown): Provider {
  return { provide, useFactory, inject: [SETTINGS] };
}

function sweepSettingsOf({ reconciliation, timeoutMs, onlyMerchantNo, queue }: WanPaySettings): SweepSettings {
  return {
    ...reconciliation,
    timeoutMs,
    ...(onlyMerchantNo === undefined ? {} : { onlyMerchantNo }),
    isScheduled: queue !== undefined,
  };
}

/** Wakes a sweeper by the queue where there is one, and the one of this process where that fails. */
function onCheckDueOf(sweeper: Sweeper, { queue }: WanPaySettings): () => void {
  const background = new Background();
  const wake = (): void => {
    background.run(() => {
      sweeper.wake();
    });
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
