import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** A request and its response that belong to no connection: what one asks of them is answered, and nothing is sent. */
export interface Trial {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What the response was sent as, so far: a redirection, or an answer. */
  readonly answer: string | undefined;
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
  let answer: string | undefined;
  const answerAs = (how: string) => (): ServerResponse => {
    answer ??= how;
    return response;
  };
  const sent = answerAs('an answer of its own');
  Object.assign(response, {
    ...{ header: same, set: same, status: same, code: same, type: same, cookie: same },
    ...{ send: sent, json: sent, sendStatus: sent, render: sent, end: sent, redirect: answerAs('a redirection') },
    raw: response,
  });
  return {
    request,
    response,
    get answer() {
      return answer;
    },
  };
}
