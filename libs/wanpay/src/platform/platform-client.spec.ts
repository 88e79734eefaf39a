import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createNetServer,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HttpService } from '@nestjs/axios';
import { Logger } from '@nestjs/common';
import axios from 'axios';
import { type Clock, sign, verify } from '../protocol/index.js';
import { Secret } from '../protocol/secret.js';
import { PlatformClient, type PlatformClientSettings } from './platform-client.js';
import { SingleMerchant } from './merchants.js';

const KEY = 'QGbZvggxNdGgMUnp';
const OLD_KEY = 'n12bQ9Ew1_2342X4rEcO';
const ORDER = { merchantNo: '21008024', orderNo: 'A1', amount: 1280 };
const START_SECONDS = 1_658_400_000;
const DATA = {
  code_url: '46710722851832',
  expiredate: '2022-07-24 23:59:59',
  bankcode: '013',
  bankname: '國泰世華商業銀行',
  branchcode: '2022',
  branchname: '大昌分行',
  receiver: '旺沛大數位股份有限公司',
  out_trade_no: 'A1',
};
const ISSUED = JSON.stringify({ status: '900', info: '下单成功', data: DATA });
const PAID = JSON.stringify({ status: '900', data: { orderstatus: '0000', total_fee: 1280, out_trade_no: 'A1' } });

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly fields: Record<string, string>;
}

/** The platform: notes what it is asked, and answers as it is told, the last answer from then on. */
class Platform {
  readonly asked: Asked[] = [];
  answers: Answer[] = [saying(ISSUED)];
  private readonly server: Server = createServer((request, response) => {
    void this.take(request, response);
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get port(): number {
    const address: AddressInfo | string | null = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('The server does not listen.');
    return address.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/wxzfservice`;
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.setEncoding('utf8');
    let text = '';
    for await (const chunk of request) text += String(chunk);
    this.asked.push({
      path: request.url ?? '',
      headers: request.headers,
      fields: Object.fromEntries(new URLSearchParams(text)),
    });
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    answer?.(response, request);
  }
}

function saying(text: string, status = 200): Answer {
  return (response) => response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

const hangingUp: Answer = (response) => response.destroy();
const sayingNothing: Answer = () => undefined;

/** Connections of which the first ones reach a port where nobody listens. */
class RefusedAgent extends Agent {
  connections = 0;

  constructor(
    private readonly refusals: number,
    private readonly closedPort: number,
  ) {
    super();
  }

  override createConnection(options: {
    host?: string | null;
    port?: number | string | null;
  }): ReturnType<typeof connect> {
    this.connections++;
    const port = this.connections <= this.refusals ? this.closedPort : Number(options.port);
    return connect({ host: options.host ?? '127.0.0.1', port });
  }
}

/** A connection that neither comes about nor fails. */
class SilentAgent extends Agent {
  connections = 0;

  override createConnection(): Socket {
    this.connections++;
    return connect({ host: 'platform.invalid', port: 80, lookup: () => undefined });
  }
}

/** Each look at it is a second later than the one before. */
class TickingClock implements Clock {
  private seconds = START_SECONDS;

  now(): Date {
    return new Date(this.seconds++ * 1000);
  }

  after(): () => void {
    return () => undefined;
  }
}

const platform = new Platform();
let closedPort = 0;

interface ClientOptions extends Partial<Pick<PlatformClientSettings, 'baseUrl' | 'timeoutMs'>> {
  readonly proxy?: string;
  readonly httpAgent?: Agent;
}

function client({ proxy, httpAgent, ...settings }: ClientOptions = {}): PlatformClient {
  const merchants = new SingleMerchant({ merchantNo: '21008024', keys: [KEY, OLD_KEY] });
  const complete = {
    ...{ baseUrl: platform.url, timeoutMs: 5000, ...settings },
    ...(proxy === undefined ? {} : { proxy: new Secret(proxy) }),
    ...(httpAgent === undefined ? {} : { httpAgent: new Secret(httpAgent) }),
  };
  return new PlatformClient(new HttpService(), merchants, new TickingClock(), complete);
}

function failure(code: string, mayHaveActed: boolean, message?: string): object {
  return { code, mayHaveActed, ...(message === undefined ? {} : { message: expect.stringContaining(message) }) };
}

beforeEach(async () => {
  // No jitter: what is tried again is tried at once.
  jest.spyOn(Math, 'random').mockReturnValue(0);
  jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
  platform.asked.length = 0;
  platform.answers = [saying(ISSUED)];
  await platform.listen();
  const nobody = new Platform();
  await nobody.listen();
  closedPort = nobody.port;
  await nobody.close();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await platform.close();
});

describe('an order', () => {
  it('comes back as the account to pay into', async () => {
    expect(await client().openOrder(ORDER)).toStrictEqual({
      number: '46710722851832',
      bankCode: '013',
      bankName: '國泰世華商業銀行',
      branchCode: '2022',
      branchName: '大昌分行',
      holder: '旺沛大數位股份有限公司',
      expiresAt: new Date('2022-07-24T15:59:59Z'),
    });
  });

  it.each([200, 201, 202])('comes back as the account with HTTP status %d', async (status) => {
    platform.answers = [saying(ISSUED, status)];
    await expect(client().openOrder(ORDER)).resolves.toMatchObject({ number: '46710722851832' });
  });

  it('comes back as the account though its digits are grouped and its deadline can’t be read', async () => {
    const data = { code_url: '4671 0722 8518 32', expiredate: 'soon' };
    platform.answers = [saying(`\uFEFF${JSON.stringify({ status: 900, data })}`)];
    expect(await client().openOrder({ ...ORDER, validDays: 3 })).toMatchObject({
      number: '46710722851832',
      expiresAt: new Date('2022-07-24T15:59:59Z'),
      expiresAtEstimated: true,
    });
  });

  it('goes out as a signed form in UTF-8, without what was left out', async () => {
    const description = 'T恤 & 帽子=2 100% +1';
    await client().openOrder({
      ...ORDER,
      validDays: 3,
      description,
      notificationUrl: 'https://shop.example/n?a=1&b=2',
    });
    const [asked] = platform.asked;
    expect(asked?.path).toBe('/wxzfservice/virtualatmpay');
    expect(asked?.headers['content-type']).toBe('application/x-www-form-urlencoded; charset=utf-8');
    expect(asked?.fields).toStrictEqual({
      orgno: '21008024',
      out_trade_no: 'A1',
      total_fee: '128000',
      virtualatmvalidity: '3',
      body: description,
      backurl: 'https://shop.example/n?a=1&b=2',
      secondtimestamp: String(START_SECONDS),
      nonce_str: expect.stringMatching(/^[0-9A-Z]{8}$/),
      sign: expect.stringMatching(/^[0-9A-F]{32}$/),
    });
    expect(verify(asked?.fields ?? {}, KEY)).toBe(true);
    expect(JSON.stringify(asked)).not.toContain(KEY);
  });

  it('is sent again while no connection comes about, each time signed anew', async () => {
    const agent = new RefusedAgent(2, closedPort);
    await expect(client({ httpAgent: agent }).openOrder(ORDER)).resolves.toMatchObject({ bankCode: '013' });
    expect(agent.connections).toBe(3);
    expect(platform.asked).toHaveLength(1);
    // The clock was looked at once for each try.
    expect(platform.asked[0]?.fields.secondtimestamp).toBe(String(START_SECONDS + 2));
  });

  it('goes over a connection of its own, which is closed after it, as 2.1 says', async () => {
    const each = client();
    await each.openOrder(ORDER);
    await each.openOrder(ORDER);
    expect(platform.asked.map(({ headers }) => headers.connection)).toEqual(['close', 'close']);
  });

  it('is given up when no connection comes about three times, and nothing can have happened', async () => {
    const agent = new RefusedAgent(Number.POSITIVE_INFINITY, closedPort);
    await expect(client({ httpAgent: agent }).openOrder(ORDER)).rejects.toMatchObject(
      failure('platform_unreachable', false, 'ECONNREFUSED'),
    );
    expect(agent.connections).toBe(3);
  });

  it('is not sent to a host that has no address', async () => {
    await expect(client({ baseUrl: 'http://platform.invalid' }).openOrder(ORDER)).rejects.toMatchObject({
      ...failure('platform_unreachable', false),
      stage: 'dns',
    });
  });

  it.each<[string, Answer, object]>([
    ['500', saying('oops', 500), failure('result_unknown', true, 'HTTP 500')],
    ['503, though it looks like a reply', saying(ISSUED, 503), failure('result_unknown', true, 'HTTP 503')],
    ['nothing, and hangs up', hangingUp, failure('result_unknown', true)],
    ['404', saying('not here', 404), failure('malformed_reply', true, '404')],
    ['a page', saying('<html>'), failure('malformed_reply', true, 'not JSON')],
    ['nothing at all', saying(''), failure('malformed_reply', true)],
    ['a reply without an account', saying('{"status":"900","data":{}}'), failure('malformed_reply', true, 'code_url')],
    [
      'another order’s account',
      saying(ISSUED.replace('"A1"', '"B2"')),
      failure('malformed_reply', true, 'another order'),
    ],
    [
      '910',
      saying('{"status":"910","info":"金額"}'),
      { ...failure('platform_refused', false), platformCode: '910', info: '金額' },
    ],
    ['999', saying('{"status":999}'), { ...failure('platform_refused', true), platformCode: '999' }],
    ['6307', saying('{"status":"6307"}'), { ...failure('platform_refused', true), platformCode: '6307' }],
    ['a code of its own', saying('{"status":"777"}'), { ...failure('platform_refused', true), platformCode: '777' }],
  ])('is asked for once when the platform answers %s', async (_, answer, expected) => {
    platform.answers = [answer];
    await expect(client().openOrder(ORDER)).rejects.toMatchObject(expected);
    expect(platform.asked).toHaveLength(1);
  });

  it('is not redirected: the new address would get a signed order', async () => {
    const elsewhere = (response: ServerResponse): void => {
      response.writeHead(307, { location: `${platform.url}/elsewhere` }).end();
    };
    platform.answers = [elsewhere, saying(ISSUED)];
    await expect(client().openOrder(ORDER)).rejects.toMatchObject(failure('malformed_reply', true, '307'));
    expect(platform.asked).toHaveLength(1);
  });

  it('is lost, not malformed, when the reply breaks off', async () => {
    platform.answers = [
      (response) => {
        response.writeHead(200, { 'content-length': ISSUED.length });
        response.write(ISSUED.slice(0, 40), () => response.destroy());
      },
    ];
    await expect(client().openOrder(ORDER)).rejects.toMatchObject(failure('result_unknown', true));
    expect(platform.asked).toHaveLength(1);
  });

  it('of a merchant that nobody knows is not sent', async () => {
    await expect(client().openOrder({ ...ORDER, merchantNo: '1265' })).rejects.toMatchObject({
      code: 'unknown_merchant',
    });
    expect(platform.asked).toHaveLength(0);
  });
});

describe('the time limit', () => {
  it('ends an order without an answer; it may exist, and is not sent again', async () => {
    platform.answers = [sayingNothing];
    await expect(client({ timeoutMs: 60 }).openOrder(ORDER)).rejects.toMatchObject(
      failure('result_unknown', true, 'timed out after 0.06 s'),
    );
    expect(platform.asked).toHaveLength(1);
  });

  it('bounds the whole exchange, not only the silence between two bytes', async () => {
    platform.answers = [
      (response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write(' '), 10);
        response.on('close', () => {
          clearInterval(drip);
        });
      },
    ];
    await expect(client({ timeoutMs: 80 }).openOrder(ORDER)).rejects.toMatchObject(failure('result_unknown', true));
  });

  it('bounds the time that a connection takes to come about, and nothing was sent then', async () => {
    const agent = new SilentAgent();
    const opening = client({ timeoutMs: 60, httpAgent: agent }).openOrder(ORDER);
    await expect(opening).rejects.toMatchObject({
      ...failure('platform_unreachable', false, '(timed out after 0.06 s)'),
      stage: 'connect',
      cause: expect.objectContaining({ code: 'ETIMEDOUT' }),
    });
    expect(agent.connections).toBe(1);
    expect(platform.asked).toHaveLength(0);
  });

  it('is nothing that is waited for once the answer is there', async () => {
    const set = jest.spyOn(globalThis, 'setTimeout');
    const cleared = jest.spyOn(globalThis, 'clearTimeout');
    await client({ timeoutMs: 60_000 }).openOrder(ORDER);
    const limits = set.mock.results.filter((_, i) => set.mock.calls[i]?.[1] === 60_000);
    expect(limits).toHaveLength(1);
    expect(cleared.mock.calls.flat()).toContain(limits[0]?.value);
  });

  it('holds for each try of a query by itself', async () => {
    platform.answers = [sayingNothing, saying(PAID)];
    await expect(client({ timeoutMs: 60 }).queryOrder('21008024', 'A1')).resolves.toMatchObject({ status: 'paid' });
    expect(platform.asked).toHaveLength(2);
  });
});

describe('a query', () => {
  it('brings back what the platform says of the order', async () => {
    platform.answers = [saying(PAID)];
    expect(await client().queryOrder('21008024', 'A1')).toStrictEqual({
      status: 'paid',
      code: '0000',
      reportedAmount: '1280',
    });
    expect(platform.asked[0]?.path).toBe('/wxzfservice/orderquery');
    expect(Object.keys(platform.asked[0]?.fields ?? {}).sort()).toStrictEqual(
      ['nonce_str', 'orgno', 'out_trade_no', 'secondtimestamp', 'sign'].sort(),
    );
  });

  it('brings back nothing for an order that the platform does not have', async () => {
    platform.answers = [saying('{"status":"5223","info":"此商戶訂單號不存在"}')];
    expect(await client().queryOrder('21008024', 'A1')).toBeUndefined();
  });

  it.each<[string, Answer]>([
    ['the platform fails', saying('oops', 502)],
    ['the connection breaks', hangingUp],
  ])('is asked again when %s, each time with a timestamp, nonce and signature of its own', async (_, answer) => {
    platform.answers = [answer, answer, saying(PAID)];
    await expect(client().queryOrder('21008024', 'A1')).resolves.toMatchObject({ status: 'paid' });
    const fields = platform.asked.map((asked) => asked.fields);
    expect(fields.map(({ secondtimestamp }) => Number(secondtimestamp) - START_SECONDS)).toStrictEqual([0, 1, 2]);
    expect(new Set(fields.map(({ nonce_str }) => nonce_str)).size).toBe(3);
    expect(fields.every((each) => verify(each, KEY))).toBe(true);
  });

  it('is asked again when the reply breaks off', async () => {
    const breakingOff: Answer = (response) => {
      response.writeHead(200, { 'content-length': PAID.length });
      response.write(PAID.slice(0, 40), () => response.destroy());
    };
    platform.answers = [breakingOff, saying(PAID)];
    await expect(client().queryOrder('21008024', 'A1')).resolves.toMatchObject({ status: 'paid' });
  });

  it('is given up after three tries', async () => {
    platform.answers = [saying('oops', 502)];
    await expect(client().queryOrder('21008024', 'A1')).rejects.toMatchObject(
      failure('result_unknown', true, 'HTTP 502'),
    );
    expect(platform.asked).toHaveLength(3);
  });

  it.each<[string, Answer, object]>([
    ['a refusal', saying('{"status":"913","info":""}'), failure('platform_refused', false)],
    ['what can’t be read', saying('<html>'), failure('malformed_reply', true)],
    ['a wrong signature', saying(PAID.replace('{', '{"sign":"X",')), failure('bad_reply_signature', true)],
    ['“paid” without an amount', saying('{"status":"0000"}'), failure('malformed_reply', true, 'without an amount')],
  ])('is not asked again after %s', async (_, answer, expected) => {
    platform.answers = [answer];
    await expect(client().queryOrder('21008024', 'A1')).rejects.toMatchObject(expected);
    expect(platform.asked).toHaveLength(1);
  });
});

describe('a clock that is off', () => {
  const told = (status: string, offsetSeconds: number): Answer => {
    return (response) => {
      // The clock is looked at once for the timestamp, and once more for the offset.
      response.setHeader('date', new Date((START_SECONDS + 1 - offsetSeconds) * 1000).toUTCString());
      response.end(JSON.stringify({ status, info: '' }));
    };
  };
  let warned: string[] = [];
  beforeEach(() => {
    warned = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((message: unknown) => warned.push(String(message)));
  });

  it.each([
    ['910', 840, '14 minutes ahead of'],
    ['913', -840, '14 minutes behind'],
    ['910', 86_400, '24 hours ahead of'],
    ['913', -61, '61 seconds behind'],
  ])('is told of a refusal with %s by %d s', async (status, offset, words) => {
    platform.answers = [told(status, offset)];
    await expect(client().openOrder(ORDER)).rejects.toMatchObject({
      ...failure('platform_refused', false, `This machine's clock is ${words} the platform's`),
      clockOffsetSeconds: offset,
    });
    platform.answers = [told(status, offset)];
    await expect(client().queryOrder('21008024', 'A1')).rejects.toMatchObject({ clockOffsetSeconds: offset });
    expect(warned).toHaveLength(2);
  });

  it.each([
    ['910', 60],
    ['910', 0],
    ['911', 840],
    ['999', 840],
  ])('is not told of a refusal with %s by %d s', async (status, offset) => {
    platform.answers = [told(status, offset)];
    const error: unknown = await client()
      .openOrder(ORDER)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ platformCode: status });
    expect(error).toHaveProperty('clockOffsetSeconds', undefined);
    expect(error).toHaveProperty('message', expect.not.stringContaining('clock'));
    expect(warned).toEqual([]);
  });

  it('is logged once, and again only after an order that went through', async () => {
    const each = client();
    const refused = told('910', 840);
    platform.answers = [refused, refused, saying(ISSUED), refused];
    await expect(each.openOrder(ORDER)).rejects.toThrow('clock');
    await expect(each.openOrder(ORDER)).rejects.toThrow('clock');
    expect(warned).toEqual([expect.stringContaining('set by NTP')]);
    await each.openOrder(ORDER);
    await expect(each.openOrder(ORDER)).rejects.toThrow('clock');
    expect(warned).toHaveLength(2);
  });
});

describe('a pause between two tries', () => {
  it('is a random part of a ceiling that doubles', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.1);
    platform.answers = [hangingUp, hangingUp, saying(PAID)];
    const began = performance.now();
    await client().queryOrder('21008024', 'A1');
    // 0.1 × 400 ms and 0.1 × 800 ms, and timers may be early by a little.
    expect(performance.now() - began).toBeGreaterThanOrEqual(115);
  });
});

describe('a reply', () => {
  it.each([KEY, OLD_KEY])('is believed when it is signed with a key of the merchant’s', async (key) => {
    const head = { status: '900', info: 'ok' };
    platform.answers = [saying(JSON.stringify({ ...head, data: DATA, sign: sign({ ...head, ...DATA }, key) }))];
    await expect(client().openOrder(ORDER)).resolves.toMatchObject({ number: DATA.code_url });
  });

  it('is not believed when its signature is wrong', async () => {
    const head = { status: '900', info: 'ok' };
    const signature = sign({ ...head, ...DATA, code_url: '46710722859999' }, KEY);
    platform.answers = [saying(JSON.stringify({ ...head, data: DATA, sign: signature }))];
    await expect(client().openOrder(ORDER)).rejects.toMatchObject(failure('bad_reply_signature', true));
  });

  it('may have 64 KiB and no more', async () => {
    const padded = (size: number): Answer => saying(ISSUED + ' '.repeat(size - Buffer.byteLength(ISSUED)));
    platform.answers = [padded(64 * 1024), padded(64 * 1024 + 1)];
    await expect(client().openOrder(ORDER)).resolves.toMatchObject({ number: DATA.code_url });
    await expect(client().openOrder(ORDER)).rejects.toMatchObject(
      failure('malformed_reply', true, 'longer than 65536'),
    );
  });
});

describe('a proxy', () => {
  it('is sent the platform’s whole address, and its own credentials', async () => {
    const proxy = `http://us%40er:pass%3Aword@127.0.0.1:${platform.port}`;
    await client({ baseUrl: 'http://platform.invalid/wxzfservice', proxy }).openOrder(ORDER);
    const [asked] = platform.asked;
    expect(asked?.path).toBe('http://platform.invalid/wxzfservice/virtualatmpay');
    expect(asked?.headers.host).toBe('platform.invalid');
    expect(asked?.headers['proxy-authorization']).toBe(`Basic ${Buffer.from('us@er:pass:word').toString('base64')}`);
  });

  it('may have an IPv6 address', async () => {
    const server = createServer((_request, response) => response.end(ISSUED));
    await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const opening = client({ baseUrl: 'http://platform.invalid', proxy: `http://[::1]:${port}` }).openOrder(ORDER);
    await expect(opening).resolves.toMatchObject({ number: DATA.code_url });
    await new Promise((resolve) => server.close(resolve));
  });

  it('that is down is named by no more than the failure', async () => {
    const proxy = `http://user:password@127.0.0.1:${closedPort}`;
    const opening = client({ baseUrl: 'http://platform.invalid/wxzfservice', proxy }).openOrder(ORDER);
    await expect(opening).rejects.toMatchObject({
      ...failure('platform_unreachable', false, 'ECONNREFUSED'),
      message: expect.not.stringContaining('password'),
    });
  });
});

describe('a way that ends before the platform', () => {
  const servers: (Server | NetServer)[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  });

  async function listening(server: Server | NetServer, host = '127.0.0.1'): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The server does not listen.');
    return address.port;
  }

  /** A proxy that answers each CONNECT with a status. */
  function refusingProxy(status: number): Server {
    const server = createServer();
    server.on('connect', (_request, socket: Duplex) => {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\nno`);
    });
    return server;
  }

  const SECURE = 'https://platform.invalid/wxzfservice';

  it.each([
    [403, 'have it allow', 1],
    [407, 'http://user:password@host:port', 1],
    [503, "can't reach the platform", 3],
  ])('at a proxy that answers CONNECT with %d sends nothing and names the proxy', async (status, advice, tries) => {
    const server = refusingProxy(status);
    let asked = 0;
    server.on('connect', () => (asked += 1));
    const port = await listening(server);
    const opening = client({ baseUrl: SECURE, proxy: `http://user:secret@127.0.0.1:${port}` }).openOrder(ORDER);
    await expect(opening).rejects.toMatchObject({
      ...failure('platform_unreachable', false, advice),
      stage: 'proxy',
      proxy: `127.0.0.1:${port}`,
      proxyStatus: status,
    });
    await expect(opening).rejects.toMatchObject({ message: expect.not.stringContaining('secret') });
    expect(asked).toBe(tries);
  });

  it.each([201, 204, 206])(
    'at a proxy that answers CONNECT with %d and a reply believes nothing of it',
    async (status) => {
      const server = createServer();
      const body = status === 204 ? '' : PAID;
      server.on('connect', (_request, socket: Duplex) => {
        socket.end(`HTTP/1.1 ${status} Yes\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      });
      const proxy = `http://127.0.0.1:${await listening(server)}`;
      const asking = client({ baseUrl: SECURE, proxy }).queryOrder('21008024', 'A1', { attempts: 1 });
      await expect(asking).rejects.toMatchObject({ code: 'platform_unreachable', stage: 'proxy', proxyStatus: status });
    },
  );

  it('at a proxy that wants a password for a plain request sends nothing', async () => {
    platform.answers = [saying('no', 407)];
    const proxy = `http://127.0.0.1:${platform.port}`;
    const opening = client({ baseUrl: 'http://platform.invalid', proxy }).openOrder(ORDER);
    await expect(opening).rejects.toMatchObject({
      ...failure('platform_unreachable', false, 'asks for a user'),
      stage: 'proxy',
    });
    expect(platform.asked).toHaveLength(1);
  });

  it('at a proxy that hangs up, or is not there, sends nothing', async () => {
    const port = await listening(createNetServer((socket) => socket.destroy()));
    for (const proxyPort of [port, closedPort]) {
      const opening = client({ baseUrl: SECURE, proxy: `http://127.0.0.1:${proxyPort}` }).openOrder(ORDER);
      await expect(opening).rejects.toMatchObject({
        ...failure('platform_unreachable', false),
        stage: 'proxy',
        proxy: `127.0.0.1:${proxyPort}`,
      });
    }
  });

  it.each<[string, (socket: Socket) => void]>([
    ['speaks no TLS', (socket) => socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))],
    ['hangs up in the handshake', (socket) => socket.on('data', () => socket.destroy())],
  ])('at a platform that %s sends nothing', async (_, serve) => {
    const port = await listening(createNetServer(serve));
    await expect(client({ baseUrl: `https://127.0.0.1:${port}` }).openOrder(ORDER)).rejects.toMatchObject({
      ...failure('platform_unreachable', false),
      stage: 'tls',
    });
  });

  it('that is reset while TLS is agreed on through a proxy sends nothing, and names both', async () => {
    const server = createServer();
    server.on('connect', (_request, socket: Duplex) => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.once('data', () => socket.destroy());
    });
    const port = await listening(server);
    const opening = client({ baseUrl: SECURE, proxy: `http://127.0.0.1:${port}` }).openOrder(ORDER);
    await expect(opening).rejects.toMatchObject({
      ...failure('platform_unreachable', false, `through the proxy 127.0.0.1:${port}`),
      stage: 'tls',
    });
  });

  it('is told from one that broke after the request left, whatever the code', async () => {
    platform.answers = [(response) => response.socket?.resetAndDestroy()];
    await expect(client().openOrder(ORDER)).rejects.toMatchObject(failure('result_unknown', true, 'ECONNRESET'));
  });

  it('is told by its code where the host has a client of its own', async () => {
    const http = new HttpService(
      axios.create({ adapter: () => Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' })) }),
    );
    const merchants = new SingleMerchant({ merchantNo: '21008024', keys: [KEY] });
    const settings = { baseUrl: platform.url, timeoutMs: 5000 };
    const own = new PlatformClient(http, merchants, new TickingClock(), settings);
    await expect(own.openOrder(ORDER)).rejects.toMatchObject(failure('platform_unreachable', false, 'ECONNREFUSED'));
  });
});

describe('a proxy of the environment', () => {
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  it('is used, with its password as it was meant, and named', async () => {
    process.env.http_proxy = `http://user:50%off%40@127.0.0.1:${platform.port}`;
    await client({ baseUrl: 'http://platform.invalid/wxzfservice' }).openOrder(ORDER);
    expect(platform.asked[0]?.headers['proxy-authorization']).toBe(
      `Basic ${Buffer.from('user:50%off@').toString('base64')}`,
    );
    process.env.http_proxy = `http://127.0.0.1:${closedPort}`;
    await expect(client({ baseUrl: 'http://platform.invalid' }).openOrder(ORDER)).rejects.toMatchObject({
      stage: 'proxy',
      proxy: `127.0.0.1:${closedPort}`,
    });
  });

  it('is not used for an address that NO_PROXY names', async () => {
    process.env.http_proxy = `http://127.0.0.1:${closedPort}`;
    process.env.no_proxy = '127.0.0.1';
    await expect(client().openOrder(ORDER)).resolves.toMatchObject({ number: DATA.code_url });
  });

  it('that is no address is named by its variable', async () => {
    process.env.http_proxy = 'socks5://127.0.0.1:1080';
    await expect(client().openOrder(ORDER)).rejects.toMatchObject({
      ...failure('platform_unreachable', false, 'HTTP_PROXY is not an address'),
      stage: 'proxy',
    });
  });
});
