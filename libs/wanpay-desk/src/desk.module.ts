import { type DynamicModule, type MiddlewareConsumer, Module, type NestModule, type Provider } from '@nestjs/common';
import { createDeskController } from './desk.controller.js';
import {
  DESK_INSTANCE,
  DESK_SETTINGS,
  type WanPayDeskAsyncOptions,
  type WanPayDeskMount,
  type WanPayDeskOptions,
  type WanPayDeskSettings,
} from './desk.options.js';
import { WanPayDeskConfigurationError } from './errors.js';
import { keepBodyUnread } from './http/form.js';
import { DeskLedger } from './ledger/desk-ledger.js';
import { ReconciliationRuns } from './ledger/reconciliation-runs.js';

type Guard = Exclude<WanPayDeskMount['guards'], 'none'>[number];

const DEFAULT_PATH = 'wanpay/desk';
const PATH = /^(\/[\w.~-]+)+\/?$/;

/**
 * Pages for a merchant's finance and support staff: import it with `forRoot()` or `forRootAsync()`, once for each
 * `WanPayModule`. It refuses to be mounted without a guard.
 */
@Module({})
export class WanPayDeskModule {
  /** @throws WanPayDeskConfigurationError when there is no guard */
  static forRoot(options: WanPayDeskOptions): DynamicModule {
    const { actor, language, publicPath } = options;
    return define(options, { provide: DESK_SETTINGS, useValue: checked({ actor, language, publicPath }) });
  }

  /** @throws WanPayDeskConfigurationError when there is no guard */
  static forRootAsync(options: WanPayDeskAsyncOptions): DynamicModule {
    const { useFactory: make, inject = [] } = options;
    const useFactory = async (...dependencies: never[]): Promise<WanPayDeskSettings> =>
      checked(await make(...dependencies));
    return define(options, { provide: DESK_SETTINGS, useFactory, inject });
  }
}

function define(mount: WanPayDeskMount, settings: Provider): DynamicModule {
  const { path = DEFAULT_PATH, instance, version, imports = [] } = mount;
  const controller = createDeskController({ path, version, guards: guardsOf(mount) });

  /** Of each mount a class of its own, since what a middleware is for is told by a class. */
  @Module({})
  class MountedDesk implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      consumer.apply(keepBodyUnread).forRoutes(controller);
    }
  }
  return {
    module: WanPayDeskModule,
    imports: [
      {
        module: MountedDesk,
        imports,
        controllers: [controller],
        providers: [settings, { provide: DESK_INSTANCE, useValue: instance }, DeskLedger, ReconciliationRuns],
      },
    ],
  };
}

/** @throws WanPayDeskConfigurationError when `publicPath` is not an absolute path */
function checked(settings: WanPayDeskSettings): WanPayDeskSettings {
  const { publicPath } = settings;
  if (publicPath === undefined || PATH.test(publicPath)) return settings;
  throw new WanPayDeskConfigurationError('`publicPath` must be a path such as /shop/admin/payments.');
}

/** Untyped callers exist, and what they leave out must not open the desk. */
function guardsOf({ guards }: { readonly guards?: WanPayDeskMount['guards'] | null }): readonly Guard[] {
  if (guards === 'none') return [];
  const given: readonly unknown[] = Array.isArray(guards) ? guards : [];
  if (given.length > 0 && given.every(isGuard)) return given.filter(isGuard);
  throw new WanPayDeskConfigurationError(
    "The desk shows payments and changes them, so it is not mounted without a guard: give it `guards`. Say `guards: 'none'` only " +
      'where something else keeps strangers out, such as a global guard.',
  );
}

function isGuard(value: unknown): value is Guard {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}
