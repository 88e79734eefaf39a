import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { HttpService } from '@nestjs/axios';
import { Inject, Injectable } from '@nestjs/common';
import type { AxiosProxyConfig, AxiosRequestConfig, AxiosResponse } from 'axios';
import {
  type Clock,
  createNonce,
  type Fields,
  isReplyTrusted,
  MalformedMessageError,
  type Outcome,
  type OrderRequest,
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
import {
  MalformedReplyError,
  PlatformError,
  PlatformRefusedError,
  PlatformUnreachableError,
  ReplySignatureError,
  ResultUnknownError,
} from './errors.js';
import { type MerchantRegistry, requireMerchant } from './merchants.js';
import { CLOCK, MERCHANT_REGISTRY, PLATFORM_CLIENT_SETTINGS } from './tokens.js';

/** How the platform is reached. */
export interface PlatformClientSettings {
  readonly baseUrl: string;
  /** How long a whole exchange may take, in milliseconds. */
  readonly timeoutMs: number;
  /** A forward proxy's address, such as `http://user:password@10.0.0.5:3128`; HTTPS is tunnelled through it. */
  readonly proxy?: string;
  readonly httpAgent?: HttpAgent;
  readonly httpsAgent?: HttpsAgent;
}

/** A reply of this protocol has some 400 bytes. */
const MAX_REPLY_BYTES = 64 * 1024;
/** How often an exchange is tried at most. */
export const MAX_ATTEMPTS = 3;
const RETRY_BASE_MS = 200;

/** Errors of a connection that never came about, so that the platform can't have seen the request. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** The platform's client: sends orders and queries, and turns whatever comes back into an answer or a typed error. */
@Injectable()
export class PlatformClient {
  constructor(
    @Inject(HttpService) private readonly http: HttpService,
    @Inject(MERCHANT_REGISTRY) private readonly merchants: MerchantRegistry,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PLATFORM_CLIENT_SETTINGS) private readonly settings: PlatformClientSettings,
  ) {}

  /**
   * Opens an order (3.1.1). Tried again by itself only while no connection came about.
   *
   * @throws PlatformError, whose `mayHaveActed` tells whether the order may exist all the same
   */
  async openOrder(request: OrderRequest): Promise<VirtualAccount> {
    const reply = await this.exchange(
      'virtualatmpay',
      request.merchantNo,
      writeOrder(request),
      (error) => error instanceof PlatformUnreachableError,
    );
    if (reply.status !== SUCCESS_CODE) throw new PlatformRefusedError(reply.status, 'order', reply.info);
    return readOrThrow(() => readVirtualAccount(reply, request, this.clock.now()));
  }

  /**
   * Asks for an order's state (3.1.3). Asking changes nothing, so whatever got no answer is tried again.
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
    if (answer.kind === 'refused') throw new PlatformRefusedError(answer.code, 'query', answer.info);
    return answer.kind === 'found' ? answer.outcome : undefined;
  }

  private async exchange(
    path: string,
    merchantNo: string,
    fields: Fields,
    canRetry: (error: unknown) => boolean,
    attempts = MAX_ATTEMPTS,
  ): Promise<Reply> {
    const { keys } = await requireMerchant(this.merchants, merchantNo);
    // Each try is signed anew: its timestamp must be fresh and its nonce its own.
    const text = await retrying(() => this.post(path, this.signed(fields, keys)), canRetry, attempts);
    const reply = readOrThrow(() => readReply(text));
    if (!isReplyTrusted(reply, keys)) throw new ReplySignatureError();
    return reply;
  }

  private async post(path: string, fields: Fields): Promise<string> {
    const { baseUrl, timeoutMs, proxy, httpAgent, httpsAgent } = this.settings;
    // axios's own timeout starts anew with each sign of life; this one bounds the whole exchange.
    const limit = new AbortController();
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
      headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8', Accept: 'application/json' },
      ...(proxy ? { proxy: readProxy(proxy) } : {}),
      ...(httpAgent ? { httpAgent } : {}),
      ...(httpsAgent ? { httpsAgent } : {}),
    };
    const timeout = setTimeout(() => {
      limit.abort();
    }, timeoutMs);
    try {
      // The service's observables cancel what is over already, which makes an error with its stack: a tenth of a payment.
      return readBody(await this.http.axiosRef.request<unknown>(config));
    } catch (error) {
      throw classify(error);
    } finally {
      clearTimeout(timeout);
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

function readProxy(address: string): AxiosProxyConfig {
  const { protocol, hostname, port, username, password } = new URL(address);
  return {
    protocol,
    host: hostname,
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
    ...(username ? { auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) } } : {}),
  };
}

function readBody(response: AxiosResponse<unknown>): string {
  if (response.status >= 500) throw new ResultUnknownError(`HTTP ${response.status}`);
  if (response.status < 200 || response.status > 299)
    throw new MalformedReplyError(`it came with HTTP status ${response.status}.`);
  if (typeof response.data !== 'string') throw new MalformedReplyError('it is not text.');
  return response.data;
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

function classify(error: unknown): PlatformError {
  if (error instanceof PlatformError) return error;
  const { cause, code } = strip(error);
  if (NEVER_CONNECTED.has(code)) return new PlatformUnreachableError(cause);
  // axios gives a reply that breaks off the same code as one that is too long.
  const tooLong = code === 'ERR_BAD_RESPONSE' && cause.message.startsWith('maxContentLength');
  if (tooLong) return new MalformedReplyError(`it is longer than ${MAX_REPLY_BYTES} bytes.`, cause);
  return new ResultUnknownError(code || cause.name, cause);
}

/**
 * What went wrong, without the exchange that axios hangs on its errors: whoever logs one would log the signature,
 * and the proxy's password.
 */
function strip(error: unknown): { readonly cause: Error; readonly code: string } {
  if (!(error instanceof Error)) return { cause: new Error('unknown failure'), code: '' };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const { name, message } = error;
  return { cause: Object.assign(new Error(message), { name, ...(code ? { code } : {}) }), code };
}
