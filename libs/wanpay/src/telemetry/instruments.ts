import type {
  BatchObservableResult,
  Counter,
  Histogram,
  Meter,
  ObservableGauge,
  ObservableResult,
} from '@opentelemetry/api';
import type { Operation } from '../observation/observer.js';
import type { QueueJobs, WanPayStatus } from '../wanpay.status.js';

/** Bounds for what takes a process some time, in seconds. */
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Bounds for how long a payer waits, from a second to three days. */
const LAGS = [1, 2, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400, 259_200];
const SECOND_MS = 1000;

/** How long operations take: each has a metric of its own, since their attributes differ. */
const TIMED: readonly (readonly [Operation['name'], string, string])[] = [
  ['createPayment', 'wanpay.payment.create.duration', 'Duration of createPayment'],
  ['queryPayment', 'wanpay.payment.query.duration', 'Duration of queryPayment'],
  ['notification', 'wanpay.notification.duration', 'Duration of recording a verified notification'],
  ['delivery', 'wanpay.delivery.duration', 'Duration of a handler’s attempts, by handler'],
  ['sweep', 'wanpay.sweep.duration', 'Duration of sweeps'],
  [
    'platformRequest',
    'wanpay.platform.request.duration',
    'Duration of requests to the platform, by interface and code',
  ],
];

/** The instruments of one instance. Their names and units are stable: docs/observability.md lists them. */
export class Instruments {
  readonly notifications: Counter;
  readonly settlements: Counter;
  readonly attempts: Counter;
  readonly checks: Counter;
  readonly lag: Histogram;
  private readonly durations: ReadonlyMap<Operation['name'], Histogram>;
  private readonly pending: ObservableGauge;
  private readonly dead: ObservableGauge;
  private readonly deliveryOverdue: ObservableGauge;
  private readonly running: ObservableGauge;
  private readonly checkOverdue: ObservableGauge;
  private readonly pauses: ObservableGauge;
  private readonly queued: ObservableGauge;

  constructor(private readonly meter: Meter) {
    this.notifications = meter.createCounter('wanpay.notifications', {
      unit: '{notification}',
      description: 'Requests to the notification route, by result',
    });
    this.settlements = meter.createCounter('wanpay.settlements', {
      unit: '{settlement}',
      description: 'What was said of payments and applied, by state and source',
    });
    this.attempts = meter.createCounter('wanpay.delivery.attempts', {
      unit: '{attempt}',
      description: 'Attempts of handlers, by handler and result',
    });
    this.checks = meter.createCounter('wanpay.checks', {
      unit: '{check}',
      description: 'Checks that were due, by result',
    });
    this.lag = histogram(
      meter,
      'wanpay.payment.lag',
      'From the payer’s transfer to the end of a handler of atm.paid',
      LAGS,
    );
    this.durations = new Map(
      TIMED.map(([operation, name, description]) => [operation, histogram(meter, name, description, DURATIONS)]),
    );
    this.pending = gauge(meter, 'wanpay.deliveries.pending', '{delivery}', 'Deliveries that wait or run, by handler');
    this.dead = gauge(meter, 'wanpay.deliveries.dead', '{delivery}', 'Dead letters, by handler');
    this.deliveryOverdue = gauge(
      meter,
      'wanpay.deliveries.overdue.age',
      's',
      'Since when the longest waiting delivery has been due, by handler',
    );
    this.running = gauge(meter, 'wanpay.handlers.running', '{handler}', '1 while some process has the handler, else 0');
    this.checkOverdue = gauge(
      meter,
      'wanpay.checks.overdue.age',
      's',
      'Since when the longest waiting check has been due',
    );
    this.pauses = gauge(
      meter,
      'wanpay.platform.pauses',
      '{circuit_breaker}',
      'Circuit breakers of this process that are open',
    );
    this.queued = gauge(meter, 'wanpay.queue.jobs', '{job}', 'Jobs that the work queue holds, by state');
  }

  duration(name: Operation['name']): Histogram | undefined {
    return this.durations.get(name);
  }

  /** Has the gauges read whenever metrics are collected; returns what ends that. */
  observe(instance: string, read: () => Promise<WanPayStatus>): () => void {
    const gauges = [this.pending, this.dead, this.deliveryOverdue, this.running, this.checkOverdue, this.pauses];
    const callback = async (result: BatchObservableResult): Promise<void> => {
      this.report(result, instance, await read());
    };
    this.meter.addBatchObservableCallback(callback, gauges);
    return () => {
      this.meter.removeBatchObservableCallback(callback, gauges);
    };
  }

  /** The same for the work queue. While that does not answer, nothing new is reported. */
  observeQueue(instance: string, read: () => Promise<QueueJobs>): () => void {
    const callback = async (result: ObservableResult): Promise<void> => {
      const jobs = await read().catch((): QueueJobs => ({}));
      for (const [state, count] of Object.entries(jobs)) {
        result.observe(count, { 'wanpay.instance': instance, 'wanpay.queue.state': state });
      }
    };
    this.queued.addCallback(callback);
    return () => {
      this.queued.removeCallback(callback);
    };
  }

  private report(result: BatchObservableResult, instance: string, status: WanPayStatus): void {
    const { at, handlers, checkOverdueSince, pauses } = status;
    const common = { 'wanpay.instance': instance };
    for (const { id, pending, dead, isRunning, overdueSince } of handlers) {
      const attributes = { ...common, 'wanpay.handler': id };
      result.observe(this.pending, pending, attributes);
      result.observe(this.dead, dead, attributes);
      result.observe(this.running, isRunning ? 1 : 0, attributes);
      result.observe(this.deliveryOverdue, secondsSince(overdueSince, at), attributes);
    }
    result.observe(this.checkOverdue, secondsSince(checkOverdueSince, at), common);
    result.observe(this.pauses, pauses.length, common);
  }
}

function histogram(meter: Meter, name: string, description: string, bounds: number[]): Histogram {
  return meter.createHistogram(name, { unit: 's', description, advice: { explicitBucketBoundaries: bounds } });
}

function gauge(meter: Meter, name: string, unit: string, description: string): ObservableGauge {
  return meter.createObservableGauge(name, { unit, description });
}

function secondsSince(moment: Date | undefined, now: Date): number {
  return moment ? (now.getTime() - moment.getTime()) / SECOND_MS : 0;
}
