import { type CanActivate, Inject, Injectable, type Type } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import { type ExpressLayer, layersOf } from './express-router.js';
import { GuardTrials, TRIAL_PATIENCE_MS, type Verdict } from './guard-trials.js';
import type { LogLine } from './logging/structured-logger.js';
import { trialOf } from './trial-request.js';
import { NotificationAddress } from './wanpay.address.js';
import { INSTANCE, type WanPayInstance } from './wanpay.tokens.js';

type BarrierWarning = LogLine<
  | 'csrf_blocks_notifications'
  | 'guard_blocks_notifications'
  | 'guard_fails'
  | 'guard_undecided'
  | 'throttler_limits_notifications'
>;

/** The usual middleware against forged forms: `csurf`, `csrf-csrf`, `lusca`. */
const CSRF_NAME = /csrf|xsrf|lusca/i;
/** What `@nestjs/throttler` sets on a controller, followed by a throttler's name. */
const THROTTLER_KEYS = ['THROTTLER:SKIP', 'THROTTLER:LIMIT'] as const;

/**
 * Finds what of the host's own would keep notifications out. It asks each global guard and CSRF middleware once, with a
 * request that holds nothing and is sent nowhere.
 */
@Injectable()
export class HostBarriers {
  readonly #config: ApplicationConfig;
  readonly #host: HttpAdapterHost;

  constructor(
    @Inject(INSTANCE) private readonly instance: WanPayInstance,
    @Inject(NotificationAddress) private readonly address: NotificationAddress,
    @Inject(GuardTrials) private readonly trials: GuardTrials,
    @Inject(ApplicationConfig) config: ApplicationConfig,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
  ) {
    this.#config = config;
    this.#host = host;
  }

  /** One line for each kind, with what to do. To be asked once the host has registered all of its own. */
  async warnings(): Promise<readonly BarrierWarning[]> {
    const { controller } = this.instance;
    const application = instanceOf(this.#host);
    if (!controller || application === undefined) return [];
    const path = this.address.path();
    const guards = this.#config.getGlobalGuards().filter(isPresent);
    const asked = guards.filter((guard) => !isThrottler(guard));
    const judged = asked.map(async (guard) => ({
      name: classNameOf(guard),
      verdict: await this.trials.verdictOf(guard, controller, path),
    }));
    const layers = layersOf(application) ?? [];
    return [
      ...describeVerdicts(await Promise.all(judged), path),
      ...guards.filter(isThrottler).flatMap((guard) => describeThrottler(guard, controller, path)),
      ...layers.filter((layer) => isCsrfBarrier(layer, path)).map((layer) => describeCsrf(layer, path)),
    ];
  }
}

interface Judged {
  readonly name: string;
  readonly verdict: Verdict;
}

/** Of a host without an adapter, such as a worker, there is none. */
function instanceOf({ httpAdapter }: { readonly httpAdapter?: { getInstance(): unknown } }): unknown {
  return httpAdapter?.getInstance();
}

/** A line for each kind of verdict that keeps notifications out, or may. */
function describeVerdicts(judged: readonly Judged[], path: string): BarrierWarning[] {
  const refusing = judged.flatMap(({ name, verdict }) =>
    verdict.kind === 'refuses' ? [`${name} (${verdict.how})`] : [],
  );
  const failing = judged.flatMap(({ name, verdict }) =>
    verdict.kind === 'fails' ? [`${name} (${verdict.reason})`] : [],
  );
  const waiting = judged.flatMap(({ name, verdict }) => (verdict.kind === 'waits' ? [name] : []));
  const remedy =
    'Give WanPayModule the decorator by which the guard lets a route pass, such as ' +
    'notificationDecorators: [Public()]. The signature protects the route.';
  return [
    ...(refusing.length === 0
      ? []
      : [
          {
            code: 'guard_blocks_notifications' as const,
            text:
              `Global guards of this application refuse a POST without a login: ${refusing.join(', ')}. No notification would ` +
              `get through to ${path}. ${remedy}`,
          },
        ]),
    ...(failing.length === 0
      ? []
      : [
          {
            code: 'guard_fails' as const,
            text:
              `Global guards of this application failed when they were asked about a POST to ${path} that holds nothing: ` +
              `${failing.join(', ')}. If they fail for a notification too, it is answered 500. ${remedy}`,
          },
        ]),
    ...(waiting.length === 0
      ? []
      : [
          {
            code: 'guard_undecided' as const,
            text:
              `Global guards of this application had not decided within ${TRIAL_PATIENCE_MS} ms about a POST to ${path} that ` +
              `holds nothing: ${waiting.join(', ')}. Whether notifications get through is not known. ${remedy}`,
          },
        ]),
  ];
}

/** Nothing, when each limit of the throttler is set or skipped on the controller. */
function describeThrottler(guard: CanActivate, controller: Type, path: string): BarrierWarning[] {
  const names = namesOf(guard).filter(
    (name) => !THROTTLER_KEYS.some((key) => Reflect.hasMetadata(key + name, controller)),
  );
  if (names.length === 0) return [];
  const isDefault = names.length === 1 && names[0] === 'default';
  const which = isDefault ? '' : `{ ${names.map((name) => `${name}: true`).join(', ')} }`;
  const text =
    `${classNameOf(guard)} limits the notifications at ${path}, which all come from a few addresses of WanPay: with many ` +
    `payments, some would be answered 429. Exempt the route: notificationDecorators: [SkipThrottle(${which})].`;
  return [{ code: 'throttler_limits_notifications', text }];
}

function describeCsrf({ name = '' }: ExpressLayer, path: string): BarrierWarning {
  const text =
    `The middleware ${name} asks for a token that WanPay does not have, so no notification would get through to ` +
    `${path}. Let it leave that path out: the signature protects it.`;
  return { code: 'csrf_blocks_notifications', text };
}

/** A factory of a guard may come to nothing, and Nest passes over it. */
function isPresent(guard: CanActivate | undefined): guard is CanActivate {
  return Boolean(guard);
}

function isThrottler(guard: CanActivate): boolean {
  for (let type: unknown = guard.constructor; typeof type === 'function'; type = Reflect.getPrototypeOf(type)) {
    if (type.name === 'ThrottlerGuard') return true;
  }
  return false;
}

/** The throttler's limits by name, as the guard has them once it has started. */
function namesOf(guard: CanActivate): readonly string[] {
  const throttlers: unknown = Reflect.get(guard, 'throttlers');
  if (!Array.isArray(throttlers)) return ['default'];
  return throttlers.map(({ name }: { readonly name?: string }) => name ?? 'default');
}

function isCsrfBarrier(layer: ExpressLayer, path: string): boolean {
  if (layer.route || !CSRF_NAME.test(layer.name ?? '') || !layer.match(path)) return false;
  const { request, response } = trialOf(path);
  let isPassed = false;
  try {
    layer.handle(request, response, (error) => {
      isPassed = error === undefined || error === null;
    });
  } catch {
    return true;
  }
  return !isPassed;
}

function classNameOf(guard: CanActivate): string {
  return guard.constructor.name || 'a class without a name';
}
