import { type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type INestApplication } from '@nestjs/common';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { WanPayModule, WanPayService } from 'nestjs-wanpay';
import { type Fields, sign } from 'nestjs-wanpay/protocol';
import { type WanPayEmulator } from 'wanpay-emulator';
import { afterTest } from './after-test.js';
import { type Adapter, ADAPTERS, type Host, type HostPlan, optionsFor, startHost } from './host.js';
import { send, type Sent } from './http.js';
import { FORM, form, JSON_TYPE, notification, postForm } from './notification.js';
import { startPlatform } from './platform.js';
import { quiet, until } from './until.js';

type Plan = Omit<HostPlan, 'imports'>;
type Request = IncomingMessage & { body?: unknown; rawBody?: unknown };

/** A parser as hosts write it: collects the body, whatever it is, and leaves something of it. */
function collecting(leave: (request: Request, bytes: Buffer) => void) {
  return (request: Request, _response: unknown, next: () => void): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      leave(request, Buffer.concat(chunks));
      next();
    });
  };
}

const leaveNothing = (request: Request, _response: unknown, next: () => void): void => {
  request.body = {};
  next();
};
const leaveBytes = collecting((request, bytes) => (request.body = bytes));
const leaveText = collecting((request, bytes) => (request.body = bytes.toString()));
const leaveRawBody = collecting((request, bytes) => Object.assign(request, { body: {}, rawBody: bytes }));

/** An Express instance of the host's own, with something in front of Nest. */
function behind(arrange: (adapter: ExpressAdapter) => void): Plan {
  return {
    createAdapter: () => {
      const adapter = new ExpressAdapter();
      arrange(adapter);
      return adapter;
    },
  };
}

function using(middleware: unknown): Plan {
  return { prepare: (app) => app.use(middleware) };
}

/** What adds a parser to Fastify. */
interface AnyParser {
  addContentTypeParser(
    type: string,
    options: object,
    parse: (request: unknown, body: Buffer, done: (error: null, body: Buffer) => void) => void,
  ): unknown;
}

function takesParsers(instance: unknown): instance is AnyParser {
  return typeof instance === 'object' && instance !== null && 'addContentTypeParser' in instance;
}

const PLANS: Readonly<Record<Adapter, Readonly<Record<string, Plan>>>> = {
  Express: {
    'has Nest’s parsers': {},
    'has no parsers': { application: { bodyParser: false } },
    'keeps raw bodies': { application: { rawBody: true } },
    'leaves bytes of whatever comes': {
      prepare: (app: INestApplication) =>
        (app as NestExpressApplication).useBodyParser('raw', { type: '*/*' }).useBodyParser('text', { type: '*/*' }),
    },
    'collects every body in a middleware': using(leaveRawBody),
    'has a parser for bytes in front': behind((adapter) => adapter.useBodyParser('raw', false, { type: () => true })),
    'has a parser for text in front': behind((adapter) => adapter.useBodyParser('text', false, { type: () => true })),
    'has a parser in front that leaves an empty object': behind((adapter) => void adapter.use(leaveNothing)),
    'has a parser in front that leaves bytes': behind((adapter) => void adapter.use(leaveBytes)),
    'has a parser in front that leaves text': behind((adapter) => void adapter.use(leaveText)),
    'has a parser in front that leaves the raw body': behind((adapter) => void adapter.use(leaveRawBody)),
  },
  Fastify: {
    'has Nest’s parsers': {},
    'has no parsers': { application: { bodyParser: false } },
    'keeps raw bodies': { application: { rawBody: true } },
    'has a parser for whatever comes': {
      prepare: (app) => {
        const fastify: unknown = app.getHttpAdapter().getInstance();
        if (!takesParsers(fastify)) return;
        fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
          done(null, body);
        });
      },
    },
    'takes only small bodies': { createAdapter: () => new FastifyAdapter({ bodyLimit: 10 }) },
    'has a middleware in front that leaves an empty object': using(leaveNothing),
    'has a middleware in front that leaves bytes': using(leaveBytes),
    'has a middleware in front that leaves text': using(leaveText),
    'has a middleware in front that leaves the raw body': using(leaveRawBody),
  },
};

/** A multipart form as a Java client writes it. */
function multipart(fields: Fields): string {
  const parts = Object.entries(fields).map(
    ([name, value]) =>
      `--x\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: text/plain; charset=UTF-8\r\n` +
      `Content-Transfer-Encoding: 8bit\r\n\r\n${value}\r\n`,
  );
  return `${parts.join('')}--x--\r\n`;
}

/** A JSON object whose numbers stand there as they were signed. */
function jsonAsWritten(fields: Fields): string {
  const numbers = new Set(['total_fee', 'acctno']);
  const members = Object.entries(fields).map(
    ([name, value]) => `${JSON.stringify(name)}: ${numbers.has(name) ? value : JSON.stringify(value)}`,
  );
  return `{${members.join(', ')}}`;
}

const BODIES: Readonly<Record<string, (fields: Fields) => Sent>> = {
  'a form': (fields) => ({ headers: { 'content-type': FORM }, body: form(fields) }),
  'a form in utf8': (fields) => ({
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf8' },
    body: form(fields),
  }),
  'a form without a type': (fields) => ({ body: form(fields) }),
  'a form in chunks': (fields) => {
    const body = form(fields);
    return { headers: { 'content-type': FORM }, body: [body.slice(0, 40), body.slice(40, 41), body.slice(41)] };
  },
  'JSON with numbers as written': (fields) => ({
    headers: { 'content-type': JSON_TYPE },
    body: jsonAsWritten(fields),
  }),
  'a multipart form': (fields) => ({
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: multipart(fields),
  }),
};

describe.each(ADAPTERS)('a host on %s', (adapter) => {
  let emulator: WanPayEmulator;
  beforeEach(async () => {
    emulator = await startPlatform();
  });

  /** "Paid", with what JSON's numbers would lose: a zero after the point, and the last of sixteen digits. */
  function paid(orderNo: string): Fields {
    return notification(emulator, {
      out_trade_no: orderNo,
      total_fee: '1280.00',
      acctno: '9007199254740993',
      bankno: '822',
      result: '支付成功 & 完成',
      trxtoken: '',
    });
  }

  it.each(Object.entries(PLANS[adapter]))('that %s reads every form of a notification', async (_, plan) => {
    const host = await startHost(adapter, emulator, { payerAccount: 'full' }, plan);
    for (const [i, [what, make]] of Object.entries(BODIES).entries()) {
      const orderNo = `A${i}`;
      await host.wanpay.createPayment({ orderNo, amount: 1280 });
      const reply = await send(host.notificationUrl, make(paid(orderNo)));
      expect({ what, ...reply }).toMatchObject({ what, status: 200, body: 'success' });
      expect(await host.wanpay.getPayment(orderNo)).toMatchObject({
        state: 'paid',
        payer: { account: '9007199254740993' },
      });
    }
  });

  it('shows its own middleware and guards the fields, and its other routes their bodies', async () => {
    const seen: unknown[] = [];
    const host = await startHost(
      adapter,
      emulator,
      { notificationDecorators: [] },
      {
        application: { rawBody: true },
        prepare: (app) =>
          app.useGlobalGuards({
            canActivate: (context) => {
              const { body, rawBody, headers } = context.switchToHttp().getRequest<Request>();
              seen.push({ body, rawBody: String(rawBody), type: headers['content-type'] });
              return true;
            },
          }),
      },
    );
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 1280 });
    const fields = paid('A1');
    await postForm(host.notificationUrl, fields);
    expect(seen).toEqual([{ body: fields, rawBody: form(fields), type: FORM }]);
  });

  it('answers many on one connection, one after the other', async () => {
    const host = await startHost(adapter, emulator);
    const body = 'a=b';
    const request = `POST /wanpay/notifications HTTP/1.1\r\nHost: x\r\nContent-Type: ${FORM}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const large = `POST /wanpay/notifications HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${`4000\r\n${'x'.repeat(0x4000)}\r\n`.repeat(8)}0\r\n\r\n`;
    const socket = connect(Number(new URL(host.url).port), '127.0.0.1');
    afterTest(() => Promise.resolve(socket.destroy()));
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString()));
    for (const [i, each] of [request, large, request, request, large, request].entries()) {
      socket.write(each);
      await until(() => received.split('HTTP/1.1 4').length === i + 2, `the reply to request ${i} arrives`);
    }
    expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(
      ['400', '413', '400', '400', '413', '400'].map((code) => `HTTP/1.1 ${code}`),
    );
  });

  it.each(['Content-Length: 5000', 'Transfer-Encoding: chunked'])(
    'writes one quiet line for bodies that break off, %s, and asks about what they named',
    async (header) => {
      const host: Host = await startHost(adapter, emulator);
      await host.wanpay.createPayment({ orderNo: 'A1', amount: 1280 });
      emulator.faults.dropNotifications();
      await emulator.pay('A1');
      for (let i = 0; i < 3; i += 1) {
        const socket = connect(Number(new URL(host.url).port), '127.0.0.1');
        const part = form(paid('A1')).slice(0, 120);
        const chunk = header.startsWith('Transfer') ? `${part.length.toString(16)}\r\n${part}\r\n` : part;
        socket.write(
          `POST /wanpay/notifications HTTP/1.1\r\nHost: x\r\nContent-Type: ${FORM}\r\n${header}\r\n\r\n${chunk}`,
        );
        await new Promise((resolve) => setImmediate(resolve));
        await quiet();
        socket.destroy();
      }
      await until(() => host.log.text.includes('broke off'), 'the line is written');
      await until(() => host.handler.of('atm.paid').length === 1, 'the platform was asked');
      await quiet();
      expect(host.log.lines.filter((line) => line.includes('broke off'))).toEqual([
        'warn A notification from 127.0.0.1 broke off before its end. WanPayNotifications',
      ]);
      expect(host.log.text).not.toMatch(/^error|^\s+at /m);
    },
  );

  it('reads notifications also where a testing module makes it', async () => {
    const module = await Test.createTestingModule({
      imports: [WanPayModule.forRoot(optionsFor(emulator, 'http://shop.example'))],
    }).compile();
    const app =
      adapter === 'Fastify'
        ? module.createNestApplication(new FastifyAdapter(), { logger: false })
        : module.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    afterTest(() => app.close());
    await app.get(WanPayService).createPayment({ orderNo: 'A1', amount: 1280 });
    const url = `${await app.getUrl()}/wanpay/notifications`;
    expect(await send(url, BODIES['a multipart form']?.(paid('A1')))).toMatchObject({ body: 'success' });
  });

  it('finds a number in JSON signed as it is written, and otherwise not', async () => {
    const host = await startHost(adapter, emulator);
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 1280 });
    const { sign: _sign, ...fields } = paid('A1');
    const otherwise = { ...fields, sign: sign({ ...fields, total_fee: '1280' }, emulator.merchant.key) };
    const reply = await send(host.notificationUrl, {
      headers: { 'content-type': JSON_TYPE },
      body: jsonAsWritten(otherwise),
    });
    expect(reply).toMatchObject({ status: 401 });
  });
});
