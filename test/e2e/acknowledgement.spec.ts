import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  type INestApplication,
  Module,
  type NestInterceptor,
  RequestMethod,
  SetMetadata,
  UnauthorizedException,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, NestFactory, Reflector, RouterModule } from '@nestjs/core';
import { map, NEVER, type Observable, of, tap } from 'rxjs';
import {
  WanPayConfigurationError,
  WanPayModule,
  type WanPayModuleExtras,
  type WanPayModuleOptions,
} from 'nestjs-wanpay';
import { type WanPayEmulator } from 'wanpay-emulator';
import { CapturedLog } from './captured-log.js';
import { afterTest } from './after-test.js';
import { type Adapter, ADAPTERS, type Host, optionsFor, startHost, startHostOf } from './host.js';
import { send } from './http.js';
import { FORM, JSON_TYPE, notification, postForm } from './notification.js';
import { startPlatform } from './platform.js';
import { until } from './until.js';

const IN_MEMORY = 'Payments are kept in memory';
const Public = SetMetadata('public', true);

@Injectable()
class AuthenticationGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    return this.reflector.getAllAndOverride<boolean | undefined>('public', targets) ?? false;
  }
}

class Login implements CanActivate {
  canActivate(): Promise<boolean> {
    return Promise.reject(new UnauthorizedException());
  }
}

class Roles implements CanActivate {
  canActivate(): Observable<boolean> {
    return of(false);
  }
}

/** Needs what a guard before it would have set. */
class Tenants implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest<{ user: { tenant: string } }>().user.tenant !== '';
  }
}

/** Sends people to a page where they log in. */
class Sessions implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    context.switchToHttp().getResponse<{ redirect(url: string): void }>().redirect('/login');
    return true;
  }
}

/** Waits for something that never comes, and counts how often it was asked. */
class Waiting implements CanActivate {
  asked = 0;

  canActivate(): Observable<boolean> {
    this.asked += 1;
    return NEVER;
  }
}

class ByPath implements CanActivate {
  canActivate(context: ExecutionContext): Observable<boolean> {
    return of(context.switchToHttp().getRequest<{ url: string }>().url.startsWith('/api/wanpay/'));
  }
}

/** Known by its name: the library of the same name can't be loaded here. */
class ThrottlerGuard implements CanActivate {
  canActivate(): boolean {
    throw new Error('it would count');
  }
}

class OwnThrottler extends ThrottlerGuard {}

@Injectable()
class Envelope implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ ok: true, data })));
  }
}

/** What measures how long a request took, and says so in a header. */
@Injectable()
class LateHeader implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const response = context.switchToHttp().getResponse<{ header(name: string, value: string): unknown }>();
    return next.handle().pipe(tap(() => response.header('X-Took', '1')));
  }
}

@Module({})
class Mount {}

@Controller('ping')
class Ping {
  @Get()
  ping(): string {
    return 'pong';
  }
}

type Arrangement = NonNullable<Parameters<typeof startHost>[3]> & {
  readonly wanpay?: WanPayModuleOptions & WanPayModuleExtras;
  /** Where notifications are received. */
  readonly path?: string;
  readonly only?: Adapter;
};

const ARRANGEMENTS: Readonly<Record<string, Arrangement>> = {
  'is plain': {},
  'has a global prefix': { prepare: (app) => app.setGlobalPrefix('api'), path: '/api/wanpay/notifications' },
  'has a global prefix with slashes': {
    prepare: (app) => app.setGlobalPrefix('/api/v2/'),
    path: '/api/v2/wanpay/notifications',
  },
  'has a global prefix that excludes the notifications': {
    prepare: (app) =>
      app.setGlobalPrefix('api', { exclude: [{ path: 'wanpay/notifications', method: RequestMethod.ALL }] }),
    path: '/wanpay/notifications',
  },
  'versions its addresses': {
    prepare: (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
  },
  'versions its addresses below a prefix': {
    prepare: (app) => app.setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
    path: '/api/wanpay/notifications',
  },
  'versions by header': {
    prepare: (app) => app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version', defaultVersion: '1' }),
  },
  'mounts the module': {
    imports: [RouterModule.register([{ path: 'payments', module: WanPayModule }])],
    path: '/payments/wanpay/notifications',
  },
  'mounts the module below a prefix and another module, and versions its addresses': {
    imports: [
      RouterModule.register([
        { path: '/shop/', module: Mount, children: [{ path: 'payments', module: WanPayModule }] },
      ]),
    ],
    prepare: (app) => app.setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI, defaultVersion: '2' }),
    path: '/api/shop/payments/wanpay/notifications',
  },
  'mounts the module, and has a global prefix that excludes the notifications': {
    imports: [RouterModule.register([{ path: 'payments', module: WanPayModule }])],
    prepare: (app) => app.setGlobalPrefix('api', { exclude: ['payments/wanpay/notifications'] }),
    path: '/payments/wanpay/notifications',
  },
  'mounts the module, and has a global prefix that excludes another path': {
    imports: [RouterModule.register([{ path: 'payments', module: WanPayModule }])],
    prepare: (app) => app.setGlobalPrefix('api', { exclude: ['wanpay/notifications'] }),
    path: '/api/payments/wanpay/notifications',
  },
  'has a path of its own for notifications': {
    wanpay: { notificationPath: 'hooks/atm' },
    path: '/hooks/atm',
  },
  'has a path of its own that begins with a slash, below a prefix': {
    wanpay: { notificationPath: '/hooks/atm' },
    prepare: (app) => app.setGlobalPrefix('api'),
    path: '/api/hooks/atm',
  },
  'wraps every reply': { providers: [{ provide: APP_INTERCEPTOR, useClass: Envelope }] },
  'wraps every reply by useGlobalInterceptors': { prepare: (app) => app.useGlobalInterceptors(new Envelope()) },
  'validates every body strictly': {
    prepare: (app) =>
      app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true })),
  },
  'lets only the authenticated in, and the platform': {
    wanpay: { notificationDecorators: [Public] },
    providers: [{ provide: APP_GUARD, useClass: AuthenticationGuard }],
  },
  'keeps raw bodies': { application: { rawBody: true } },
  'has no body parser': { application: { bodyParser: false } },
  'sets a header when the answer is gone': { providers: [{ provide: APP_INTERCEPTOR, useClass: LateHeader }] },
  'has it all at once': {
    wanpay: { notificationDecorators: [Public], notificationPath: 'hooks/atm' },
    providers: [
      { provide: APP_GUARD, useClass: AuthenticationGuard },
      { provide: APP_INTERCEPTOR, useClass: Envelope },
    ],
    application: { rawBody: true },
    prepare: (app) =>
      app
        .setGlobalPrefix('api')
        .enableVersioning()
        .useGlobalPipes(new ValidationPipe({ whitelist: true })),
    path: '/api/hooks/atm',
  },
};

describe.each(ADAPTERS)('the acknowledgement, on %s', (adapter) => {
  let emulator: WanPayEmulator;
  beforeEach(async () => {
    emulator = await startPlatform();
  });

  function start({ wanpay, ...arrangement }: Arrangement): Promise<Host> {
    return startHost(adapter, emulator, wanpay, arrangement);
  }

  const arrangements = Object.entries(ARRANGEMENTS).filter(([, { only }]) => only === undefined || only === adapter);

  it.each(arrangements)('is exactly success when the host %s', async (_, arrangement) => {
    const host = await start({ ...arrangement, controllers: [Ping] });
    const { path = '/wanpay/notifications' } = arrangement;
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    expect(emulator.order('A1').notificationUrl).toBe(host.url + path);

    await emulator.pay('A1');
    expect(emulator.notifications()).toMatchObject([{ acknowledged: true, replyStatus: 200, replyBody: 'success' }]);
    await until(() => host.handler.of('atm.paid').length === 1, 'atm.paid is handled');

    const again = notification(emulator, { out_trade_no: 'A1', total_fee: '5000' });
    const reply = await postForm(host.url + path, again);
    expect(reply).toEqual({ status: 200, body: 'success', contentType: expect.stringMatching(/^text\/plain/) });
    const json = await send(host.url + path, { headers: { 'content-type': JSON_TYPE }, body: JSON.stringify(again) });
    expect(json).toEqual(reply);

    const forged = await postForm(host.url + path, { ...again, sign: '0'.repeat(32) });
    expect(forged.status).toBe(401);
    expect(forged.body).not.toMatch(/success/i);
    const [refused, ...unexpected] = host.log.lines.filter(
      (line) => /^(warn|error)/.test(line) && !line.includes(IN_MEMORY),
    );
    expect(refused).toMatch(/was refused: The signature is wrong/);
    expect(unexpected).toEqual([]);
  });

  it('does not come from behind the host’s guard when notifications are not exempted', async () => {
    const host = await start({ providers: [{ provide: APP_GUARD, useClass: AuthenticationGuard }] });
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    await emulator.pay('A1');
    expect(emulator.notifications()).toMatchObject([{ acknowledged: false, replyStatus: 403 }]);
    await until(() => host.log.text.includes('Global guards'), 'the guard was asked');
    expect(host.log.text).toMatch(
      /warn Global guards .*: AuthenticationGuard \(403\)\. .* to \/wanpay\/notifications\. .*notificationDecorators/,
    );
  });

  it('is looked after at start: the host is told which of its global guards would refuse notifications', async () => {
    const host = await start({
      prepare: (app) =>
        app
          .setGlobalPrefix('api')
          .useGlobalGuards(new Login(), new Roles(), new Tenants(), new Sessions(), new ByPath()),
    });
    await until(() => host.log.text.includes('Global guards'), 'the guards were asked');
    expect(host.log.text).toContain('a login: Login (401), Roles (403), Sessions (a redirection). No');
    expect(host.log.text).toContain('to /api/wanpay/notifications.');
    expect(host.log.text).toMatch(
      /Global guards .* failed .* holds nothing: Tenants \(.*'tenant'\)\)\. .* answered 500/,
    );
  });

  it('is looked after at start by asking each guard once, for all instances, and not for ever', async () => {
    const guard = new Waiting();
    const host = await startHostOf(adapter, {
      imports: (url) => [
        WanPayModule.forRoot(optionsFor(emulator, url)),
        WanPayModule.forRoot(optionsFor(emulator, url, { name: 'second' })),
      ],
      prepare: (app) => app.useGlobalGuards(guard),
    });
    await until(() => host.log.text.includes('POST to /wanpay/second/notifications'), 'both were told');
    expect(host.log.text).toMatch(
      /had not decided within 1000 ms about a POST to \/wanpay\/notifications .*: Waiting\./,
    );
    expect(guard.asked).toBe(1);
  });

  it.each([
    [
      'the only limit',
      undefined,
      /warn OwnThrottler limits .*wanpay\/notifications.*notificationDecorators: \[SkipThrottle\(\)\]/,
    ],
    ['limits by name', [{ name: 'short' }, { name: 'long' }], /\[SkipThrottle\(\{ long: true \}\)\]/],
  ])('is limited, which the host is told at start, by %s of a throttler', async (_, throttlers, expected) => {
    const host = await start({
      wanpay: { notificationDecorators: [SetMetadata('THROTTLER:SKIPshort', true)] },
      prepare: (app) => app.useGlobalGuards(Object.assign(new OwnThrottler(), { throttlers })),
    });
    await until(() => host.log.text.includes('SkipThrottle'), 'the host is told');
    expect(host.log.text).toMatch(expected);
  });

  it('exempts nothing else from the host’s guard, envelope or versions', async () => {
    const { only: _only, ...everything } = ARRANGEMENTS['has it all at once'] ?? {};
    const host = await start({ ...everything, controllers: [Ping] });
    expect(await send(`${host.url}/api/ping`, { method: 'GET' })).toMatchObject({ status: 403 });
    const open = await startHost(
      adapter,
      emulator,
      {},
      { controllers: [Ping], prepare: (app: INestApplication) => app.useGlobalInterceptors(new Envelope()) },
    );
    expect(await send(`${open.url}/ping`, { method: 'GET' })).toMatchObject({ body: '{"ok":true,"data":"pong"}' });
  });

  it('comes at the address that notificationUrl names, where the host is reached by another than its own', async () => {
    const host = await start({ wanpay: { notificationUrl: 'https://shop.example/behind/a/proxy' } });
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    expect(emulator.order('A1').notificationUrl).toBe('https://shop.example/behind/a/proxy');
  });

  it('comes at the public address, its own path kept', async () => {
    const host = await start({
      wanpay: { publicUrl: 'https://shop.example/base/' },
      prepare: (app) => app.setGlobalPrefix('api'),
    });
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    expect(emulator.order('A1').notificationUrl).toBe('https://shop.example/base/api/wanpay/notifications');
  });

  const WITH_PARAMETERS: Readonly<Record<string, Arrangement>> = {
    'a global prefix with a parameter': { prepare: (app) => app.setGlobalPrefix(':tenant/api') },
    'a mount with a parameter': {
      imports: [RouterModule.register([{ path: ':tenant', module: WanPayModule }])],
    },
    'a path with a parameter': { wanpay: { notificationPath: 'hooks/:secret' } },
  };

  it.each(Object.entries(WITH_PARAMETERS))(
    'can’t be promised at %s: the host is told to set notificationUrl',
    async (_, arrangement) => {
      const refused = start(arrangement);
      await expect(refused).rejects.toThrow(WanPayConfigurationError);
      await expect(refused).rejects.toThrow(/notificationUrl \(WANPAY_NOTIFICATION_URL\) is missing: .*\/:/);
    },
  );

  it.each(Object.entries(WITH_PARAMETERS))(
    'comes at %s when notificationUrl names one that leads there',
    async (_, { wanpay, ...arrangement }) => {
      const host = await start({ ...arrangement, wanpay: { ...wanpay, notificationUrl: 'https://shop.example/hook' } });
      await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
      const routes = ['/a/api/wanpay/notifications', '/a/wanpay/notifications', '/hooks/a'];
      const fields = notification(emulator, { out_trade_no: 'A1', total_fee: '5000' });
      const parts = Object.entries(fields).map(
        ([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
      );
      const headers = { 'content-type': 'multipart/form-data; boundary=x' };
      const replies = await Promise.all(
        routes.map((path) => send(host.url + path, { headers, body: `${parts.join('')}--x--` })),
      );
      expect(replies.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
    },
  );

  it('can’t come at an address that no route answers, which the host is warned of', async () => {
    const host = await start({ wanpay: { notificationDecorators: [Controller('elsewhere')] } });
    expect(host.log.text).toContain('warn No route answers POST /wanpay/notifications');
  });

  it.each(['forRoot', 'forRootAsync'] as const)(
    'never comes from a process that receives none, by %s',
    async (method) => {
      const more = { publicUrl: 'https://shop.example', notifications: false };
      const receiving = { notificationPath: 'wanpay/notifications', name: 'receiving' };
      const host = await startHostOf(adapter, {
        imports: (url) => [
          method === 'forRoot'
            ? WanPayModule.forRoot(optionsFor(emulator, url, more))
            : WanPayModule.forRootAsync({
                useFactory: () => optionsFor(emulator, 'https://shop.example'),
                notifications: false,
              }),
          // Not a second one at the path, since the first has none.
          ...(method === 'forRoot' ? [WanPayModule.forRoot(optionsFor(emulator, url, receiving))] : []),
        ],
        prepare: (app) => app.setGlobalPrefix('api').useGlobalGuards(new Login()),
        controllers: [Ping],
      });
      expect(host.log.text).toMatch(
        /warn This process receives no notifications \(notifications: false\).*api\/wanpay\/notifications: set/,
      );
      await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
      expect(emulator.order('A1').notificationUrl).toBe('https://shop.example/api/wanpay/notifications');
      await until(() => host.handler.of('atm.issued').length === 1, 'atm.issued is handled');
      if (method === 'forRoot') return;
      const reply = await postForm(
        `${host.url}/api/wanpay/notifications`,
        notification(emulator, { out_trade_no: 'A1', total_fee: '5000' }),
      );
      expect(reply.status).toBe(404);
      expect(host.log.text).not.toMatch(/refused|Global guards|No route answers/);
    },
  );

  it('is expected by a process without a server at the address that it can make, which it warns of', async () => {
    const log = new CapturedLog();
    const worker = async (options: WanPayModuleOptions): Promise<void> => {
      const { publicUrl: _publicUrl, ...rest } = optionsFor(emulator, 'https://shop.example');
      const module = WanPayModule.forRoot({ ...rest, ...options });
      const context = await NestFactory.createApplicationContext(module, { logger: log });
      afterTest(() => context.close());
    };
    await worker({ publicUrl: 'https://shop.example' });
    expect(log.text).toMatch(/no HTTP server.* https:\/\/shop\.example\/wanpay\/notifications: set notificationUrl/);
    log.lines.length = 0;
    await worker({
      publicUrl: 'https://shop.example',
      notificationUrl: 'https://shop.example/api/wanpay/notifications',
    });
    expect(log.text).not.toContain('notificationUrl');
    await worker({});
    expect(log.text).toContain('Neither publicUrl (WANPAY_PUBLIC_URL) nor notificationUrl is set');
  });

  if (adapter === 'Express') {
    it.each(['csrf', 'doubleCsrfProtection'])(
      'is kept out by a middleware %s, which the host is told at start',
      async (name) => {
        const middleware = (request: { path: string }, _response: unknown, next: (error?: Error) => void): void => {
          next(request.path.startsWith('/wanpay/') ? new Error('invalid csrf token') : undefined);
        };
        Object.defineProperty(middleware, 'name', { value: name });
        const host = await start({ prepare: (app) => app.use(middleware) });
        await until(() => host.log.text.includes('asks for a token'), 'the host is told');
        expect(host.log.text).toContain(`warn The middleware ${name} asks for a token`);

        const exempting = await start({ prepare: (app) => app.use('/shop', middleware) });
        await exempting.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
        await emulator.pay('A1');
        expect(exempting.log.text).not.toContain('asks for a token');
      },
    );

    it.each([
      ['a form that is too large', FORM, 'x='.padEnd(20_000, 'x')],
      ['bytes that are not UTF-8', FORM, Buffer.from([0x61, 0x3d, 0xff])],
      ['neither a form nor JSON', 'text/plain', 'a=b'],
      ['JSON that is cut short', JSON_TYPE, '{"a":'],
    ])('is withheld, without a body parser, from %s', async (_, type, body) => {
      const host = await start({ application: { bodyParser: false } });
      const reply = await send(host.notificationUrl, { headers: { 'content-type': type }, body });
      expect(String(reply.status)).toMatch(/^4\d\d$/);
      expect(reply.body).not.toMatch(/success/i);
    });

    it('is withheld, without a body parser, from what grows too large in chunks', async () => {
      const host = await start({ application: { bodyParser: false } });
      // Far more than is read: the refusal must arrive although the body is still on its way.
      const body = Array.from({ length: 100 }, () => 'a='.padEnd(20_000, 'x'));
      const reply = await send(host.notificationUrl, { headers: { 'content-type': FORM }, body });
      expect(reply).toMatchObject({ status: 413 });
    });
  }
});
