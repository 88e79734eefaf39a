import { once } from 'node:events';
import { createServer as createPlainServer, type Server } from 'node:http';
import { Agent, createServer, type Server as SecureServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpService } from '@nestjs/axios';
import axios, { type AxiosInstance } from 'axios';
import oldest from 'axios-oldest';
import { systemClock } from '../protocol/index.js';
import { Secret } from '../protocol/secret.js';
import { SingleMerchant } from './merchants.js';
import { PlatformClient, type PlatformClientSettings } from './platform-client.js';

/** TLS without a certificate, so that no private key has to lie about here. */
const ANONYMOUS_TLS = { ciphers: 'AECDH-AES128-SHA@SECLEVEL=0', maxVersion: 'TLSv1.2' } as const;
const TLS_HANDSHAKE = 0x16;
const ANSWER = { status: '900', data: { orderstatus: '0000', total_fee: 1280, out_trade_no: 'A1' } };

/** The oldest axios that hosts may have, whose own types differ from those of the newest in details. */
const CLIENTS: readonly (readonly [string, () => AxiosInstance])[] = [
  ['the newest axios', () => axios.create()],
  ['axios 1.7.9', () => withRequestsOf(oldest.create())],
];

let platform: SecureServer;
let proxy: Server;
let asked: string[];
let seenByProxy: Readonly<Partial<Record<'method' | 'url' | 'authorization', string | undefined>>>[];
let throughProxy: Buffer[];
const connections = new Set<Duplex>();

beforeEach(async () => {
  asked = [];
  seenByProxy = [];
  throughProxy = [];
  platform = createServer(ANONYMOUS_TLS, (request, response) => {
    void text(request).then((body) => {
      asked.push(body);
      response.end(JSON.stringify(ANSWER));
    });
  });
  proxy = createPlainServer(({ method, url }, response) => {
    seenByProxy.push({ method, url });
    response.writeHead(502).end();
  });
  proxy.on('connect', ({ method, url = '', headers }, client: Duplex) => {
    seenByProxy.push({ method, url, authorization: headers['proxy-authorization'] });
    const origin = connect(Number(url.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      client.on('data', (bytes: Buffer) => throughProxy.push(bytes));
      client.pipe(origin).pipe(client);
    });
    for (const connection of [client, origin]) {
      connections.add(connection);
      connection.on('error', () => undefined);
    }
  });
  for (const server of [platform, proxy]) await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterEach(async () => {
  for (const connection of connections) connection.destroy();
  connections.clear();
  for (const server of [platform, proxy]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe.each(CLIENTS)('an order to an https: address through a proxy, with %s', (_, create) => {
  function client(settings: Partial<PlatformClientSettings> = {}): PlatformClient {
    const merchants = new SingleMerchant({ merchantNo: '21008024', keys: ['QGbZvggxNdGgMUnp'] });
    return new PlatformClient(new HttpService(create()), merchants, systemClock, {
      baseUrl: `https://127.0.0.1:${portOf(platform)}/wxzfservice`,
      proxy: new Secret(`http://user:password@127.0.0.1:${portOf(proxy)}`),
      httpsAgent: new Secret(new Agent({ ...ANONYMOUS_TLS, rejectUnauthorized: false })),
      timeoutMs: 5000,
      ...settings,
    });
  }

  it('shows the proxy where it goes, and nothing else', async () => {
    expect(await client().queryOrder('21008024', 'A1')).toMatchObject({ status: 'paid' });
    expect(asked).toEqual([expect.stringContaining('out_trade_no=A1')]);
    expect(seenByProxy).toEqual([
      {
        method: 'CONNECT',
        url: `127.0.0.1:${portOf(platform)}`,
        authorization: `Basic ${Buffer.from('user:password').toString('base64')}`,
      },
    ]);
    expect(throughProxy[0]?.[0]).toBe(TLS_HANDSHAKE);
    expect(Buffer.concat(throughProxy).includes('out_trade_no')).toBe(false);
  });

  it('keeps the check of the platform’s certificate', async () => {
    const asking = client({ httpsAgent: new Secret(new Agent(ANONYMOUS_TLS)) }).queryOrder('21008024', 'A1', {
      attempts: 1,
    });
    await expect(asking).rejects.toMatchObject({ code: 'platform_unreachable', stage: 'tls' });
    expect(asked).toEqual([]);
  });

  it('is given up within the time limit when the proxy never answers', async () => {
    proxy.removeAllListeners('connect').on('connect', (request, client: Duplex) => connections.add(client));
    const asking = client({ timeoutMs: 50 }).queryOrder('21008024', 'A1', { attempts: 1 });
    await expect(asking).rejects.toMatchObject({ code: 'platform_unreachable', stage: 'proxy' });
    await Promise.all([...connections].map((connection) => once(connection.resume(), 'end')));
  });
});

/** Sends by another version; the newest one's types around it. */
function withRequestsOf(other: { request(config: object): Promise<never> }): AxiosInstance {
  return Object.assign(axios.create(), { request: (config: object) => other.request(config) });
}

function portOf(server: Server | SecureServer): number {
  const address: string | AddressInfo | null = server.address();
  if (typeof address === 'object' && address !== null) return address.port;
  throw new TypeError('The server does not listen.');
}
