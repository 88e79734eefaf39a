import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { describeSpan } from '../protocol/span.js';
import { getWanPayToken } from '../wanpay.injection.js';
import type { WanPayService } from '../wanpay.service.js';
import type { WanPayStatus } from '../wanpay.status.js';
import { type HealthFinding, type HealthThresholds, findingsOf, ledgerUnreachable } from './findings.js';

/** Which instance is looked at, and for how long. */
export interface LedgerHealthOptions {
  /** The instance's name; left out, the unnamed one. */
  readonly instance?: string | undefined;
  /** How long the ledger may take to answer, in milliseconds. Default 3000. */
  readonly timeoutMs?: number | undefined;
}

/** What a health check goes by. */
export interface WanPayHealthOptions<Warned extends string = 'up'> extends LedgerHealthOptions, HealthThresholds {
  /**
   * The status where there are findings and the ledger answers. Default `up`, so that no balancer takes a process away for what a
   * person must look at; `degraded` is for @nestjs/terminus 12 and later, `down` for a check that raises an alarm.
   */
  readonly findingsAre?: Warned | undefined;
}

/** What a health check tells beside the status. It names no order, no account and no payer. */
export interface WanPayHealth {
  readonly findings: readonly HealthFinding[];
  /** The delivery that has been due the longest. */
  readonly oldestDelivery?: { readonly handler: string; readonly overdueSeconds: number };
  readonly deadLetters?: number;
  /** For how long the longest waiting check has been due: how far sweeps are behind. */
  readonly sweepLagSeconds?: number;
  readonly lastSweepAt?: string;
  readonly lastNotificationAt?: string;
  readonly staleNotifications?: number;
}

/** A result as @nestjs/terminus takes it. */
export type WanPayHealthResult<Key extends string, Status extends string> = Record<
  Key,
  WanPayHealth & { readonly status: Status }
>;

const DEFAULT_TIMEOUT_MS = 3000;
const SECOND_MS = 1000;

/**
 * Health of an instance for @nestjs/terminus. It reads the ledger and never asks the platform, so that no trouble of WanPay's makes
 * a process unhealthy.
 *
 * @example
 * health.check([() => wanpay.isHealthy('wanpay'), () => wanpay.isHealthy('tickets', { instance: 'tickets' })]);
 */
@Injectable()
export class WanPayHealthIndicator {
  readonly #modules: ModuleRef;

  constructor(@Inject(ModuleRef) modules: ModuleRef) {
    this.#modules = modules;
  }

  /**
   * For readiness: `down` while the ledger does not answer, since no notification can be recorded then. It tells nothing else.
   *
   * @param key the name under which the result is told
   */
  async isReady<Key extends string>(
    key: Key,
    options: LedgerHealthOptions = {},
  ): Promise<WanPayHealthResult<Key, 'up' | 'down'>> {
    const status = await this.read(options);
    return 'code' in status ? result(key, 'down', { findings: [status] }) : result(key, 'up', { findings: [] });
  }

  /**
   * For people and alarms: everything that is not as it should be, and what to do about it. `down` while the ledger does not
   * answer; other findings leave it `up` unless `findingsAre` says otherwise.
   *
   * @param key the name under which the result is told
   */
  async isHealthy<Key extends string, Warned extends 'up' | 'degraded' | 'down' = 'up'>(
    key: Key,
    options: WanPayHealthOptions<Warned> = {},
  ): Promise<WanPayHealthResult<Key, 'up' | 'down' | Warned>> {
    const status = await this.read(options);
    if ('code' in status) return result(key, 'down', { findings: [status] });
    const findings = findingsOf(status, options);
    const told = findings.length === 0 ? 'up' : (options.findingsAre ?? 'up');
    return result(key, told, { findings, ...figuresOf(status) });
  }

  private async read({
    instance,
    timeoutMs = DEFAULT_TIMEOUT_MS,
  }: LedgerHealthOptions): Promise<WanPayStatus | HealthFinding> {
    const wanpay = this.#modules.get<WanPayService>(getWanPayToken(instance), { strict: false });
    let cancel = (): void => undefined;
    const late = new Promise<HealthFinding>((resolve) => {
      const timer = setTimeout(() => {
        resolve(ledgerUnreachable(`it did not answer within ${describeSpan(timeoutMs)}`));
      }, timeoutMs);
      cancel = () => {
        clearTimeout(timer);
      };
    });
    const answer = wanpay.status().catch((error: unknown) => ledgerUnreachable(nameOf(error)));
    return Promise.race([answer, late]).finally(cancel);
  }
}

function result<Key extends string, Status extends string>(
  key: Key,
  status: Status,
  health: WanPayHealth,
): WanPayHealthResult<Key, Status>;
function result(key: string, status: string, health: WanPayHealth): WanPayHealthResult<string, string> {
  return { [key]: { status, ...health } };
}

function figuresOf({ at, handlers, checkOverdueSince, activity }: WanPayStatus): Omit<WanPayHealth, 'findings'> {
  const { lastSweepAt, lastNotificationAt, staleNotifications } = activity;
  const oldest = handlers.reduce<{ handler: string; since: Date } | undefined>(
    (found, { id, overdueSince }) =>
      overdueSince && !(found && found.since <= overdueSince) ? { handler: id, since: overdueSince } : found,
    undefined,
  );
  return {
    ...(oldest ? { oldestDelivery: { handler: oldest.handler, overdueSeconds: secondsSince(oldest.since, at) } } : {}),
    deadLetters: handlers.reduce((sum, { dead }) => sum + dead, 0),
    sweepLagSeconds: checkOverdueSince ? secondsSince(checkOverdueSince, at) : 0,
    ...(lastSweepAt ? { lastSweepAt: lastSweepAt.toISOString() } : {}),
    ...(lastNotificationAt ? { lastNotificationAt: lastNotificationAt.toISOString() } : {}),
    staleNotifications,
  };
}

function secondsSince(moment: Date, now: Date): number {
  return Math.round((now.getTime() - moment.getTime()) / SECOND_MS);
}

/** The error's code or class, and not its words: a health check is often public, and they may name a host or a user. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'an unknown error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
