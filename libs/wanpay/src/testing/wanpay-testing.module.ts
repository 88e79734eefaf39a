import type { HttpService } from '@nestjs/axios';
import { type DynamicModule, type InjectionToken, Module } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { PLATFORM_HTTP } from '../platform/tokens.js';
import { Secret } from '../protocol/secret.js';
import type { WanPayModuleExtras } from '../wanpay.extras.js';
import { WANPAY_OPTIONS, WanPayModule } from '../wanpay.module.js';
import type { WanPayModuleOptions } from '../wanpay.options.js';
import { DEFAULT_INSTANCE, INSTANCE, type WanPayInstance } from '../wanpay.tokens.js';
import type { WanPayTestingOptions } from './testing-options.js';
import { WanPayTesting } from './wanpay-testing.js';

/** The options of {@link WanPayTestingModule.forRoot}. */
export interface WanPayTestingRootOptions
  extends WanPayTestingOptions, Pick<WanPayModuleExtras, 'notificationDecorators'> {
  /** The instances of the module, where the host has others than the unnamed one, which is `default`. */
  readonly names?: readonly string[] | undefined;
}

/** What Nest's `TestingModuleBuilder` does for `WanPayTestingModule.replace`. */
export interface ProviderOverrides {
  overrideProvider(token: unknown): {
    useFactory(options: { readonly factory: (...given: never[]) => unknown; readonly inject?: unknown[] }): unknown;
  };
}

/** What a factory in the module under test needs to attach it. */
const ATTACHED_BY: InjectionToken[] = [INSTANCE, ModuleRef, PLATFORM_HTTP];
type Attached = [instance: WanPayInstance, modules: ModuleRef, http: HttpService];

/**
 * `WanPayModule` for tests: in memory, with a fake platform in the process and a clock that the test moves. It reads no
 * `WANPAY_*` and needs no network. Everything between the host and the platform is the real module.
 */
@Module({})
export class WanPayTestingModule {
  /**
   * In place of `WanPayModule`, for a test that imports parts of a host: `WanPayService` is then injectable everywhere, and
   * `moduleRef.get(WanPayTesting)` pays and moves the clock.
   */
  static forRoot({
    names = [DEFAULT_INSTANCE],
    notificationDecorators = [],
    ...options
  }: WanPayTestingRootOptions = {}): DynamicModule {
    const testing = new WanPayTesting(options);
    const instances = names.map((name) =>
      WanPayModule.forRootAsync({
        name,
        isGlobal: true,
        notificationDecorators,
        inject: ATTACHED_BY,
        useFactory: (...[{ name: own }, modules, http]: Attached): WanPayModuleOptions =>
          testing.attach(own, modules, http),
      }),
    );
    return {
      module: WanPayTestingModule,
      global: true,
      imports: instances,
      providers: [{ provide: WanPayTesting, useValue: testing }],
      exports: [WanPayTesting],
    };
  }

  /**
   * For a test that imports a host which imports `WanPayModule` itself: replaces the options of every instance, before
   * `compile()`. The host's own options, and what they are made from, are not asked for.
   *
   * @param builder what `Test.createTestingModule()` returns
   */
  static replace(builder: ProviderOverrides, options: WanPayTestingOptions = {}): WanPayTesting {
    const testing = new WanPayTesting(options);
    builder.overrideProvider(WANPAY_OPTIONS).useFactory({
      inject: ATTACHED_BY,
      factory: (...[{ name }, modules, http]: Attached) => new Secret(testing.attach(name, modules, http)),
    });
    return testing;
  }
}
