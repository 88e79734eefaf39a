import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type Duplex } from 'node:stream';
import { afterTest } from './after-test.js';
import { listening } from './listening.js';

/** One request as the proxy saw it. */
export interface ProxiedRequest {
  readonly method: string;
  /** The whole address, or for CONNECT host and port. */
  readonly target: string;
  readonly authorization: string | undefined;
}

/** A forward proxy: it passes plain requests on, and opens tunnels. */
export interface ForwardProxy {
  readonly port: number;
  readonly seen: readonly ProxiedRequest[];
  /** What went through its tunnels towards the origin. */
  readonly tunnelled: readonly Buffer[];
}

export async function startForwardProxy(): Promise<ForwardProxy> {
  const seen: ProxiedRequest[] = [];
  const tunnelled: Buffer[] = [];
  const server = createServer((request, response) => {
    seen.push(noteOf(request));
    passOn(request, response);
  });
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    seen.push(noteOf(request));
    const origin = openTunnel(request, client, head);
    client.on('data', (bytes: Buffer) => tunnelled.push(bytes));
    afterTest(() => {
      origin.destroy();
      client.destroy();
      return Promise.resolve();
    });
  });
  return { port: await listening(server), seen, tunnelled };
}

function noteOf({ method = '', url: target = '', headers }: IncomingMessage): ProxiedRequest {
  return { method, target, authorization: headers['proxy-authorization'] };
}

function passOn(request: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url = '' } = request;
  const outgoing = forward(url, { method, headers, agent: false }, (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  request.pipe(outgoing);
}

function openTunnel({ url = '' }: IncomingMessage, client: Duplex, head: Buffer): Socket {
  const { hostname, port } = new URL(`http://${url}`);
  const origin = connect(Number(port), hostname, () => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    origin.write(head);
    origin.pipe(client);
    client.pipe(origin);
  });
  origin.on('error', () => client.destroy());
  client.on('error', () => origin.destroy());
  return origin;
}
