import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CallHandler,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  ForbiddenException,
  HttpException,
  type INestApplication,
  Injectable,
  type NestInterceptor,
  type ArgumentsHost,
  UnauthorizedException,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, HttpAdapterHost } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { type Fields, toTimestamp } from 'nestjs-wanpay/protocol';
import { sqlite } from 'nestjs-wanpay/sqlite';
import { catchError, type Observable, of } from 'rxjs';
import { type WanPayEmulator } from 'wanpay-emulator';
import { afterTest } from './after-test.js';
import { HeldStore } from './held-store.js';
import { ADAPTERS, type Host, type HostPlan, startHost } from './host.js';
import { send, type SeenReply } from './http.js';
import { FORM, form, JSON_TYPE, notification, postForm } from './notification.js';
import { startPlatform } from './platform.js';
import { quiet, until } from './until.js';

const DAY_SECONDS = 86_400;

@Injectable()
class Unauthorized implements CanActivate {
  canActivate(): boolean {
    throw new UnauthorizedException();
  }
}

/** As a throttler refuses. */
@Injectable()
class TooMany implements CanActivate {
  canActivate(): boolean {
    throw new HttpException('ThrottlerException: Too Many Requests', 429);
  }
}

@Injectable()
class Teapot implements NestInterceptor {
  intercept(): never {
    throw new HttpException('I am a teapot', 418);
  }
}

@Injectable()
class NoErrors implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(catchError(() => of('success')));
  }
}

@Catch()
@Injectable()
class AllIsWell implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(_error: unknown, host: ArgumentsHost): void {
    this.host.httpAdapter.reply(host.switchToHttp().getResponse(), { ok: false }, 200);
  }
}

/** As a CSRF protection refuses, before Nest routes anything. */
function refusing(app: INestApplication): void {
  app.use((_request: unknown, _response: unknown, next: (error: Error) => void) => {
    next(new ForbiddenException('CSRF'));
  });
}

describe.each(ADAPTERS)('a notification that is not acknowledged, on %s', (adapter) => {
  let emulator: WanPayEmulator;
  beforeEach(async () => {
    emulator = await startPlatform();
  });

  function start(plan: Omit<HostPlan, 'imports'> = {}, options: Parameters<typeof startHost>[2] = {}): Promise<Host> {
    return startHost(adapter, emulator, options, plan);
  }

  function paid(fields: Fields = {}): Fields {
    return notification(emulator, { out_trade_no: 'A1', total_fee: '128000', result: 'ok', ...fields });
  }

  function ago(seconds: number): Fields {
    return paid({ secondtimestamp: toTimestamp(new Date(emulator.clock.now().getTime() - seconds * 1000)) });
  }

  /** A payment whose money is there, and of which the host was not told. */
  async function pay(host: Host, orderNo = 'A1'): Promise<void> {
    await host.wanpay.createPayment({ orderNo, amount: 1280 });
    emulator.faults.dropNotifications();
    await emulator.pay(orderNo);
  }

  function isAsked(host: Host): Promise<void> {
    return until(() => host.handler.of('atm.paid').length === 1, 'the platform was asked');
  }

  /** How often the platform was asked about payments. */
  function queries(): number {
    return emulator.requests().filter(({ interface: asked }) => asked === 'query').length;
  }

  function post(host: Host, type: string, body: string | Buffer): Promise<SeenReply> {
    return send(host.notificationUrl, { headers: { 'content-type': type }, body });
  }

  it.each<[string, () => Fields]>([
    [
      'has another field folded into it',
      () => {
        const { total_fee, result, ...rest } = paid();
        return { ...rest, result: `${result ?? ''}&total_fee=${total_fee ?? ''}` };
      },
    ],
    ['has a timestamp in words', () => paid({ secondtimestamp: 'now' })],
    ['has no status', () => paid({ status: '' })],
    ['is stale', () => ago(3600)],
    ['is a week old', () => ago(7 * DAY_SECONDS)],
    ['comes an hour early', () => ago(-3600)],
  ])('has its payment asked after at once when it is signed, and %s', async (_, make) => {
    const host = await start();
    await pay(host);
    expect(await postForm(host.notificationUrl, make())).toMatchObject({ status: 400 });
    await isAsked(host);
  });

  it.each(['0', '900', '9999'])(
    'has its payment asked after when its status is %s, though it is acknowledged',
    async (status) => {
      const host = await start();
      await pay(host);
      expect(await postForm(host.notificationUrl, paid({ status }))).toMatchObject({ body: 'success' });
      await isAsked(host);
    },
  );

  it.each<[string, (host: Host) => Promise<SeenReply>, number]>([
    ['has a field that is not signed', (host) => postForm(host.notificationUrl, { ...paid(), extension: '1' }), 401],
    ['gives a field twice', (host) => postForm(host.notificationUrl, `${form(paid())}&status=0000`), 400],
    ['is JSON that breaks off', (host) => post(host, JSON_TYPE, JSON.stringify(paid()).slice(0, -1)), 400],
    ['is JSON in a list', (host) => post(host, JSON_TYPE, JSON.stringify([paid()])), 400],
    [
      'is in another charset',
      (host) => post(host, 'application/x-www-form-urlencoded; charset=big5', form(paid())),
      400,
    ],
    [
      'is not UTF-8',
      (host) => post(host, FORM, Buffer.concat([Buffer.from(`${form(paid())}&x=`), Buffer.from([0xff])])),
      400,
    ],
    ['is XML by its type', (host) => post(host, 'application/xml', form(paid())), 400],
    [
      'is a multipart form that breaks off',
      (host) =>
        post(
          host,
          'multipart/form-data; boundary=x',
          Object.entries(paid())
            .map(([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
            .join(''),
        ),
      400,
    ],
    [
      'is too large',
      (host) =>
        send(host.notificationUrl, {
          headers: { 'content-type': FORM },
          body: [form(paid()), `&x=${'x'.repeat(20_000)}`],
        }),
      413,
    ],
  ])('has its payment asked after when it %s', async (_, refused, status) => {
    const host = await start();
    await pay(host);
    expect(await refused(host)).toMatchObject({ status });
    await isAsked(host);
  });

  it.each<[string, Omit<HostPlan, 'imports'>, number, RegExp]>([
    [
      'a guard',
      { providers: [{ provide: APP_GUARD, useClass: Unauthorized }] },
      401,
      /guards: see notificationDecorators/,
    ],
    ['a throttler', { providers: [{ provide: APP_GUARD, useClass: TooMany }] }, 429, /rate limits/],
    [
      'a guard, beside a filter that makes all well',
      {
        providers: [
          { provide: APP_GUARD, useClass: Unauthorized },
          { provide: APP_FILTER, useClass: AllIsWell },
        ],
      },
      401,
      /guards: see notificationDecorators/,
    ],
  ])('has its payment asked after, and a line, when the host refuses it by %s', async (_, plan, status, advice) => {
    const host = await start(plan);
    await pay(host);
    const reply = await postForm(host.notificationUrl, paid());
    expect(reply).toMatchObject({ status });
    expect(reply.body).not.toBe('success');
    await isAsked(host);
    expect(host.log.text).toContain(
      `warn A notification from 127.0.0.1 was answered with ${status} by the host, not by WanPayModule.`,
    );
    expect(host.log.text).toMatch(advice);
    expect(host.log.text).not.toMatch(/^\s+at /m);
  });

  it('has its payment asked after, and a line, when it was verified and the host refuses it then', async () => {
    const host = await start({ providers: [{ provide: APP_INTERCEPTOR, useClass: Teapot }] });
    await pay(host);
    expect(await postForm(host.notificationUrl, paid())).toMatchObject({ status: 418 });
    await isAsked(host);
    expect(host.log.text).toContain(
      'warn A notification from 127.0.0.1 is genuine, but was answered with 418: it was not recorded.',
    );
  });

  it('has a line when a middleware of the host’s refuses it', async () => {
    const host = await start({ prepare: refusing });
    await pay(host);
    expect(await postForm(host.notificationUrl, paid())).toMatchObject({ status: 403 });
    await until(() => host.log.text.includes('was answered with 403 by the host'), 'the line is written');
    expect(host.log.text).toContain('CSRF protection');
    // Fastify runs middleware before anything else can have read the body.
    if (adapter === 'Express') await isAsked(host);
  });

  it.each<[string, () => Fields, number]>([
    ['is forged', () => ({ ...paid(), sign: '0'.repeat(32) }), 401],
    ['is stale', () => ago(3600), 400],
  ])('gets the module’s own answer when it %s, whatever the host makes of errors', async (_, fields, status) => {
    const host = await start({
      providers: [
        { provide: APP_FILTER, useClass: AllIsWell },
        { provide: APP_INTERCEPTOR, useClass: NoErrors },
      ],
    });
    const reply = await postForm(host.notificationUrl, fields());
    expect(reply).toMatchObject({ status, contentType: expect.stringContaining('application/json') });
    expect(reply.body).toContain(`"statusCode":${status}`);
  });

  it('is asked for again when the ledger fails, with an error of its own and one line a minute', async () => {
    const ledger = new HeldStore();
    const host = await start(
      {
        providers: [
          { provide: APP_FILTER, useClass: AllIsWell },
          { provide: APP_INTERCEPTOR, useClass: NoErrors },
        ],
      },
      { ledger },
    );
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 1280 });
    ledger.commits = Promise.reject(new Error('No room is left.'));
    for (let i = 0; i < 3; i += 1) expect(await postForm(host.notificationUrl, paid())).toMatchObject({ status: 503 });
    const lines = (): string[] => host.log.lines.filter((line) => line.includes('could not be recorded'));
    await until(() => lines().length > 0, 'the line is written');
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toMatch(
      /^error A notification from 127\.0\.0\.1 could not be recorded, and .* repeat it: No room is left/,
    );
    ledger.commits = Promise.resolve();
    expect(await postForm(host.notificationUrl, paid())).toMatchObject({ status: 200, body: 'success' });
  });

  it('is answered 503 while the ledger’s disk is full, and recorded once there is room again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wanpay-full-'));
    afterTest(() => rm(folder, { recursive: true }));
    const ledger = sqlite({ file: join(folder, 'wanpay.db') });
    const host = await start({}, { ledger });
    const limit = (pages: number): Promise<unknown> =>
      ledger.withDatabase((database) => database.prepare(`PRAGMA max_page_count = ${pages}`).all());
    await limit(1);
    let sent = 0;
    const post = (): Promise<SeenReply> => postForm(host.notificationUrl, paid({ out_trade_no: `F${(sent += 1)}` }));
    await until(async () => (await post()).status !== 200, 'the pages that there are have been filled');
    const refused = sent;
    for (let i = 0; i < 3; i += 1) expect(await post()).toMatchObject({ status: 503 });
    const lines = host.log.lines.filter((line) => line.startsWith('error'));
    expect(lines).toEqual([expect.stringContaining('could not be recorded, and the platform will repeat it')]);
    expect(lines[0]).toContain(`there is no room for ${ledger.file}`);
    expect(await host.wanpay.getPaymentTimeline(`F${refused}`)).toEqual([]);
    await limit(1_000_000);
    const again = paid({ out_trade_no: `F${refused}` });
    expect(await postForm(host.notificationUrl, again)).toMatchObject({ status: 200, body: 'success' });
    expect(await host.wanpay.getPaymentTimeline(`F${refused}`)).toHaveLength(2);
  });

  it('has one line of each kind a minute, with the count of the others, whoever refuses it', async () => {
    const host = await start({ providers: [{ provide: APP_GUARD, useClass: TooMany }] });
    const lines = (): string[] => host.log.lines.filter((line) => line.includes('answered with 429'));
    for (let i = 0; i < 5; i += 1) await postForm(host.notificationUrl, paid());
    await until(() => lines().length === 1, 'the first line is written');
    await emulator.clock.advance(59_000);
    await postForm(host.notificationUrl, paid());
    await quiet();
    expect(lines()).toHaveLength(1);
    await emulator.clock.advance(1000);
    await postForm(host.notificationUrl, paid());
    await until(() => lines().length === 2, 'the next line is written');
    expect(lines()[1]).toContain('5 more like it came since the last such line.');
  });

  it.each([
    [
      3600,
      /refused: Its timestamp is 60 minutes behind this host's clock, and 11 minutes are allowed\. Check that the clock/,
    ],
    [-3600, /refused: Its timestamp is 60 minutes ahead of this host's clock/],
  ])('has a line that names the clock when it is %d seconds old', async (seconds, line) => {
    const host = await start();
    await postForm(host.notificationUrl, ago(seconds));
    await until(() => line.test(host.log.text), 'the line is written');
  });

  it('has nobody asked when it is older than a week, and when it comes from an address that may not send', async () => {
    const host = await start();
    await pay(host);
    expect(await postForm(host.notificationUrl, ago(7 * DAY_SECONDS + 1))).toMatchObject({ status: 400 });
    const closed = await start({}, { allowedSources: ['203.0.113.7'] });
    await pay(closed, 'A2');
    const unsigned = { ...paid({ out_trade_no: 'A2' }), extension: '1' };
    expect(await postForm(closed.notificationUrl, unsigned)).toMatchObject({ status: 403 });
    await quiet();
    expect(queries()).toBe(0);
  });

  it('has nobody asked when nothing is known of it here', async () => {
    const host = await start();
    for (const fields of [paid({ orgno: 'nobody' }), paid({ out_trade_no: 'B1' }), { a: 'b' }, {}]) {
      await postForm(host.notificationUrl, { ...fields, extension: '1' });
    }
    await quiet();
    expect(queries()).toBe(0);
    expect(await host.wanpay.getPaymentTimeline('B1')).toEqual([]);
  });

  it('takes a share of the queries when it is not signed, for however many payments a stranger sends it', async () => {
    const host = await start();
    const orders = Array.from({ length: 8 }, (_, i) => `A${i}`);
    for (const orderNo of orders) await pay(host, orderNo);
    for (const orderNo of orders) {
      const forged = { ...paid({ out_trade_no: orderNo }), sign: '0'.repeat(32) };
      expect(await postForm(host.notificationUrl, forged)).toMatchObject({ status: 401 });
    }
    await isAsked(host);
    for (let i = 0; i < 10; i += 1) {
      await emulator.clock.advance(1000);
      await quiet();
    }
    expect(queries()).toBe(1);
  });

  if (adapter === 'Express') {
    it.each<[string, number, (adapter: ExpressAdapter) => void]>([
      ['parser', 415, (express) => express.useBodyParser('urlencoded', false, { extended: true })],
      [
        'rate limit',
        429,
        (express) =>
          void express.use((_request: unknown, response: { sendStatus(status: number): void }) => {
            response.sendStatus(429);
          }),
      ],
    ])('has a line when a %s in front of Nest refuses it with %d', async (_, status, arrange) => {
      const host = await start({
        createAdapter: () => {
          const express = new ExpressAdapter();
          arrange(express);
          return express;
        },
      });
      const reply = await post(host, 'application/x-www-form-urlencoded; charset=utf8', form(paid()));
      expect(reply).toMatchObject({ status });
      await until(() => host.log.text.includes(`was answered with ${status} by the host`), 'the line is written');
    });
  }
});
