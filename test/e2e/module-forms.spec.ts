import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type DynamicModule, Inject, Injectable, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import {
  wanpayConfig,
  WanPayConfigurationError,
  WanPayModule,
  type WanPayModuleOptions,
  WanPayService,
} from 'nestjs-wanpay';
import { type WanPayEmulator } from 'wanpay-emulator';
import { ADAPTERS, type Host, type HostPlan, optionsFor, startHostOf } from './host.js';
import { startPlatform } from './platform.js';
import { until } from './until.js';

const OPTIONS = Symbol('options');

/** A host's own factory of options, with a dependency of its own. */
@Injectable()
class OptionsFactory {
  constructor(@Inject(OPTIONS) private readonly options: WanPayModuleOptions) {}

  createWanPayOptions(): Promise<WanPayModuleOptions> {
    return Promise.resolve(this.options);
  }
}

@Injectable()
class Checkout {
  constructor(readonly wanpay: WanPayService) {}
}

@Module({})
class OptionsModule {}

/** A part of the host that imports nothing of ours. */
@Module({ providers: [Checkout], exports: [Checkout] })
class CheckoutModule {}

describe.each(ADAPTERS)('the module, on %s', (adapter) => {
  let emulator: WanPayEmulator;
  const environment = { ...process.env };
  beforeEach(async () => {
    emulator = await startPlatform();
  });
  afterEach(() => {
    process.env = { ...environment };
  });

  function optionsModule(url: string): DynamicModule {
    return {
      module: OptionsModule,
      providers: [{ provide: OPTIONS, useValue: optionsFor(emulator, url) }, OptionsFactory],
      exports: [OPTIONS, OptionsFactory],
    };
  }

  const FORMS: Readonly<Record<string, (url: string) => ReturnType<HostPlan['imports']>>> = {
    'forRoot()': (url) => [WanPayModule.forRoot(optionsFor(emulator, url))],
    'forRootAsync() with a factory': (url) => [
      WanPayModule.forRootAsync({ useFactory: () => optionsFor(emulator, url) }),
    ],
    'forRootAsync() with an asynchronous factory': (url) => [
      WanPayModule.forRootAsync({ useFactory: () => Promise.resolve(optionsFor(emulator, url)) }),
    ],
    'forRootAsync() with a factory and what is injected': (url) => [
      WanPayModule.forRootAsync({
        imports: [optionsModule(url)],
        inject: [OPTIONS],
        useFactory: (options: WanPayModuleOptions) => options,
      }),
    ],
    'forRootAsync() with a class': (url) => [
      WanPayModule.forRootAsync({ imports: [optionsModule(url)], useClass: OptionsFactory }),
    ],
    'forRootAsync() with an existing provider': (url) => [
      WanPayModule.forRootAsync({ imports: [optionsModule(url)], useExisting: OptionsFactory }),
    ],
    'forRootAsync() with the host’s ConfigService': (url) => [
      ConfigModule.forRoot({ ignoreEnvFile: true, isGlobal: true, load: [() => ({ url })] }),
      WanPayModule.forRootAsync({
        inject: [ConfigService],
        useFactory: (config: ConfigService) => optionsFor(emulator, config.getOrThrow<string>('url')),
      }),
    ],
  };

  async function expectWorks(host: Host): Promise<void> {
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    expect(emulator.order('A1').notificationUrl).toBe(host.notificationUrl);
    await emulator.pay('A1');
    await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');
  }

  it.each(Object.entries(FORMS))('works by %s', async (_, imports) => {
    await expectWorks(await startHostOf(adapter, { imports }));
  });

  it('is not seen where it is not imported', async () => {
    const start = startHostOf(adapter, {
      imports: (url) => [WanPayModule.forRoot(optionsFor(emulator, url)), CheckoutModule],
    });
    await expect(start).rejects.toThrow(/WanPayService/);
  });

  it.each(['forRoot', 'forRootAsync'] as const)('is seen everywhere when %s has isGlobal', async (method) => {
    const host = await startHostOf(adapter, {
      imports: (url) => [
        method === 'forRoot'
          ? WanPayModule.forRoot({ ...optionsFor(emulator, url), isGlobal: true })
          : WanPayModule.forRootAsync({ useFactory: () => optionsFor(emulator, url), isGlobal: true }),
        CheckoutModule,
      ],
    });
    expect(host.app.get(Checkout, { strict: false }).wanpay).toBe(host.wanpay);
    await expectWorks(host);
  });

  describe('by wanpayConfig.asProvider()', () => {
    function startFromEnvironment(variables: NodeJS.ProcessEnv): Promise<Host> {
      return startHostOf(adapter, {
        imports: (url) => {
          process.env = { ...environment, WANPAY_PUBLIC_URL: url, ...variables };
          return [
            ConfigModule.forRoot({ ignoreEnvFile: true, load: [wanpayConfig] }),
            WanPayModule.forRootAsync({ ...wanpayConfig.asProvider(), isGlobal: true }),
          ];
        },
      });
    }

    it('takes the environment’s word', async () => {
      // The module lives by the machine's clock here, so the platform must too.
      emulator = await startPlatform({ clock: {} });
      const host = await startFromEnvironment({
        WANPAY_MERCHANT_NO: emulator.merchant.merchantNo,
        WANPAY_KEYS: `${emulator.merchant.key}, older-key`,
        WANPAY_BASE_URL: emulator.baseUrl,
        WANPAY_VALID_DAYS: '2',
        WANPAY_RETURN_URL: 'https://shop.example/thanks',
        WANPAY_TIMEOUT_MS: '3000',
        WANPAY_ALLOWED_SOURCES: '10.0.0.0/8, 127.0.0.1',
        WANPAY_PROXY: '',
      });
      await expectWorks(host);
      const { returnUrl, openedAt, expiresAt } = emulator.order('A1');
      expect(returnUrl).toBe('https://shop.example/thanks');
      const days = (expiresAt.getTime() - openedAt.getTime()) / 86_400_000;
      expect(days).toBeGreaterThanOrEqual(2);
      expect(days).toBeLessThan(3);
    });

    it('checks the environment when the host starts', async () => {
      const start = startFromEnvironment({ WANPAY_KEY: 'the-secret-key', WANPAY_VALID_DAYS: 'ten' });
      await expect(start).rejects.toThrow(WanPayConfigurationError);
      await expect(start).rejects.toThrow(/WANPAY_MERCHANT_NO/);
      await expect(start).rejects.toThrow(/WANPAY_VALID_DAYS/);
      await expect(start).rejects.not.toThrow(/the-secret-key/);
    });
  });
});
