import { Inject, Injectable, RequestMethod } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { layersOf } from './express-router.js';
import { hasParameters, RouteMatcher } from './notifications/route-matcher.js';
import type { LogLine } from './logging/structured-logger.js';
import { WanPayConfigurationError } from './wanpay.settings.js';
import { DEFAULT_INSTANCE, INSTANCE, SETTINGS, type WanPayInstance } from './wanpay.tokens.js';

/** The methods under which an exemption from the global prefix takes in a notification, which is a POST. */
const POSTED = new Set([RequestMethod.ALL, RequestMethod.POST]);
/** Where `RouterModule` keeps a module's path on its class, under this name and the application's id. */
const MODULE_PATH = '__module_path__';

type AddressWarning = LogLine<
  'notification_address_missing' | 'notification_address_uncertain' | 'notification_route_missing'
>;

/** Where an instance's notifications are received, below the host's global prefix, unless the host says otherwise. */
export function defaultNotificationPath(name = DEFAULT_INSTANCE): string {
  return name === DEFAULT_INSTANCE ? 'wanpay/notifications' : `wanpay/${name}/notifications`;
}

/** Where notifications are received, and where the platform is told to send them: both as Nest registers the route. */
@Injectable()
export class NotificationAddress {
  readonly #host: ApplicationConfig;
  readonly #modules: ModulesContainer;
  readonly #adapterHost: HttpAdapterHost;

  constructor(
    @Inject(INSTANCE) private readonly instance: Pick<WanPayInstance, 'path' | 'controller'>,
    @Inject(SETTINGS) private readonly settings: { readonly publicUrl?: string; readonly notificationUrl?: string },
    @Inject(ApplicationConfig) host: ApplicationConfig,
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(HttpAdapterHost) adapterHost: HttpAdapterHost,
  ) {
    this.#host = host;
    this.#modules = modules;
    this.#adapterHost = adapterHost;
  }

  /**
   * The address, from the host's module path and global prefix as they are now; undefined when the host's public address is
   * not known.
   */
  url(): string | undefined {
    const { publicUrl, notificationUrl } = this.settings;
    if (notificationUrl) return notificationUrl;
    if (!publicUrl) return undefined;
    return [trimSlashes(publicUrl), ...partsOf(this.path())].join('/');
  }

  /** The path of the route, with a slash in front: module path and global prefix included, versions not. */
  path(): string {
    const path = `/${[...partsOf(this.modulePath()), ...partsOf(this.instance.path)].join('/')}`;
    const prefix = this.isExempt(path) ? [] : partsOf(this.#host.getGlobalPrefix());
    return `/${[...prefix, ...partsOf(path)].join('/')}`;
  }

  /** Tells the requests for the route. */
  matcher(): RouteMatcher {
    return new RouteMatcher(this.path(), this.instance.path);
  }

  /**
   * Refuses an address that can't be made.
   *
   * @throws WanPayConfigurationError when a part of the path stands for more than one address
   */
  check(): void {
    const { publicUrl, notificationUrl } = this.settings;
    if (notificationUrl || !publicUrl || !this.hasServer || !hasParameters(this.path())) return;
    throw new WanPayConfigurationError([
      `notificationUrl (WANPAY_NOTIFICATION_URL) is missing: the notification route is ${this.path()}, and the platform ` +
        'needs an address without parameters. Set it to one that leads there.',
    ]);
  }

  /** What is likely to be wrong with the address; to be asked once the routes exist. */
  warnings(): readonly AddressWarning[] {
    const { publicUrl, notificationUrl } = this.settings;
    if (notificationUrl) return [];
    if (!publicUrl) {
      const text =
        'Neither publicUrl (WANPAY_PUBLIC_URL) nor notificationUrl is set: WanPay has no address to send notifications to.';
      return [{ code: 'notification_address_missing', text }];
    }
    if (!this.hasServer || !this.instance.controller) {
      const why = this.hasServer ? 'receives no notifications (notifications: false)' : 'has no HTTP server';
      const text =
        `This process ${why}, so it can't know the global prefix of the one that receives notifications. It ` +
        `tells WanPay ${this.url() ?? ''}: set notificationUrl (WANPAY_NOTIFICATION_URL) if that is not the address.`;
      return [{ code: 'notification_address_uncertain', text }];
    }
    if (this.isRouted() !== false) return [];
    const text = `No route answers POST ${this.path()}, so notifications would be lost: set notificationUrl to one that does.`;
    return [{ code: 'notification_route_missing', text }];
  }

  private get hasServer(): boolean {
    return Boolean(this.#adapterHost.httpAdapter);
  }

  /** The path that `RouterModule` gave the module of this instance. */
  private modulePath(): string {
    const own = [...this.#modules.values()].find(
      ({ providers }) => providers.get(INSTANCE)?.instance === this.instance,
    );
    if (!own) return '';
    const path: unknown =
      Reflect.getMetadata(MODULE_PATH + this.#modules.applicationId, own.metatype) ??
      Reflect.getMetadata(MODULE_PATH, own.metatype);
    return typeof path === 'string' ? path : '';
  }

  private isExempt(path: string): boolean {
    const excluded = this.#host.getGlobalPrefixOptions().exclude ?? [];
    return excluded.some(({ pathRegex, requestMethod }) => POSTED.has(requestMethod) && pathRegex.test(path));
  }

  /** Whether the host has the route; undefined when that can't be told. */
  private isRouted(): boolean | undefined {
    return isPosted(this.#adapterHost.httpAdapter.getInstance<unknown>(), this.path());
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter(Boolean);
}

function trimSlashes(text: string): string {
  return text.replace(/^\/+|\/+$/g, '');
}

/** Whether a host has a route for POST; undefined of an adapter that is not known. */
function isPosted(instance: unknown, path: string): boolean | undefined {
  if (isFastify(instance)) return instance.hasRoute({ method: 'POST', url: path });
  return layersOf(instance)?.some(
    ({ route }) => route?.methods.post === true && comparable(route.path) === comparable(path),
  );
}

interface FastifyRoutes {
  hasRoute(route: { readonly method: string; readonly url: string }): boolean;
}

function isFastify(instance: unknown): instance is FastifyRoutes {
  return typeof instance === 'object' && instance !== null && 'hasRoute' in instance;
}

function comparable(path: unknown): string {
  return typeof path === 'string' ? `/${partsOf(path).join('/')}`.toLowerCase() : '';
}
