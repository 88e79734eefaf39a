import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpAdapterHost } from '@nestjs/core';
import type { IncomingNotification, NotificationReader } from './notification-reader.js';

type Host = Pick<HttpAdapterHost, 'httpAdapter'>;
type HttpAdapter = Host['httpAdapter'];
type ExpressRequest = IncomingMessage & IncomingNotification;
type ExpressNext = (error?: unknown) => void;

/** To parsers in the manner of Express's, a request without these has no body; guards and middleware still see its type. */
const LENGTH_HEADERS = ['content-length', 'transfer-encoding'] as const;
/** Fastify refuses a type that it has no parser for, whatever the length. */
const BODY_HEADERS = ['content-type', ...LENGTH_HEADERS] as const;

/** The hooks of a Fastify instance, as far as they are used: Fastify itself may be missing. */
interface FastifyHooks {
  addHook(name: 'onRequest' | 'preValidation' | 'onResponse', hook: FastifyHook): unknown;
}
type FastifyRequest = IncomingNotification & { readonly raw: IncomingMessage };
type FastifyHook = (request: FastifyRequest, reply: { readonly statusCode: number }, done: () => void) => void;

/** Puts the reader in front of whatever the host registers from now on. */
export function watchRequests(host: Host, reader: NotificationReader): void {
  const adapter = adapterOf(host);
  if (adapter?.getType() === 'express') watchExpress(adapter, reader);
  if (adapter?.getType() === 'fastify') watchFastify(adapter, reader);
}

/** Watches what an Express instance of the host's own answers itself, before the reader sees it. To be called later. */
export function watchServer(host: Host, reader: NotificationReader): void {
  const adapter = adapterOf(host);
  const server: unknown = adapter?.getType() === 'express' ? adapter.getHttpServer() : undefined;
  if (!isServer(server)) return;
  server.prependListener('request', (request: ExpressRequest, response: ServerResponse) => {
    if (reader.isForUs(request)) reader.watch(request, response);
  });
}

/** Of a host without an adapter, such as a worker, there is none. */
function adapterOf({ httpAdapter }: { readonly httpAdapter?: HttpAdapter }): HttpAdapter | undefined {
  return httpAdapter;
}

function watchExpress(adapter: HttpAdapter, reader: NotificationReader): void {
  adapter.use((request: ExpressRequest, response: ServerResponse, next: ExpressNext) => {
    if (!reader.isForUs(request)) {
      next();
      return;
    }
    reader.watch(request, response);
    reader.readAhead(request, LENGTH_HEADERS, next);
  });
  // What the parsers of an Express instance of the host's own throw, which stand in front.
  adapter.use((error: unknown, request: ExpressRequest, response: ServerResponse, next: ExpressNext) => {
    if (reader.isForUs(request)) reader.watch(request, response);
    next(error);
  });
}

function watchFastify(adapter: HttpAdapter, reader: NotificationReader): void {
  const fastify = adapter.getInstance<FastifyHooks>();
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (reader.isForUs(request.raw)) reader.readAhead(request, BODY_HEADERS, done);
    else done();
  });
  // The parsers were asked by then, and nothing of Nest's was.
  fastify.addHook('preValidation', (request, _reply, done) => {
    reader.restore(request);
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    if (reader.isForUs(request.raw)) reader.answered(request, reply.statusCode);
    done();
  });
}

interface RequestEmitter {
  prependListener(name: 'request', listener: (request: ExpressRequest, response: ServerResponse) => void): unknown;
}

function isServer(server: unknown): server is RequestEmitter {
  return typeof server === 'object' && server !== null && 'prependListener' in server;
}
