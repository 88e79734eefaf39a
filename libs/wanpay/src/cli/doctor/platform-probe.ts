import { connect } from 'node:net';
import axios, { type AxiosResponse } from 'axios';
import { type Proxy, proxyFor } from '../../platform/proxy.js';
import { createOrderNo, type Outcome } from '../../protocol/index.js';
import { type CommandSettings, platformClientOf } from '../platform.js';

/** What one signed query for an order that can't exist came to. */
export interface PlatformProbe {
  readonly answer:
    { readonly kind: 'answered'; readonly outcome?: Outcome } | { readonly kind: 'failed'; readonly error: unknown };
  /** Absent when no HTTP response came. */
  readonly response?: { readonly status: number; readonly date?: Date; readonly halfWay: Date };
  /** This machine's address on the way to the platform, or to the proxy; absent when there is no connection. */
  readonly localAddress?: string;
}

/** Asks the platform, properly signed, for an order that can't exist: nothing changes there, and its code says a lot. */
export async function probePlatform(settings: CommandSettings): Promise<PlatformProbe> {
  const { clock, defaultMerchantNo } = settings;
  const http = axios.create();
  let sentAt = clock.now();
  let response: PlatformProbe['response'];
  http.interceptors.request.use((request) => {
    sentAt = clock.now();
    return request;
  });
  http.interceptors.response.use((received: AxiosResponse) => {
    const halfWay = new Date((sentAt.getTime() + clock.now().getTime()) / 2);
    const date = readDate(received.headers.date);
    response = { status: received.status, halfWay, ...(date ? { date } : {}) };
    return received;
  });
  const answer = await platformClientOf(settings, http)
    .queryOrder(defaultMerchantNo, createOrderNo(clock.now()), { attempts: 1 })
    .then(
      (outcome) => ({ kind: 'answered', ...(outcome ? { outcome } : {}) }) as const,
      (error: unknown) => ({ kind: 'failed', error }) as const,
    );
  const localAddress = await localAddressTo(settings);
  return { answer, ...(response ? { response } : {}), ...(localAddress ? { localAddress } : {}) };
}

/** By a connection of its own, since that of the query is closed when its answer is read. */
function localAddressTo(settings: CommandSettings): Promise<string | undefined> {
  const { baseUrl, timeoutMs } = settings;
  const { host, port } = proxyOf(settings)?.config ?? targetOf(baseUrl);
  const socket = connect({ host, port, timeout: timeoutMs });
  return new Promise<string | undefined>((resolve) => {
    socket.once('connect', () => {
      resolve(socket.localAddress);
    });
    socket.once('error', () => {
      resolve(undefined);
    });
    socket.once('timeout', () => {
      resolve(undefined);
    });
  }).finally(() => socket.destroy());
}

/** The proxy on the way to the platform, configured or of the environment; undefined when there is none that can be used. */
export function proxyOf({ baseUrl, proxy }: CommandSettings): Proxy | undefined {
  try {
    return proxyFor(baseUrl, proxy?.reveal(), process.env);
  } catch {
    return undefined;
  }
}

function targetOf(baseUrl: string): { readonly host: string; readonly port: number } {
  const { protocol, hostname, port } = new URL(baseUrl);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (protocol === 'https:' ? 443 : 80)) };
}

function readDate(header: unknown): Date | undefined {
  const date = new Date(typeof header === 'string' ? header : NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
