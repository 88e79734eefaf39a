import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import {
  isDeclaredTooLarge,
  type LeftBody,
  MAX_NOTIFICATION_BYTES,
  parseBody,
  parseLeftBody,
  tooLarge,
} from './body.js';
import { NotificationRefusedError, refusal } from './errors.js';
import { Exchange } from './exchange.js';
import { isUnread, peek } from './peek.js';
import { RefusalReporter } from './refusal-reporter.js';
import type { RouteMatcher } from './route-matcher.js';
import { watchRequests, watchServer } from './watch.js';

/** What both adapters' requests have in common, as far as a notification needs it. */
export interface IncomingNotification {
  readonly ip?: string | undefined;
  readonly raw?: IncomingMessage;
  body?: unknown;
  rawBody?: unknown;
}

/** Tells where notifications are received. Asked with the first request, since hosts set their prefix late. */
export interface NotificationRoute {
  matcher(): RouteMatcher;
}

/** The injection token of the {@link NotificationRoute}. */
export const NOTIFICATION_ROUTE = Symbol('WanPayNotificationRoute');

/** A request with the exchanges of the module's instances. */
type Carrier = IncomingMessage & Record<symbol, Exchange | undefined>;

/**
 * Reads the bodies of notifications ahead of the host's parsers, so that what can be read does not depend on the host, and
 * reports what was not acknowledged, whoever answered it.
 */
@Injectable()
export class NotificationReader implements OnModuleInit {
  /** Where a request keeps its exchange with this instance: a WeakMap of requests costs each of them more. */
  private readonly place = Symbol('WanPayExchange');
  private matcher: RouteMatcher | undefined;

  readonly #host: HttpAdapterHost;

  constructor(
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
    @Inject(NOTIFICATION_ROUTE) private readonly route: NotificationRoute,
    @Inject(RefusalReporter) private readonly reporter: RefusalReporter,
  ) {
    this.#host = host;
    // At once where the host is there, which is before it registers its parsers; later in a testing module.
    host.init$.subscribe(() => {
      watchRequests(host, this);
    });
  }

  onModuleInit(): void {
    watchServer(this.#host, this);
  }

  /** Whether a request is for the notification route. */
  isForUs({ method, url }: IncomingMessage): boolean {
    if (method !== 'POST' || url === undefined) return false;
    this.matcher ??= this.route.matcher();
    return this.matcher.matches(url);
  }

  /**
   * Reads a request before the host's parsers do, and then goes on; never goes on with a body that broke off.
   *
   * @param hide the headers without which other parsers neither read nor refuse the body; hidden until {@link restore}
   */
  readAhead(request: IncomingNotification, hide: readonly string[], next: () => void): void {
    const exchange = this.exchangeOf(request);
    this.readBody(exchange, request, () => {
      hideHeaders(exchange, streamOf(request), hide);
      request.body = exchange.problem ? {} : exchange.body;
      request.rawBody ??= exchange.bytes;
      next();
    });
  }

  /** Shows the headers again that were hidden from parsers. */
  restore(request: IncomingNotification): void {
    const hidden = this.find(request)?.hidden;
    if (hidden) Object.assign(streamOf(request).headers, hidden);
  }

  /** The exchange of a request that has reached the route. Where nobody read it ahead, it is read now. */
  read(request: IncomingNotification, response: unknown): Exchange {
    const exchange = this.exchangeOf(request);
    if (exchange.isRead) {
      this.restore(request);
      return exchange;
    }
    if (isResponse(response)) this.watch(request, response);
    exchange.reading = new Promise((resolve) => {
      this.readBody(exchange, request, resolve);
    });
    return exchange;
  }

  find(request: IncomingNotification): Exchange | undefined {
    return carrierOf(request)[this.place];
  }

  /** Reports on a request once it is answered. */
  watch(request: IncomingNotification, response: ServerResponse): void {
    const exchange = this.exchangeOf(request);
    if (exchange.isWatched) return;
    exchange.isWatched = true;
    response.once('finish', () => {
      this.answered(request, response.statusCode);
    });
  }

  /** Reports on a request that was answered. */
  answered(request: IncomingNotification, status: number): void {
    const exchange = this.exchangeOf(request);
    // Of what never came as far as Express, which tells the address by the host's trust-proxy setting.
    exchange.source ??= streamOf(request).socket.remoteAddress;
    this.reporter.answered(exchange, status);
  }

  private exchangeOf(request: IncomingNotification): Exchange {
    const exchange = (carrierOf(request)[this.place] ??= new Exchange());
    // As soon as it is known: Express can't tell it of a request that was given up or broke off meanwhile.
    exchange.source ??= request.ip;
    return exchange;
  }

  private readBody(exchange: Exchange, request: IncomingNotification, next: () => void): void {
    const stream = streamOf(request);
    const { headers } = stream;
    const done = (): void => {
      exchange.isRead = true;
      next();
    };
    if (!isUnread(stream)) {
      parseInto(exchange, () => parseLeftBody(leftOf(request, stream), headers), done);
    } else if (isDeclaredTooLarge(headers)) {
      exchange.problem = tooLarge();
      done();
    } else {
      peek(stream, MAX_NOTIFICATION_BYTES, (end, bytes) => {
        exchange.bytes = bytes;
        if (end === 'complete') {
          parseInto(exchange, () => parseBody(bytes, headers), done);
        } else if (end === 'too_large') {
          exchange.problem = tooLarge();
          done();
        } else {
          this.reporter.brokenOff(exchange);
        }
      });
    }
  }
}

/** Has a body parsed, and goes on: at once where it can be. */
function parseInto(exchange: Exchange, parse: () => unknown, done: () => void): void {
  const fail = (error: unknown): void => {
    exchange.body = undefined;
    exchange.problem =
      error instanceof NotificationRefusedError ? error : refusal('malformed', 'The body can’t be read.');
  };
  try {
    exchange.body = parse();
  } catch (error) {
    fail(error);
  }
  if (!(exchange.body instanceof Promise)) {
    done();
    return;
  }
  void exchange.body
    .then((fields: unknown) => {
      exchange.body = fields;
    }, fail)
    .then(done);
}

function hideHeaders(exchange: Exchange, { headers }: IncomingMessage, names: readonly string[]): void {
  const hidden: NonNullable<Exchange['hidden']> = {};
  for (const name of names) {
    if (headers[name] === undefined) continue;
    hidden[name] = headers[name];
    headers[name] = undefined;
  }
  exchange.hidden = hidden;
}

/** Fastify's parsers leave a body in its own request, other middleware in Node's. */
function leftOf(request: IncomingNotification, stream: IncomingMessage & LeftBody): LeftBody {
  return { body: request.body ?? stream.body, rawBody: request.rawBody ?? stream.rawBody };
}

/** Express's request is Node's own; Fastify's holds it. */
function streamOf(request: IncomingNotification): IncomingMessage {
  return request.raw ?? (request as IncomingMessage);
}

function carrierOf(request: IncomingNotification): Carrier {
  return streamOf(request) as Carrier;
}

function isResponse(response: unknown): response is ServerResponse {
  return typeof response === 'object' && response !== null && 'statusCode' in response && 'once' in response;
}
