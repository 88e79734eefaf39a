import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { WanPayModule, type WanPayModuleOptions } from 'nestjs-wanpay';
import type { LedgerStore, QueueJobs, WorkQueue } from 'nestjs-wanpay/ledger';
import { sqlite } from 'nestjs-wanpay/sqlite';
import { openTelemetry, type OpenTelemetryOptions } from 'nestjs-wanpay/telemetry';
import { toTimestamp } from 'nestjs-wanpay/protocol';
import { type WanPayEmulator } from 'wanpay-emulator';
import { findProgram } from '../servers/programs.js';
import { afterTest } from './after-test.js';
import { type Host, optionsFor, startHost, startHostOf } from './host.js';
import { send } from './http.js';
import { listening } from './listening.js';
import { notification, postForm } from './notification.js';
import { START, startPlatform } from './platform.js';
import { until } from './until.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ORDER = 'SECRETORDER1';
const OPERATIONS = join(import.meta.dirname, '../../docs/operations');
/** What metrics are told apart by. */
const ATTRIBUTE =
  /^wanpay_(instance|handler|event_type|(notification|delivery|check)_result|payment_state|settlement_\w+|queue_state)$|^wanpay_platform_(code|interface)$/;

let emulator: WanPayEmulator;
let host: Host;
let spans: InMemorySpanExporter;
let metricsUrl: string;

/** A host with the real SDK: its spans are kept in memory, its metrics are scraped over HTTP as Prometheus does. */
async function start(options: OpenTelemetryOptions = {}, wanpay: WanPayModuleOptions = {}): Promise<void> {
  spans = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const prometheus = new PrometheusExporter({ preventServerStart: true });
  const meterProvider = new MeterProvider({ readers: [prometheus] });
  afterTest(() => meterProvider.shutdown());
  const server = createServer((request, response) => {
    prometheus.getMetricsRequestHandler(request, response);
  });
  metricsUrl = `http://127.0.0.1:${await listening(server)}/metrics`;
  emulator = await startPlatform();
  host = await startHost('Express', emulator, {
    telemetry: openTelemetry({ meterProvider, tracerProvider, ...options }),
    reconciliation: { enabled: false },
    delivery: { maxAttempts: 1 },
    ...wanpay,
  });
}

/** The lines of a metric as Prometheus gets them, without those of the scope that every line has. */
async function scrape(metric: string): Promise<string[]> {
  const { body } = await send(metricsUrl, { method: 'GET' });
  return body
    .split('\n')
    .filter((line) => line.startsWith(metric))
    .map((line) => line.replace(/otel_scope_\w+="[^"]*",?/g, '').replace(/,}/, '}'));
}

function named(name: string): ReadableSpan[] {
  return spans.getFinishedSpans().filter((span) => span.name === `wanpay ${name}`);
}

async function payAndHandle(): Promise<void> {
  await host.wanpay.createPayment({ orderNo: ORDER, amount: 1280, validDays: 3 });
  await emulator.advance(MINUTE);
  await emulator.pay(ORDER);
  await until(() => named('delivery').length === 2, 'atm.issued and atm.paid are handled');
}

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});

afterAll(() => {
  context.disable();
});

describe('metrics, by the SDK’s own Prometheus exporter', () => {
  beforeEach(() => start());

  it('count notifications by result, settlements by state and source, and attempts by handler and result', async () => {
    host.handler.react = ({ type }) => {
      if (type === 'atm.paid') throw new Error('The stock is gone.');
    };
    await payAndHandle();
    const stale = toTimestamp(new Date(START.getTime() - HOUR));
    const fields = { out_trade_no: ORDER, total_fee: '128000' };
    await postForm(host.notificationUrl, notification(emulator, { ...fields, secondtimestamp: stale }));
    await postForm(host.notificationUrl, notification(emulator, fields, 'another-key'));
    await until(async () => (await scrape('wanpay_notifications_total')).length === 3, 'all are counted');
    expect((await scrape('wanpay_notifications_total')).sort()).toEqual([
      'wanpay_notifications_total{wanpay_instance="default",wanpay_notification_result="acknowledged"} 1',
      'wanpay_notifications_total{wanpay_instance="default",wanpay_notification_result="bad_signature"} 1',
      'wanpay_notifications_total{wanpay_instance="default",wanpay_notification_result="stale"} 1',
    ]);
    expect(await scrape('wanpay_settlements_total')).toEqual([
      'wanpay_settlements_total{wanpay_instance="default",wanpay_payment_state="paid",' +
        'wanpay_settlement_source="notification",wanpay_settlement_changed="true"} 1',
    ]);
    expect((await scrape('wanpay_delivery_attempts_total')).sort()).toEqual([
      'wanpay_delivery_attempts_total{wanpay_instance="default",wanpay_handler="RecordingHandler.onIssued",' +
        'wanpay_event_type="atm.issued",wanpay_delivery_result="delivered"} 1',
      'wanpay_delivery_attempts_total{wanpay_instance="default",wanpay_handler="RecordingHandler.onPaid",' +
        'wanpay_event_type="atm.paid",wanpay_delivery_result="dead"} 1',
    ]);
    const onPaid = 'wanpay_instance="default",wanpay_handler="RecordingHandler.onPaid"';
    expect(await scrape('wanpay_deliveries_dead')).toContain(`wanpay_deliveries_dead{${onPaid}} 1`);
    expect(await scrape('wanpay_deliveries_pending')).toContain(`wanpay_deliveries_pending{${onPaid}} 0`);
    expect(await scrape('wanpay_handlers_running')).toContain(`wanpay_handlers_running{${onPaid}} 1`);
  });

  it('time the way from the transfer to the handler, and each request to the platform by interface and code', async () => {
    let ship = (): void => undefined;
    const shipped = new Promise<void>((resolve) => (ship = resolve));
    host.handler.react = ({ type }) => (type === 'atm.paid' ? shipped : undefined);
    await host.wanpay.createPayment({ orderNo: ORDER, amount: 1280, validDays: 3 });
    await emulator.pay(ORDER);
    await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is being handled');
    await emulator.advance(30_000);
    ship();
    await until(() => named('delivery').length === 2, 'atm.paid is handled');
    await until(async () => (await scrape('wanpay_payment_lag_sum')).length === 1, 'its lag is recorded');
    await host.wanpay.queryPayment(ORDER);
    await expect(host.wanpay.createPayment({ orderNo: 'A2', amount: 1280, merchantNo: '404' })).rejects.toThrow();

    expect(await scrape('wanpay_payment_lag_sum')).toEqual([
      'wanpay_payment_lag_sum{wanpay_instance="default",wanpay_handler="RecordingHandler.onPaid"} 30',
    ]);
    const requests = await scrape('wanpay_platform_request_duration_count');
    expect(requests.sort()).toEqual([
      expect.stringMatching(/interface="orderquery",wanpay_platform_code="900"} 1$/),
      expect.stringMatching(/interface="virtualatmpay",wanpay_platform_code="900"} 1$/),
    ]);
    expect((await scrape('wanpay_payment_create_duration_count')).sort()).toEqual([
      'wanpay_payment_create_duration_count{wanpay_instance="default",error_type="unknown_merchant"} 1',
      'wanpay_payment_create_duration_count{wanpay_instance="default"} 1',
    ]);
  });

  it('tell how far checks are behind, until they are swept', async () => {
    await host.wanpay.createPayment({ orderNo: ORDER, amount: 1280, validDays: 3 });
    await emulator.advance(2 * HOUR);
    const [behind = ''] = await scrape('wanpay_checks_overdue_age{');
    expect(Number(behind.split(' ').at(-1))).toBeGreaterThan(HOUR / 1000);
    await host.wanpay.sweep();
    expect(await scrape('wanpay_checks_overdue_age{')).toEqual([
      'wanpay_checks_overdue_age{wanpay_instance="default"} 0',
    ]);
    expect(await scrape('wanpay_checks_total')).toEqual([
      'wanpay_checks_total{wanpay_instance="default",wanpay_check_result="answered"} 1',
    ]);
  });

  it('tell how many jobs the work queue holds, while it answers', async () => {
    const done = (): Promise<void> => Promise.resolve();
    let jobs: () => Promise<QueueJobs> = () => Promise.resolve({ waiting: 3, failed: 1 });
    const queue: WorkQueue = { start: done, stop: done, eventsRecorded: done, checkDue: done, jobs: () => jobs() };
    await start({}, { queue });
    const line = 'wanpay_queue_jobs{wanpay_instance="default",wanpay_queue_state=';
    expect(await scrape('wanpay_queue_jobs{')).toEqual([`${line}"waiting"} 3`, `${line}"failed"} 1`]);
    jobs = () => Promise.reject(new Error('The queue did not answer.'));
    expect(await scrape('wanpay_checks_overdue_age{')).toHaveLength(1);
  });

  it('have every name that the dashboard and the alerts ask for', async () => {
    const done = (): Promise<void> => Promise.resolve();
    const jobs = (): Promise<QueueJobs> => Promise.resolve({ waiting: 3, failed: 1 });
    await start({}, { queue: { start: done, stop: done, eventsRecorded: done, checkDue: done, jobs } });
    await payAndHandle();
    await host.wanpay.queryPayment(ORDER);
    await host.wanpay.createPayment({ orderNo: 'A2', amount: 50, validDays: 3 });
    await emulator.advance(2 * HOUR);
    await host.wanpay.sweep();
    const { body } = await send(metricsUrl, { method: 'GET' });
    const exported = new Set([...body.matchAll(/^(wanpay_\w+)[{ ]/gm)].map(([, name = '']) => name));
    for (const file of ['dashboard.json', 'alerts.yml', 'alerts.test.yml']) {
      const expressions = (await readFile(join(OPERATIONS, file), 'utf8')).matchAll(
        /\b(wanpay_\w+)(?= ?[{[)*]| >|\\?")/g,
      );
      const asked = [...expressions].map(([, name = '']) => name);
      expect({ file, missing: asked.filter((name) => !exported.has(name) && !ATTRIBUTE.test(name)) }).toEqual({
        file,
        missing: [],
      });
      expect(asked.length).toBeGreaterThan(5);
    }
  });

  it('name no order, account, payer or merchant', async () => {
    await payAndHandle();
    const { body } = await send(metricsUrl, { method: 'GET' });
    const { account } = emulator.order(ORDER);
    expect(body).toContain('wanpay_notifications_total');
    for (const secret of [ORDER, account.number, emulator.merchant.merchantNo]) expect(body).not.toContain(secret);
  });
});

describe('spans', () => {
  it('of a request to the platform lie in that of its payment, and a delivery’s is linked to its notification’s', async () => {
    await start();
    await payAndHandle();
    const [create] = named('createPayment');
    const [request] = named('platformRequest');
    expect(request).toMatchObject({
      kind: SpanKind.CLIENT,
      parentSpanContext: { spanId: create?.spanContext().spanId },
      attributes: { 'wanpay.platform.interface': 'virtualatmpay', 'wanpay.platform.code': '900' },
    });
    const [received] = named('notification');
    const paid = named('delivery').find(({ attributes }) => attributes['wanpay.event.type'] === 'atm.paid');
    expect(paid).toMatchObject({
      kind: SpanKind.CONSUMER,
      parentSpanContext: undefined,
      links: [{ context: { traceId: received?.spanContext().traceId, spanId: received?.spanContext().spanId } }],
      attributes: { 'wanpay.handler': 'RecordingHandler.onPaid', 'wanpay.delivery.attempt': 1 },
    });
  });

  it('of a delivery after a restart, or in another process, are linked to the notification’s too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wanpay-trace-'));
    afterTest(() => rm(folder, { recursive: true }));
    const ledger = (): LedgerStore => sqlite({ file: join(folder, 'orders.db') });
    // One that receives only, and delivers nothing.
    await start({}, { ledger: ledger(), delivery: { enabled: false } });
    const platform = emulator;
    await host.wanpay.createPayment({ orderNo: ORDER, amount: 1280, validDays: 3 });
    await platform.pay(ORDER);
    const [received] = named('notification');
    await host.close();

    await start({}, { ledger: ledger() });
    await until(() => named('delivery').length === 2, 'atm.issued and atm.paid are handled');
    const paid = named('delivery').find(({ attributes }) => attributes['wanpay.event.type'] === 'atm.paid');
    const { traceId, spanId } = received?.spanContext() ?? {};
    expect(traceId).toMatch(/^[\da-f]{32}$/);
    expect(paid?.links).toMatchObject([{ context: { traceId, spanId, isRemote: true } }]);
    expect(JSON.stringify(host.handler.events)).not.toContain(traceId);
  });

  it('hold what a handler does, and its failure without its words', async () => {
    await start();
    const tracer = trace.getTracer('host');
    let active: string | undefined;
    host.handler.react = async ({ type }) => {
      await Promise.resolve();
      active = trace.getActiveSpan()?.spanContext().spanId;
      tracer.startSpan('ship').end();
      if (type === 'atm.paid') throw new RangeError(`No stock for ${ORDER}.`);
    };
    await payAndHandle();
    const failed = named('delivery').find(({ status }) => status.code === SpanStatusCode.ERROR);
    expect(failed?.spanContext().spanId).toBe(active);
    expect(failed).toMatchObject({ attributes: { 'error.type': 'RangeError' }, events: [], status: { code: 2 } });
  });

  it('say nothing of order and merchant, unless they are asked for', async () => {
    await start();
    await payAndHandle();
    await host.wanpay.queryPayment(ORDER);
    await host.wanpay.sweep();
    const all = spans.getFinishedSpans();
    expect(new Set(all.map(({ name }) => name))).toEqual(
      new Set(
        ['createPayment', 'queryPayment', 'notification', 'delivery', 'sweep', 'platformRequest'].map(
          (name) => `wanpay ${name}`,
        ),
      ),
    );
    const told = JSON.stringify(all.map(({ attributes, events, status, name }) => [attributes, events, status, name]));
    for (const secret of [ORDER, emulator.merchant.merchantNo]) expect(told).not.toContain(secret);
  });

  it('say which order and event they are about where the host asks for that', async () => {
    await start({ identify: ['orderNo', 'eventId'] });
    await payAndHandle();
    expect(named('notification')[0]?.attributes).toMatchObject({ 'wanpay.order.number': ORDER });
    expect(named('delivery')[0]?.attributes).toMatchObject({
      'wanpay.order.number': ORDER,
      'wanpay.event.id': host.handler.events[0]?.id,
    });
  });
});

describe('without an SDK', () => {
  it('everything works, and nothing is recorded', async () => {
    emulator = await startPlatform();
    host = await startHost('Fastify', emulator, { telemetry: openTelemetry() });
    await host.wanpay.createPayment({ orderNo: ORDER, amount: 1280 });
    await emulator.pay(ORDER);
    await until(() => host.handler.of('atm.paid').length === 1, 'the payment is handled');
  });
});

it('is refused for a second instance, whose figures it would mix with those of the first', async () => {
  emulator = await startPlatform();
  const telemetry = openTelemetry();
  const starting = startHostOf('Express', {
    imports: (url) => [
      WanPayModule.forRoot(optionsFor(emulator, url, { telemetry })),
      WanPayModule.forRoot(optionsFor(emulator, url, { name: 'tickets', telemetry })),
    ],
  });
  await expect(starting).rejects.toThrow(/default and tickets .* openTelemetry\(\) once for each/);
});

describe('the alerts', () => {
  it('hold, and fire as they should (promtool)', async () => {
    const promtool = findProgram('promtool');
    if (!promtool) throw new Error('There is no promtool here: run npm run test:programs, or install it yourself.');
    const { stdout } = await promisify(execFile)(promtool, ['test', 'rules', 'alerts.test.yml'], { cwd: OPERATIONS });
    expect(stdout).toContain('SUCCESS');
  });

  it('have each an entry in the runbook, to which they lead', async () => {
    const alerts = await readFile(join(OPERATIONS, 'alerts.yml'), 'utf8');
    const runbook = await readFile(join(OPERATIONS, 'runbook.md'), 'utf8');
    const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
    expect([...runbook.matchAll(/^### (WanPay\w+)$/gm)].map(([, name]) => name)).toEqual(names);
    const links = [...alerts.matchAll(/runbook_url: runbook\.md#(\w+)/g)].map(([, name]) => name);
    expect(links).toEqual(names.map((name) => name.toLowerCase()));
  });
});
