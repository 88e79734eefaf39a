import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { readBody } from '../http/body.js';
import { type Message } from './notification.js';

/** What the merchant answered. */
export interface MerchantReply {
  readonly status: number;
  readonly body: string;
}

/**
 * Posts a message to the merchant, over a connection of its own ("short connections", 2.1), and follows no redirect.
 *
 * @param signal ends the attempt, the reading of the reply included
 */
export async function post(url: string, message: Message, signal: AbortSignal): Promise<MerchantReply> {
  const { contentType, body } = message;
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    signal,
    headers: {
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      'content-length': Buffer.byteLength(body),
      connection: 'close',
    },
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.startsWith('https:') ? requestHttps(url, options, resolve) : requestHttp(url, options, resolve);
    request.on('error', reject).end(body);
  });
  return { status: response.statusCode ?? 0, body: await readBody(response) };
}
