import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject } from '@nestjs/common';
import { HealthCheck, HealthCheckService, type HealthCheckResult, TerminusModule } from '@nestjs/terminus';
import type { WanPayModuleOptions } from 'nestjs-wanpay';
import { WanPayHealthIndicator } from 'nestjs-wanpay/health';
import { MemoryStore, type SubscriptionChange, type Subscriptions } from 'nestjs-wanpay/ledger';
import { toTimestamp } from 'nestjs-wanpay/protocol';
import { type WanPayEmulator } from 'wanpay-emulator';
import { afterTest } from './after-test.js';
import { type Host, startHost } from './host.js';
import { send } from './http.js';
import { notification, postForm } from './notification.js';
import { START, startPlatform } from './platform.js';
import { until } from './until.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Each test looks in its own time. */
const UNSWEPT = { reconciliation: { enabled: false, queriesPerSecond: 1000 } };

/** The host's own health checks, as @nestjs/terminus documents them. */
@Controller('health')
class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(WanPayHealthIndicator) private readonly wanpay: WanPayHealthIndicator,
  ) {}

  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.wanpay.isReady('wanpay', { timeoutMs: 50 })]);
  }

  @Get()
  @HealthCheck()
  all(): Promise<HealthCheckResult> {
    return this.health.check([() => this.wanpay.isHealthy('wanpay', { notificationSilenceMinutes: 180 })]);
  }

  @Get('degraded')
  @HealthCheck()
  degraded(): Promise<HealthCheckResult> {
    return this.health.check([() => this.wanpay.isHealthy('wanpay', { findingsAre: 'degraded' })]);
  }

  @Get('alarm')
  @HealthCheck()
  alarm(): Promise<HealthCheckResult> {
    return this.health.check([() => this.wanpay.isHealthy('wanpay', { findingsAre: 'down' })]);
  }

  @Get('lenient')
  @HealthCheck()
  lenient(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.wanpay.isHealthy('wanpay', { findingsAre: 'down', deadLetters: 2, deliveryOverdueMinutes: 1 }),
    ]);
  }
}

/** A ledger whose database the test takes away. */
class RemovableStore extends MemoryStore {
  answer: () => Promise<void> = () => Promise.resolve();

  override async subscribe(change: SubscriptionChange): Promise<Subscriptions> {
    await this.answer();
    return super.subscribe(change);
  }
}

let emulator: WanPayEmulator;
let host: Host;

async function start(options: WanPayModuleOptions = UNSWEPT): Promise<void> {
  emulator = await startPlatform();
  host = await startHost('Express', emulator, options, {
    imports: [TerminusModule.forRoot({ logger: false })],
    controllers: [HealthController],
    providers: [WanPayHealthIndicator],
  });
}

async function look(path = ''): Promise<{ status: number; body: { status: string; details: unknown } }> {
  const { status, body } = await send(`${host.url}/health${path}`, { method: 'GET' });
  return { status, body: JSON.parse(body) as { status: string; details: unknown } };
}

/** What a health check tells with exactly one finding. */
function finding(code: string, advice: RegExp, more: object = {}): object {
  const found = { code, message: expect.any(String), advice: expect.stringMatching(advice) };
  return { details: { wanpay: { status: 'up', findings: [found], ...more } } };
}

async function pay(orderNo: string): Promise<void> {
  await host.wanpay.createPayment({ orderNo, amount: 1280, validDays: 3 });
  await emulator.pay(orderNo);
}

/** Lets the host's handlers wait until the test releases them. */
function hang({ handler }: Host): () => void {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  handler.react = () => released;
  return release;
}

describe('a host that is well', () => {
  it('is up without a finding, and tells when it last swept and was notified, and no order, account or payer', async () => {
    await start();
    await pay('A1');
    await until(() => host.handler.of('atm.paid').length === 1, 'the payment is handled');
    await host.wanpay.sweep();
    await until(async () => (await host.wanpay.status()).activity.lastNotificationAt !== undefined, 'it is noted');
    expect(await look()).toEqual({
      status: 200,
      body: {
        status: 'ok',
        info: expect.anything(),
        error: {},
        details: {
          wanpay: {
            status: 'up',
            findings: [],
            deadLetters: 0,
            sweepLagSeconds: 0,
            staleNotifications: 0,
            lastSweepAt: START.toISOString(),
            lastNotificationAt: START.toISOString(),
          },
        },
      },
    });
    expect((await look('/ready')).status).toBe(200);
  });
});

describe('what a health check finds, with what to do about it', () => {
  it('is a delivery that nobody takes up, and the handler that it waits for', async () => {
    await start({ ...UNSWEPT, delivery: { concurrency: 1, handlerTimeoutMs: HOUR } });
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 1280 });
    await until(() => host.handler.of('atm.issued').length === 1, 'a handler is done');
    const release = hang(host);
    afterTest(() => {
      release();
      return Promise.resolve();
    });
    await host.wanpay.createPayment({ orderNo: 'A2', amount: 1280 });
    await until(() => host.handler.of('atm.issued').length === 2, 'a handler hangs');
    await host.wanpay.createPayment({ orderNo: 'A3', amount: 1280 });
    await emulator.advance(2 * MINUTE);
    const oldestDelivery = { handler: 'RecordingHandler.onIssued', overdueSeconds: 120 };
    expect((await look()).body).toMatchObject({ details: { wanpay: { status: 'up', findings: [], oldestDelivery } } });
    expect(await look('/lenient')).toMatchObject({
      status: 503,
      body: {
        details: { wanpay: { findings: [{ code: 'deliveries_overdue', message: expect.stringMatching(/onIssued/) }] } },
      },
    });
  });

  it('is a handler that no process has', async () => {
    const ledger = new MemoryStore();
    const before = new Date(START.getTime() - HOUR);
    await ledger.subscribe({ add: [{ handler: 'old-shipping', type: 'atm.paid' }], now: before });
    await start({ ...UNSWEPT, ledger });
    await pay('A1');
    const { body } = await look();
    expect(body).toMatchObject(finding('handler_not_running', /retireHandler\('old-shipping'\)/));
  });

  it('are dead letters: told, and an alarm only where the host asks for one and above its threshold', async () => {
    await start({ ...UNSWEPT, delivery: { maxAttempts: 1 } });
    host.handler.react = () => {
      throw new Error('The stock of A1 is gone.');
    };
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 1280 });
    await until(
      async () => (await host.wanpay.listDeliveries({ state: 'dead' })).deliveries.length === 1,
      'it is dead',
    );
    expect(await look()).toMatchObject({
      status: 200,
      body: finding('dead_letters', /replayDeliveries/, { deadLetters: 1 }),
    });
    expect(await look('/degraded')).toMatchObject({ status: 200, body: { status: 'degraded' } });
    expect(await look('/alarm')).toMatchObject({ status: 503, body: { status: 'error' } });
    expect(await look('/lenient')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(JSON.stringify(await look())).not.toContain('A1');
  });

  it('is that the platform answers nobody, which makes the process neither unready nor unhealthy', async () => {
    await start({ reconciliation: { ...UNSWEPT.reconciliation, firstCheckMinutes: 1 } });
    for (let i = 0; i < 5; i += 1) await host.wanpay.createPayment({ orderNo: `A${i}`, amount: 1280 });
    emulator.faults.answer('query', { httpStatus: 502 }, { times: 100 });
    await emulator.advance(2 * MINUTE);
    await host.wanpay.sweep();
    expect(await look()).toMatchObject({ status: 200, body: finding('platform_unanswering', /doctor/) });
    expect((await look('/ready')).status).toBe(200);
  });

  it('is that no process sweeps, and how far sweeps are behind', async () => {
    await start();
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 1280, validDays: 3 });
    await emulator.advance(2 * HOUR);
    const { body } = await look();
    expect(body).toMatchObject(finding('checks_overdue', /reconciliation\.enabled/));
    expect(body).toMatchObject({ details: { wanpay: { sweepLagSeconds: expect.any(Number) } } });
    await host.wanpay.sweep();
    expect((await look()).body).toMatchObject({ details: { wanpay: { findings: [], sweepLagSeconds: 0 } } });
  });

  it('are notifications that were refused for their timestamp, for an hour', async () => {
    await start();
    const old = toTimestamp(new Date(START.getTime() - HOUR));
    const { status } = await postForm(
      host.notificationUrl,
      notification(emulator, { out_trade_no: 'A1', total_fee: '128000', secondtimestamp: old }),
    );
    expect(status).toBe(400);
    await until(async () => (await host.wanpay.status()).activity.staleNotifications === 1, 'it is noted');
    expect((await look()).body).toMatchObject(finding('stale_notifications', /clock/, { staleNotifications: 1 }));
    await emulator.advance(61 * MINUTE);
    expect((await look()).body).toMatchObject({ details: { wanpay: { findings: [], staleNotifications: 1 } } });
  });

  it('is silence, for as long as the host says', async () => {
    await start();
    await emulator.advance(179 * MINUTE);
    expect((await look()).body).toMatchObject({ details: { wanpay: { findings: [] } } });
    await emulator.advance(1 * MINUTE);
    expect((await look()).body).toMatchObject(finding('no_notifications', /doctor/));
  });
});

describe('a ledger that is away', () => {
  it.each([
    ['fails', () => Promise.reject(new Error('connect ECONNREFUSED db.internal')), 'Error'],
    ['does not answer', () => new Promise<void>(() => undefined), 'it did not answer within 0.05 s'],
  ])('and %s makes the process not ready, without telling where it is', async (_, answer, why) => {
    const ledger = new RemovableStore();
    await start({ ...UNSWEPT, ledger });
    expect((await look('/ready')).status).toBe(200);
    ledger.answer = answer;
    const { status, body } = await look('/ready');
    expect(status).toBe(503);
    expect(body.details).toEqual({
      wanpay: {
        status: 'down',
        findings: [
          {
            code: 'ledger_unreachable',
            message: `The ledger can't be read: ${why}.`,
            advice: expect.stringMatching(/database/),
          },
        ],
      },
    });
    ledger.answer = () => Promise.resolve();
    expect((await look('/ready')).status).toBe(200);
  });
});
