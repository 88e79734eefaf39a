import { type ClientRequest, request as requestPlain } from 'node:http';
import { Agent, type AgentOptions, globalAgent, request as requestSecure, type RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Proxy } from './proxy.js';

type OnConnection = (error: Error | null, connection: Duplex) => void;

/**
 * Reaches an `https:` address through a proxy's tunnel, so that the proxy sees where to and nothing else. axios itself does
 * so only from 1.17 on: before, it hands the whole order to the proxy, unencrypted.
 */
export class TunnelAgent extends Agent {
  /** The HTTP status with which the proxy refused to open the tunnel; undefined where it did not. */
  refusedWith: number | undefined;

  /**
   * @param agent the agent whose TLS options count, for the proxy too if it is reached by TLS; Node's own if left out
   * @param signal gives up on the proxy
   */
  constructor(
    private readonly proxy: Proxy,
    agent: { readonly options: AgentOptions } | undefined,
    private readonly signal: AbortSignal,
  ) {
    // Node's own way through the environment's proxies is left out: the tunnel is the way.
    super({ ...(agent ?? globalAgent).options, ...{ proxyEnv: undefined }, keepAlive: false });
  }

  override createConnection(options: RequestOptions, done?: OnConnection): undefined {
    const request = this.ask(targetOf(options));
    const fail = (error: Error): void => {
      if (done) Reflect.apply(done, undefined, [error]);
    };
    request.once('error', fail);
    request.once('connect', ({ statusCode = 0 }, socket) => {
      request.off('error', fail);
      if (statusCode === 200) {
        const throughTunnel = { ...options, socket };
        const secured = super.createConnection(throughTunnel);
        if (secured) done?.(null, secured);
        return;
      }
      socket.destroy();
      this.refusedWith = statusCode;
      fail(new Error(`The proxy answered with HTTP status ${statusCode}.`));
    });
    request.end();
    return undefined;
  }

  private ask(target: string): ClientRequest {
    const { protocol, host, port, auth } = this.proxy.config;
    const authorization = auth && Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
    const request = {
      host,
      port,
      method: 'CONNECT',
      path: target,
      headers: { Host: target, ...(authorization ? { 'Proxy-Authorization': `Basic ${authorization}` } : {}) },
      agent: false as const,
      signal: this.signal,
    };
    return protocol === 'https:' ? requestSecure({ ...this.options, ...request }) : requestPlain(request);
  }
}

function targetOf({ host, port }: RequestOptions): string {
  const name = host ?? '';
  return `${isIP(name) === 6 ? `[${name}]` : name}:${port ?? 443}`;
}
