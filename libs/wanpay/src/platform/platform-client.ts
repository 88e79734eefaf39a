import type { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import type { HttpService } from '@nestjs/axios';
import { Inject, Injectable, Optional } from '@nestjs/common';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import {
  type Clock,
  createNonce,
  type Fields,
  isReplyTrusted,
  MalformedMessageError,
  type Outcome,
  type OrderRequest,
  type PlatformInterface,
  readQueryAnswer,
  readReply,
  readVirtualAccount,
  type Reply,
  sign,
  SUCCESS_CODE,
  toTimestamp,
  type VirtualAccount,
  writeOrder,
  writeQuery,
} from '../protocol/index.js';
import { Activity } from '../observation/activity.js';
import { type Observer, UNOBSERVED } from '../observation/observer.js';
import { StructuredLogger } from '../logging/structured-logger.js';
import { safeCause } from '../protocol/cause.js';
import type { Secret } from '../protocol/secret.js';
import { describeSpan } from '../protocol/span.js';
import {
  describeClock,
  MalformedReplyError,
  PlatformError,
  PlatformRefusedError,
  PlatformUnreachableError,
  ReplySignatureError,
  ResultUnknownError,
} from './errors.js';
import { type MerchantRegistry, requireMerchant } from './merchants.js';
import { type Proxy, proxyFor } from './proxy.js';
import { CLOCK, MERCHANT_REGISTRY, PLATFORM_CLIENT_SETTINGS, PLATFORM_HTTP } from './tokens.js';
import { TunnelAgent } from './tunnel.js';
import { Way } from './way.js';

/** How the platform is reached. */
export interface PlatformClientSettings {
  readonly baseUrl: string;
  /** How long a whole exchange may take, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * A forward proxy's address, such as `http://user:password@10.0.0.5:3128`; HTTPS is tunnelled through it. Left out, the
   * environment's `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` count.
   */
  readonly proxy?: Secret;
  /** Agents may know a proxy's password, too. */
  readonly httpAgent?: Secret<HttpAgent>;
  readonly httpsAgent?: Secret<HttpsAgent>;
}

/** What came back to one request: its text, and when the other side sent it, by its own clock. */
interface Posted {
  readonly text: string;
  readonly date?: Date;
}

/** A reply that was verified. */
interface Answer extends Reply {
  readonly date?: Date;
}

/** A reply of this protocol has some 400 bytes. */
const MAX_REPLY_BYTES = 64 * 1024;
/** The most attempts for one exchange. */
export const MAX_ATTEMPTS = 3;
const RETRY_BASE_MS = 200;

/** Error codes of a connection that was not established, for the host's own clients, whose sockets can't be watched. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

const NAME_CODES = new Set(['ENOTFOUND', 'EAI_AGAIN']);
/** The codes by which a request that the time limit ended is known, by axios and by us. */
const ABORTED_CODE = 'ERR_CANCELED';
const TIMEOUT_CODE = 'ETIMEDOUT';
/** The codes of a time limit of the host's own client, or of the operating system. */
const OTHER_TIMEOUT_CODES = new Set(['ECONNABORTED', TIMEOUT_CODE]);
const PROXY_AUTHENTICATION = 407;
/** The codes that an expired timestamp comes to (1.2, 3.2.1). */
const CLOCK_CODES = new Set(['910', '913']);
/** The clock's offset up to which nothing is reported, in seconds. */
const TOLERATED_SECONDS = 60;

/** The platform's client: sends orders and queries, and turns whatever comes back into an answer or a typed error. */
@Injectable()
export class PlatformClient {
  private readonly logger = new StructuredLogger('WanPayPlatform');
  private hasWarnedOfClock = false;

  constructor(
    @Inject(PLATFORM_HTTP) private readonly http: HttpService,
    @Inject(MERCHANT_REGISTRY) private readonly merchants: MerchantRegistry,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PLATFORM_CLIENT_SETTINGS) private readonly settings: PlatformClientSettings,
    @Optional() @Inject(Activity) private readonly observer: Observer = UNOBSERVED,
  ) {}

  /**
   * Opens an order (3.1.1). It is retried only when the request was not sent and the cause may be short-lived.
   *
   * @throws PlatformError, whose `mayHaveActed` tells whether the order may exist all the same
   */
  async openOrder(request: OrderRequest): Promise<VirtualAccount> {
    const reply = await this.exchange('virtualatmpay', request.merchantNo, writeOrder(request), mayLeaveNow);
    if (reply.status !== SUCCESS_CODE) throw this.refusal(reply, 'order');
    this.hasWarnedOfClock = false;
    return readOrThrow(() => readVirtualAccount(reply, request, this.clock.now()));
  }

  /**
   * Asks for an order's state (3.1.3). A query changes nothing, so it is retried whenever no answer came.
   *
   * @param options.attempts how often it is tried at most; 3 by default
   * @returns undefined when the platform has no such order
   * @throws PlatformError
   */
  async queryOrder(
    merchantNo: string,
    orderNo: string,
    { attempts = MAX_ATTEMPTS }: { readonly attempts?: number } = {},
  ): Promise<Outcome | undefined> {
    const reply = await this.exchange(
      'orderquery',
      merchantNo,
      writeQuery(merchantNo, orderNo),
      (error) => error instanceof PlatformUnreachableError || error instanceof ResultUnknownError,
      attempts,
    );
    const answer = readOrThrow(() => readQueryAnswer(reply, orderNo));
    if (answer.kind === 'refused') throw this.refusal(reply, 'query');
    return answer.kind === 'found' ? answer.outcome : undefined;
  }

  private async exchange(
    path: string,
    merchantNo: string,
    fields: Fields,
    canRetry: (error: unknown) => boolean,
    attempts = MAX_ATTEMPTS,
  ): Promise<Answer> {
    const { keys } = await requireMerchant(this.merchants, merchantNo);
    const operation = { name: 'platformRequest', interface: path, merchantNo } as const;
    const attempt = (): Promise<Answer> =>
      this.observer.around(
        operation,
        () => this.ask(path, fields, keys),
        ({ status }) => status,
      );
    return retrying(attempt, canRetry, attempts);
  }

  /** Each try is signed anew: its timestamp must be fresh and its nonce its own. */
  private async ask(path: string, fields: Fields, keys: readonly string[]): Promise<Answer> {
    const { text, date } = await this.post(path, this.signed(fields, keys));
    const reply = readOrThrow(() => readReply(text, keys));
    if (!isReplyTrusted(reply, keys)) throw new ReplySignatureError();
    return { ...reply, ...(date ? { date } : {}) };
  }

  /** With the clock's offset where that may be why, which is logged once, and not for each order. */
  private refusal({ status, info, date }: Answer, from: PlatformInterface): PlatformRefusedError {
    if (!date || !CLOCK_CODES.has(status)) return new PlatformRefusedError(status, from, info);
    const offsetSeconds = Math.round((this.clock.now().getTime() - date.getTime()) / 1000);
    if (Math.abs(offsetSeconds) <= TOLERATED_SECONDS) return new PlatformRefusedError(status, from, info);
    if (!this.hasWarnedOfClock) this.logger.warn('clock_off', describeClock(offsetSeconds), { offsetSeconds });
    this.hasWarnedOfClock = true;
    return new PlatformRefusedError(status, from, info, offsetSeconds);
  }

  private async post(path: string, fields: Fields): Promise<Posted> {
    const { baseUrl, timeoutMs, httpAgent, httpsAgent } = this.settings;
    const proxy = this.proxy();
    const way = new Way(baseUrl.startsWith('https:'), proxy !== undefined);
    // axios's own timeout starts anew with each sign of life; this one bounds the whole exchange.
    const limit = new AbortController();
    const tunnel =
      proxy && baseUrl.startsWith('https:') ? new TunnelAgent(proxy, httpsAgent?.reveal(), limit.signal) : undefined;
    const config: AxiosRequestConfig<string> = {
      method: 'post',
      url: `${baseUrl}/${path}`,
      data: new URLSearchParams(fields).toString(),
      signal: limit.signal,
      maxContentLength: MAX_REPLY_BYTES,
      maxRedirects: 0,
      responseType: 'text',
      transformResponse: (body: unknown) => body,
      validateStatus: () => true,
      // The protocol wants short connections (2.1): front ends drop those that are used again.
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8',
        Accept: 'application/json',
        Connection: 'close',
      },
      transport: way.transport,
      // axios would read the environment by other rules, and not name the proxy.
      proxy: tunnel ? false : (proxy?.config ?? false),
      ...(httpAgent ? { httpAgent: httpAgent.reveal() } : {}),
      ...(tunnel || httpsAgent ? { httpsAgent: tunnel ?? httpsAgent?.reveal() } : {}),
    };
    const timeout = setTimeout(() => {
      limit.abort();
    }, timeoutMs);
    try {
      // The service's observables cancel what is over already, which makes an error with its stack: a tenth of a payment.
      const response = await this.http.axiosRef.request<unknown>(config);
      const asksForPassword = proxy !== undefined && response.status === PROXY_AUTHENTICATION;
      // The proxy's own answer came without TLS, so it is not the platform's reply.
      if (asksForPassword || way.isAnsweredByProxy) throw proxyRefusal(response.status, proxy);
      const date = readDate(response.headers.date);
      return { text: readBody(response), ...(date ? { date } : {}) };
    } catch (error) {
      if (tunnel?.refusedWith !== undefined) throw proxyRefusal(tunnel.refusedWith, proxy);
      throw classify(error, way, proxy, timeoutMs);
    } finally {
      clearTimeout(timeout);
    }
  }

  private proxy(): Proxy | undefined {
    const { baseUrl, proxy, httpsAgent } = this.settings;
    // An agent that is none of Node's own knows its way, such as one that opens tunnels; `proxy` still has the last word.
    const isOnItsOwn = httpsAgent !== undefined && !(httpsAgent.reveal() instanceof HttpsAgent);
    if (!proxy && isOnItsOwn && baseUrl.startsWith('https:')) return undefined;
    try {
      return proxyFor(baseUrl, proxy?.reveal(), process.env);
    } catch (error) {
      if (error instanceof TypeError) {
        throw new PlatformUnreachableError(error, { stage: 'proxy', problem: error.message });
      }
      throw error;
    }
  }

  private signed(fields: Fields, keys: readonly string[]): Record<string, string> {
    const complete: Record<string, string> = {};
    for (const [name, value] of Object.entries(fields)) if (value !== '') complete[name] = value;
    complete.secondtimestamp = toTimestamp(this.clock.now());
    complete.nonce_str = createNonce();
    complete.sign = sign(complete, keys[0] ?? '');
    return complete;
  }
}

/** Whether an order that did not leave may leave when it is tried again: not through a proxy that says no. */
function mayLeaveNow(error: unknown): boolean {
  if (!(error instanceof PlatformUnreachableError) || error.cause === undefined) return false;
  return codeOf(error.cause) !== TIMEOUT_CODE && (error.proxyStatus === undefined || error.proxyStatus >= 500);
}

function proxyRefusal(status: number, proxy: Proxy | undefined): PlatformUnreachableError {
  const cause = Object.assign(new Error(`The proxy answered with HTTP status ${status}.`), { code: `HTTP ${status}` });
  return new PlatformUnreachableError(cause, { ...named(proxy), stage: 'proxy', proxyStatus: status });
}

function named(proxy: Proxy | undefined): { readonly proxy?: string } {
  return proxy ? { proxy: proxy.name } : {};
}

function readBody(response: AxiosResponse<unknown>): string {
  if (response.status >= 500) throw new ResultUnknownError(`HTTP ${response.status}`);
  if (!isSuccess(response)) throw new MalformedReplyError(`it came with HTTP status ${response.status}.`);
  if (typeof response.data !== 'string') throw new MalformedReplyError('it is not text.');
  return response.data;
}

function readDate(header: unknown): Date | undefined {
  const date = new Date(typeof header === 'string' ? header : NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function isSuccess({ status }: AxiosResponse<unknown>): boolean {
  return status >= 200 && status <= 299;
}

function readOrThrow<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedMessageError) throw new MalformedReplyError(error.message, error);
    throw error;
  }
}

/** Tries again, after pauses whose ceiling doubles, while that may help. With rxjs's `retry` a payment took a tenth longer. */
async function retrying<T>(
  attempt: () => Promise<T>,
  canRetry: (error: unknown) => boolean,
  attempts: number,
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (failures >= attempts || !canRetry(error)) throw error;
    }
    await pause(jittered(RETRY_BASE_MS * 2 ** failures));
  }
}

/** Full jitter: callers that failed together do not come back together. */
function jittered(ceilingMs: number): number {
  return Math.random() * ceilingMs;
}

/** A result is unknown only when the request may have arrived. */
function classify(error: unknown, way: Way, proxy: Proxy | undefined, timeoutMs: number): PlatformError {
  if (error instanceof PlatformError) return error;
  const cause = safeCause(error);
  const code = codeOf(cause);
  const isTimeout = code === ABORTED_CODE;
  const timedOut = `timed out after ${describeSpan(timeoutMs)}`;
  if (!(way.mayHaveArrived ?? !NEVER_CONNECTED.has(code))) {
    const stage = way.stage === 'connect' && NAME_CODES.has(code) ? 'dns' : way.stage;
    const why = isTimeout ? Object.assign(new Error(timedOut), { code: TIMEOUT_CODE }) : cause;
    return new PlatformUnreachableError(why, { stage, ...named(proxy) });
  }
  if (isTimeout) return new ResultUnknownError(timedOut, cause);
  // axios gives a reply that breaks off the same code as one that is too long.
  const tooLong = code === 'ERR_BAD_RESPONSE' && cause.message.startsWith('maxContentLength');
  if (tooLong) return new MalformedReplyError(`it is longer than ${MAX_REPLY_BYTES} bytes.`, cause);
  return new ResultUnknownError(OTHER_TIMEOUT_CODES.has(code) ? 'timed out' : code || cause.name, cause);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
