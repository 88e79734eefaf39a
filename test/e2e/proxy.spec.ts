import { request as forward } from 'node:http';
import { Agent, createServer } from 'node:https';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type WanPayEmulator } from 'wanpay-emulator';
import { type ForwardProxy, startForwardProxy } from './forward-proxy.js';
import { ADAPTERS, startHost } from './host.js';
import { listening } from './listening.js';
import { startPlatform } from './platform.js';

/** TLS without a certificate, so that no private key has to lie about here. */
const ANONYMOUS_TLS = { ciphers: 'AECDH-AES128-SHA@SECLEVEL=0', maxVersion: 'TLSv1.2' } as const;
const TLS_HANDSHAKE = 0x16;

describe.each(ADAPTERS)('a forward proxy, on %s', (adapter) => {
  let emulator: WanPayEmulator;
  let proxy: ForwardProxy;
  beforeEach(async () => {
    emulator = await startPlatform();
    proxy = await startForwardProxy();
  });

  /** The platform behind TLS, as a client in front of it would have it. */
  async function startTls(): Promise<string> {
    const { port } = new URL(emulator.url);
    const server = createServer(ANONYMOUS_TLS, ({ method, headers, url }, response) => {
      response.req.pipe(
        forward({ port, path: url, method, headers, agent: false }, (reply) => {
          response.writeHead(reply.statusCode ?? 502, reply.headers);
          reply.pipe(response);
        }),
      );
    });
    return `https://127.0.0.1:${await listening(server)}/wxzfservice`;
  }

  it('passes on what goes to an http: address, with its credentials', async () => {
    const host = await startHost(adapter, emulator, { proxy: `http://user:pass%40word@127.0.0.1:${proxy.port}` });
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    await host.wanpay.queryPayment('A1');
    const authorization = `Basic ${Buffer.from('user:pass@word').toString('base64')}`;
    expect(proxy.seen).toEqual([
      { method: 'POST', target: `${emulator.baseUrl}/virtualatmpay`, authorization },
      { method: 'POST', target: `${emulator.baseUrl}/orderquery`, authorization },
    ]);
    expect(emulator.order('A1').state).toBe('unpaid');
  });

  it('tunnels what goes to an https: address: it sees where to, and nothing else', async () => {
    const baseUrl = await startTls();
    const httpsAgent = new Agent({ ...ANONYMOUS_TLS, rejectUnauthorized: false });
    const host = await startHost(adapter, emulator, {
      baseUrl,
      httpsAgent,
      proxy: `http://user:pass%40word@127.0.0.1:${proxy.port}`,
    });
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    expect(emulator.order('A1').state).toBe('unpaid');
    expect(proxy.seen).toEqual([
      {
        method: 'CONNECT',
        target: new URL(baseUrl).host,
        authorization: `Basic ${Buffer.from('user:pass@word').toString('base64')}`,
      },
    ]);
    const bytes = Buffer.concat(proxy.tunnelled);
    expect(bytes[0]).toBe(TLS_HANDSHAKE);
    expect(bytes.includes('virtualatmpay')).toBe(false);
    expect(bytes.includes(emulator.merchant.merchantNo)).toBe(false);
  });

  it('may have a password with a bare %', async () => {
    const host = await startHost(adapter, emulator, { proxy: `http://user:50%off@127.0.0.1:${proxy.port}` });
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    expect(proxy.seen[0]?.authorization).toBe(`Basic ${Buffer.from('user:50%off').toString('base64')}`);
  });

  it('is not used unless it is asked for', async () => {
    const host = await startHost(adapter, emulator);
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    expect(proxy.seen).toEqual([]);
  });

  it('does not bypass the check of the platform’s certificate', async () => {
    const baseUrl = await startTls();
    const host = await startHost(adapter, emulator, { baseUrl, proxy: `http://127.0.0.1:${proxy.port}` });
    await expect(host.wanpay.createPayment({ orderNo: 'A1', amount: 50 })).rejects.toMatchObject({
      code: 'platform_unreachable',
      stage: 'tls',
      proxy: `127.0.0.1:${proxy.port}`,
      mayHaveActed: false,
    });
    expect(emulator.orders()).toEqual([]);
    expect(await host.wanpay.getPayment('A1')).toBeUndefined();
  });
});
