import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** An answer, read. */
export interface Seen {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
}

/** Somebody who looks at a web server, by browser or by program. */
export class Visitor {
  constructor(private readonly url: string) {}

  async get(path: string): Promise<Seen> {
    const response = await fetch(this.url + path);
    return { status: response.status, body: await response.text(), headers: response.headers };
  }

  async getJson(path: string): Promise<unknown> {
    return JSON.parse((await this.get(path)).body);
  }

  post(path: string, body?: string | URLSearchParams, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + path, { method: 'POST', redirect: 'manual', headers, ...(body ? { body } : {}) });
  }

  postJson(path: string, value: unknown): Promise<Response> {
    return this.post(path, JSON.stringify(value), { 'content-type': 'application/json' });
  }

  /** Sends a form as the page at `page` does. */
  postForm(path: string, fields: Record<string, string>, page = '/'): Promise<Response> {
    return this.post(path, new URLSearchParams(fields), { referer: this.url + page });
  }

  async rawStatus(method: string, path: string, headers: Record<string, string>): Promise<number | undefined> {
    return (await this.raw(method, path, headers)).status;
  }

  /** Sends headers that fetch would not. */
  async raw(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<{ readonly status: number | undefined; readonly text: string }> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(this.url + path, { method, headers, agent: false }, resolve)
        .on('error', reject)
        .end(body);
    });
    return { status: response.statusCode, text: await text(response) };
  }
}
