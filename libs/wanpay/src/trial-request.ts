import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** A request and its response that belong to no connection: what one asks of them is answered, and nothing is sent. */
export interface Trial {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Makes a POST of a form that holds nothing, with what guards and middleware read on Express and on Fastify. */
export function trialOf(path: string): Trial {
  const request = new IncomingMessage(new Socket());
  const headers: IncomingMessage['headers'] = {
    host: 'localhost',
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': '0',
    'user-agent': 'nestjs-wanpay',
  };
  const header = (name: string): unknown => headers[name.toLowerCase()];
  Object.assign(request, {
    method: 'POST',
    url: path,
    originalUrl: path,
    path,
    headers,
    ip: '127.0.0.1',
    ips: [],
    hostname: 'localhost',
    protocol: 'http',
    body: {},
    query: {},
    params: {},
    cookies: {},
    signedCookies: {},
    raw: request,
    get: header,
    header,
  });
  const response = new ServerResponse(request);
  const same = (): ServerResponse => response;
  return {
    request,
    response: Object.assign(response, { header: same, set: same, status: same, code: same, cookie: same }),
  };
}
