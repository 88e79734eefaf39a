import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { CanActivate, InjectionToken, ModuleMetadata, OptionalFactoryDependency, Type } from '@nestjs/common';

/** A language of the pages. */
export type DeskLanguage = 'zh-Hant-TW' | 'en';

/** A request as the host's framework has it, Express's or Fastify's. */
export interface DeskRequest {
  readonly originalUrl: string;
  readonly headers: IncomingHttpHeaders;
  readonly body?: unknown;
  /** Node's own, below Fastify's. */
  readonly raw?: IncomingMessage;
}

/** What may depend on other providers of the host. */
export interface WanPayDeskSettings {
  /**
   * Who does what a request asks for, say the name of the user whom the guard found: it is kept with every action in a
   * payment's history. At most 100 characters count. Left out, actions are recorded without a name.
   */
  readonly actor?: ((request: never) => string | undefined | Promise<string | undefined>) | undefined;
  /**
   * The path of the desk as browsers see it, such as `/shop/admin/payments`, for a host behind a proxy that changes paths. By default
   * links use the path that the host receives.
   */
  readonly publicPath?: string | undefined;
  /** The language for browsers that ask for neither; `zh-Hant-TW` by default. */
  readonly language?: DeskLanguage | undefined;
}

/** Where the desk is mounted, and who may open it. */
export interface WanPayDeskMount {
  /** Where its pages are, below the host's global prefix; `wanpay/desk` by default. */
  readonly path?: string | undefined;
  /**
   * The host's guards, asked before every page and action; the first that refuses wins. Their dependencies come from
   * `imports`. Say `'none'` where something else keeps strangers out, such as a global guard.
   */
  readonly guards: readonly (Type<CanActivate> | CanActivate)[] | 'none';
  /** The name of the `WanPayModule` whose payments are shown; left out, the unnamed one. */
  readonly instance?: string | undefined;
  /** The version of the routes, where the host versions its own; left out, the host's default. */
  readonly version?: string | undefined;
  /** Modules that export what the guards, or the factory, need. */
  readonly imports?: ModuleMetadata['imports'];
}

/** The options of `WanPayDeskModule.forRoot()`. */
export interface WanPayDeskOptions extends WanPayDeskMount, WanPayDeskSettings {}

/** The options of `WanPayDeskModule.forRootAsync()`. */
export interface WanPayDeskAsyncOptions extends WanPayDeskMount {
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[] | undefined;
  readonly useFactory: (...dependencies: never[]) => WanPayDeskSettings | Promise<WanPayDeskSettings>;
}

/** The injection token of {@link WanPayDeskSettings}. */
export const DESK_SETTINGS = Symbol('WanPayDeskSettings');
/** The injection token of the name of the instance. */
export const DESK_INSTANCE = Symbol('WanPayDeskInstance');
