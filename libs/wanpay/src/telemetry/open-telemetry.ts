import type * as api from '@opentelemetry/api';
import type { Attributes, Link, MeterProvider, Span, SpanKind, Tracer, TracerProvider } from '@opentelemetry/api';
import type { Occurrence, Operation } from '../observation/observer.js';
import type { ObservedInstance, Telemetry } from '../wanpay.status.js';
import { attributesOf, errorType, type Identifier, platformCode } from './attributes.js';
import { OpenTelemetryMissingError, TelemetryInUseError } from './errors.js';
import { Instruments } from './instruments.js';
import { readTraceparent, toTraceparent } from './traceparent.js';

/** How an instance is observed. */
export interface OpenTelemetryOptions {
  /** Left out, the one that the host has registered. */
  readonly meterProvider?: MeterProvider | undefined;
  /** Left out, the one that the host has registered. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** What spans tell of who and what they are about; nothing by default. Metrics never tell it. */
  readonly identify?: readonly Identifier[] | undefined;
}

const SCOPE = 'nestjs-wanpay';
const SECOND_MS = 1000;

/** The kinds of spans that are not internal. */
const KINDS: Readonly<Partial<Record<Operation['name'], keyof typeof SpanKind>>> = {
  delivery: 'CONSUMER',
  platformRequest: 'CLIENT',
};

type Api = typeof api;

interface Tracing {
  readonly api: Api;
  readonly tracer: Tracer;
  /** Whether no SDK receives spans at the moment. */
  readonly isSilent: () => boolean;
}

/**
 * Metrics and traces of one instance through `@opentelemetry/api`: `WanPayModule.forRoot({ telemetry: openTelemetry() })`. Register
 * the SDK before the application starts; without one nothing is recorded.
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Telemetry {
  return new OpenTelemetry(options);
}

class OpenTelemetry implements Telemetry {
  private instance = '';
  private isStarted = false;
  private instruments: Instruments | undefined;
  private tracing: Tracing | undefined;
  private endObserving = (): void => undefined;

  constructor(private readonly options: OpenTelemetryOptions) {}

  /** Instruments are made now, since those that are made before the SDK is registered stay silent for ever. */
  async start({ name, status, queueJobs }: ObservedInstance): Promise<void> {
    if (this.isStarted) throw new TelemetryInUseError(this.instance, name);
    this.isStarted = true;
    this.instance = name;
    const loaded = await loadApi();
    const { meterProvider = loaded.metrics, tracerProvider = loaded.trace } = this.options;
    this.tracing = {
      api: loaded,
      tracer: tracerProvider.getTracer(SCOPE),
      isSilent: silenceOf(loaded, tracerProvider),
    };
    const meter = meterProvider.getMeter(SCOPE);
    // The instruments of this meter never record anything, so none are created.
    if (meter === loaded.createNoopMeter()) return;
    this.instruments = new Instruments(meter);
    const ends = [
      this.instruments.observe(name, status),
      ...(queueJobs ? [this.instruments.observeQueue(name, queueJobs)] : []),
    ];
    this.endObserving = () => {
      for (const end of ends) end();
    };
  }

  get countsNothing(): boolean {
    return !this.instruments;
  }

  stop(): void {
    this.isStarted = false;
    this.endObserving();
    this.endObserving = () => undefined;
  }

  around<Result>(operation: Operation, work: () => Result, codeOf?: (result: Awaited<Result>) => string): Result {
    if (!this.tracing || (!this.instruments && this.tracing.isSilent())) return work();
    const { api: loaded, tracer } = this.tracing;
    const { measured, traced } = attributesOf(operation, this.instance, this.options.identify ?? []);
    const kind = loaded.SpanKind[KINDS[operation.name] ?? 'INTERNAL'];
    const options = { kind, attributes: { ...measured, ...traced }, links: linksOf(operation) };
    return tracer.startActiveSpan(`wanpay ${operation.name}`, options, (span) => {
      const begun = performance.now();
      const end = (outcome: Attributes): void => {
        const seconds = (performance.now() - begun) / SECOND_MS;
        this.instruments?.duration(operation.name)?.record(seconds, { ...measured, ...outcome });
        span.setAttributes(outcome);
        span.end();
      };
      return endingWith(loaded, work, span, codeOf, end);
    });
  }

  happened(occurrence: Occurrence): void {
    if (!this.instruments) return;
    const common = { 'wanpay.instance': this.instance };
    switch (occurrence.kind) {
      case 'notification':
        this.instruments.notifications.add(1, { ...common, 'wanpay.notification.result': occurrence.result });
        break;
      case 'settlement':
        this.instruments.settlements.add(1, {
          ...common,
          'wanpay.payment.state': occurrence.state,
          'wanpay.settlement.source': occurrence.source,
          'wanpay.settlement.changed': occurrence.eventIds.length > 0,
        });
        break;
      case 'delivery': {
        const { handler, type, result, lagSeconds } = occurrence;
        const about = { ...common, 'wanpay.handler': handler };
        const counted = { ...about, 'wanpay.event.type': type, 'wanpay.delivery.result': result };
        this.instruments.attempts.add(1, counted);
        if (lagSeconds !== undefined) this.instruments.lag.record(lagSeconds, about);
        break;
      }
      case 'check':
        this.instruments.checks.add(1, { ...common, 'wanpay.check.result': occurrence.result });
        break;
      case 'sweep':
        break;
    }
  }

  traceContext(): string | undefined {
    const context = this.tracing?.api.trace.getActiveSpan()?.spanContext();
    return context && this.tracing?.api.isSpanContextValid(context) ? toTraceparent(context) : undefined;
  }
}

/**
 * Tells whether spans are dropped. It is called for each span, because an SDK may be registered later, and costs less than a
 * span.
 */
function silenceOf({ trace, ProxyTracerProvider }: Api, provider: TracerProvider | Api['trace']): () => boolean {
  const registered = provider === trace ? trace.getTracerProvider() : provider;
  if (!(registered instanceof ProxyTracerProvider)) return () => false;
  const nowhere = new ProxyTracerProvider().getDelegate();
  return () => registered.getDelegate() === nowhere;
}

/** A delivery is caused by the span that recorded its event, and is no part of it: it may come much later, and again. */
function linksOf(operation: Operation): Link[] {
  const context = operation.name === 'delivery' ? readTraceparent(operation.trace) : undefined;
  return context ? [{ context }] : [];
}

/** An optional peer, so it is loaded only by a host that uses it. */
async function loadApi(): Promise<Api> {
  try {
    return await import('@opentelemetry/api');
  } catch (error) {
    throw new OpenTelemetryMissingError(error);
  }
}

/** Does the work, and ends its span with what became of it. Errors are told by their code: their words may name an order. */
function endingWith<Result>(
  { SpanStatusCode }: Api,
  work: () => Result,
  span: Span,
  codeOf: ((result: Awaited<Result>) => string) | undefined,
  end: (outcome: Attributes) => void,
): Result {
  const fail = (error: unknown): void => {
    span.setStatus({ code: SpanStatusCode.ERROR });
    end({ 'error.type': errorType(error) });
  };
  try {
    const result = work();
    if (!isThenable(result)) {
      end({});
      return result;
    }
    void result.then((value) => {
      end(codeOf ? { 'wanpay.platform.code': platformCode(codeOf(value)) } : {});
    }, fail);
    return result;
  } catch (error) {
    fail(error);
    throw error;
  }
}

function isThenable<Result>(result: Result): result is Result & PromiseLike<Awaited<Result>> {
  return typeof result === 'object' && result !== null && 'then' in result && typeof result.then === 'function';
}
