import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** What came back. */
export interface SeenReply {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: string;
}

/** What is sent; a body in several pieces goes out chunked, without a declared length. */
export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | readonly string[];
}

/** One request over a connection of its own, exactly as given: no header is added but the length of a body in one piece. */
export async function send(url: string, { method = 'POST', headers = {}, body = '' }: Sent = {}): Promise<SeenReply> {
  const pieces = Array.isArray(body) ? body : undefined;
  const whole = typeof body === 'string' || Buffer.isBuffer(body) ? body : '';
  const length = pieces ? {} : { 'content-length': Buffer.byteLength(whole) };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(url, { method, agent: false, headers: { ...headers, ...length } }, resolve);
    // A server may refuse a body before it has read it all: what counts is the reply, if there is one.
    outgoing.on('error', reject);
    for (const piece of pieces ?? []) outgoing.write(piece);
    outgoing.end(whole);
  });
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'],
    body: await text(response),
  };
}
