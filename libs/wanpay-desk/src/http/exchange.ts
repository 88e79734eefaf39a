import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StructuredLogger } from 'nestjs-wanpay/telemetry';
import type { DeskLanguage, DeskRequest, WanPayDeskSettings } from '../desk.options.js';
import { DeskProblem } from '../errors.js';
import { cleanText } from '../text.js';
import { chosenLanguage, languageOf } from './language.js';
import { isSameOrigin } from './same-origin.js';

/** An answer as the host's framework has it: what Express and Fastify have in common. */
export interface DeskReply {
  status(code: number): unknown;
  header(name: string, value: string): unknown;
  send(body: string): unknown;
  /** Fastify's: the answer is given by someone else. */
  hijack?(): unknown;
  /** Node's own, below Fastify's. */
  readonly raw?: ServerResponse;
}

const HTML = 'text/html; charset=utf-8';
/** The desk's own files and nothing else. */
const POLICY = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"],
  ...["form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"],
].join('; ');
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};
const MAX_ACTOR = 100;
const LANGUAGE_SECONDS = 31_536_000;

/** A request to the desk and its answer. It answers by itself, so that no interceptor of the host changes a page. */
export class Exchange {
  /** The path of the desk as the browser knows it, whatever prefix and version the host put before it. */
  readonly base: string;
  /** The path and query of this page, as the browser knows it. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly language: DeskLanguage;

  /** @param below the path of the page below the desk */
  constructor(
    readonly request: DeskRequest,
    private readonly reply: DeskReply,
    readonly below: string,
    private readonly settings: WanPayDeskSettings,
  ) {
    const [path = '', query = ''] = request.originalUrl.split('?', 2);
    const segments = path.split('/').filter((segment) => segment !== '');
    const depth = below.split('/').filter((segment) => segment !== '').length;
    const seen = `/${segments.slice(0, segments.length - depth).join('/')}`;
    this.base = (settings.publicPath ?? seen).replace(/\/$/, '');
    this.query = new URLSearchParams(query);
    this.language = languageOf(request.headers, this.query, settings.language);
    const rest = new URLSearchParams(this.query);
    rest.delete('lang');
    this.path = `${this.addressOf(below)}${rest.size > 0 ? `?${rest}` : ''}`;
  }

  /** The address of a page. Not every framework knows the first one with a slash at its end. */
  private addressOf(below: string): string {
    return below === '' ? this.base || '/' : `${this.base}/${below}`;
  }

  /** What the address says under a name, without surrounding space; undefined where it says nothing. */
  asked(name: string): string | undefined {
    const value = this.query.get(name)?.trim();
    return value === '' ? undefined : value;
  }

  /** A query parameter with its spaces, because the platform's order numbers may have some. */
  exactly(name: string): string | undefined {
    return this.query.get(name) ?? undefined;
  }

  /** @throws DeskProblem when a form was sent from another site's page */
  assertSameOrigin(): void {
    if (isSameOrigin(this.request.headers)) return;
    throw new DeskProblem(403, {
      chinese: '這個表單不是從本站的頁面送出的，因此沒有執行。',
      english: 'This form was not sent from a page of this site, so nothing was done.',
    });
  }

  /** Who does this, as the host calls them. */
  async actor(): Promise<string | undefined> {
    const { actor } = this.settings;
    // The host knows what its framework's requests are; it is given the very one that it sent.
    const ask: ((request: never) => unknown) | undefined = actor;
    const name: unknown = ask ? await Reflect.apply(ask, undefined, [this.request]) : undefined;
    if (typeof name !== 'string') return undefined;
    return cleanText(name, MAX_ACTOR) || undefined;
  }

  page(html: string, httpStatus = 200): void {
    this.send(httpStatus, HTML, html);
  }

  /** Leads the browser to a page of the desk, which it asks for anew. */
  redirect(below: string): void {
    this.reply.header('location', this.addressOf(below));
    this.send(303, HTML, '');
  }

  /** A file that may be kept for ever, since its address changes with it. */
  asset(type: string, content: string): void {
    this.send(200, type, content, 'private, max-age=31536000, immutable');
  }

  /** Sends a file while it is made. */
  async download(name: string, type: string, content: AsyncIterable<string>): Promise<void> {
    const raw = this.reply.raw ?? this.reply;
    if (!isServerResponse(raw)) throw new TypeError('The host gave no response that can be written to.');
    this.reply.hijack?.();
    raw.writeHead(200, {
      ...SECURITY_HEADERS,
      'cache-control': 'no-store',
      'content-type': type,
      'content-disposition': `attachment; filename="${name}"`,
    });
    try {
      await pipeline(Readable.from(content), raw);
    } catch (error) {
      // The answer has begun, so no error page can be sent. A client that left is not logged.
      if (raw.destroyed && isPremature(error)) return;
      raw.destroy();
      const reason = error instanceof Error ? error.message : 'unknown';
      new StructuredLogger('WanPayDesk').error('desk_download_failed', `${name} could not be finished: ${reason}`);
    }
  }

  private send(httpStatus: number, type: string, body: string, cache = 'no-store'): void {
    const { reply } = this;
    const language = chosenLanguage(this.query);
    const headers = { ...SECURITY_HEADERS, 'cache-control': cache, 'content-type': type };
    for (const [name, value] of Object.entries(headers)) reply.header(name, value);
    if (language) {
      const path = this.base === '' ? '/' : this.base;
      const rest = `Path=${path}; Max-Age=${LANGUAGE_SECONDS}; HttpOnly; SameSite=Lax`;
      reply.header('set-cookie', `wanpay_desk_language=${language}; ${rest}`);
    }
    reply.status(httpStatus);
    reply.send(body);
  }
}

/** Whether the client closed the connection. */
function isPremature(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function isServerResponse(value: object): value is ServerResponse {
  return 'writeHead' in value && typeof value.writeHead === 'function';
}
