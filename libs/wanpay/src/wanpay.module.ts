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
import { NotificationAddress } from './wanpay.address.js';
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
  const path = extras.notificationPath ?? defaultPath(name);
  const token = getWanPayToken(name);
  return {
    ...definition,
    global: extras.isGlobal ?? false,
    // A registration of its own: interceptors that the host puts on its HttpService see nothing of ours.
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
      provide: Inbox,
      useFactory: (payments: Payments, settings: WanPaySettings) =>
        new Inbox(
          settings.ledger,
          settings.clock,
          (merchantNo, orderNo) => payments.query(orderNo, merchantNo),
          settings,
        ),
      inject: [Payments, SETTINGS],
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
        news: News,
        address: NotificationAddress,
        discovery: DiscoveryService,
        modules: ModuleRef,
      ) => new WanPayLifecycle(name, settings, delivery, news, address, discovery, modules),
      inject: [SETTINGS, Delivery, News, NotificationAddress, DiscoveryService, ModuleRef],
    },
    {
      provide: WanPayService,
      useFactory: (
        payments: Payments,
        verifier: NotificationVerifier,
        delivery: Delivery,
        news: News,
        { ledger }: WanPaySettings,
      ) => new WanPayService({ payments, verifier, delivery, news, ledger }),
      inject: [Payments, NotificationVerifier, Delivery, News, SETTINGS],
    },
  ];
}

function defaultPath(name: string): string {
  return name === DEFAULT_INSTANCE ? 'wanpay/notifications' : `wanpay/${name}/notifications`;
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
