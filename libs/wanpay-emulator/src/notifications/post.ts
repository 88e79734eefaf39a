import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type Fields } from 'nestjs-wanpay/protocol';
import { readBody } from '../http/body.js';

/** What the merchant answered. */
export interface MerchantReply {
  readonly status: number;
  readonly body: string;
}

/**
 * Posts a form to the merchant, over a connection of its own ("short connections", 2.1), and follows no redirect.
 *
 * @param signal ends the attempt, the reading of the reply included
 */
export async function postForm(url: string, fields: Fields, signal: AbortSignal): Promise<MerchantReply> {
  const body = new URLSearchParams(fields).toString();
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    signal,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
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
