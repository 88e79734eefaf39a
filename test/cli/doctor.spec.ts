import { createServer, type ServerResponse } from 'node:http';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type INestApplication } from '@nestjs/common';
import { Ledger } from 'nestjs-wanpay/ledger';
import { postgres } from 'nestjs-wanpay/postgres';
import { type Clock, systemClock } from 'nestjs-wanpay/protocol';
import mysqlDriver from 'mysql2/promise';
import pg from 'pg';
import type { WanPayEmulator } from 'wanpay-emulator';
import { afterTest, forAllTests } from '../e2e/after-test.js';
import { type Host, startHost } from '../e2e/host.js';
import { listening } from '../e2e/listening.js';
import { startPlatform } from '../e2e/platform.js';
import { freePort } from '../processes/ports.js';
import { createMariaDbDatabase } from '../servers/shared-mariadb.js';
import { createDatabase } from '../servers/shared-postgres.js';
import { translatorOf } from '../../libs/wanpay/dist/cli/command.js';
import { run, runProcess, variablesFor } from './run.js';

const RUNNING = { stopped: false };

interface Finding {
  readonly check: string;
  readonly level: string;
  readonly code: string;
  readonly message: string;
  readonly advice?: string;
}

/** An emulator, a host of it with a ledger of its own, and the variables that lead to them. */
interface Installation {
  readonly emulator: WanPayEmulator;
  readonly host: Host;
  readonly env: Record<string, string>;
}

/** Examined by every test that changes nothing in it. */
let emulator: WanPayEmulator;
let env: Record<string, string>;
beforeAll(async () => {
  ({ emulator, env } = await forAllTests(install));
}, 60_000);

async function install(): Promise<Installation> {
  const emulator = await startPlatform({ clock: RUNNING });
  const database = await createDatabase();
  const host = await startHost('Express', emulator, { ledger: postgres({ connectionString: database }) });
  return {
    emulator,
    host,
    env: { ...variablesFor(emulator), WANPAY_PUBLIC_URL: host.url, WANPAY_DATABASE_URL: database },
  };
}

/** What doctor finds, all but what is well, and its exit code. */
async function examine(
  more: Record<string, string> = {},
  args: readonly string[] = [],
  clock: Clock = systemClock,
): Promise<unknown> {
  const { code, stdout } = await run(['doctor', '--json', ...args], { env: { ...env, ...more }, clock });
  const wrong = readFindings(stdout)
    .filter(({ level }) => level === 'failure' || level === 'warning')
    // The tests' PostgreSQL runs without fsync.
    .filter(({ code: what }) => what !== 'commits_may_be_lost');
  return { code, wrong: wrong.map(({ check, level, code: what }) => `${level}: ${check}: ${what}`) };
}

function readFindings(stdout: string): readonly Finding[] {
  const report: unknown = JSON.parse(stdout);
  if (isReport(report)) {
    for (const { message, advice = '' } of report.findings) expectTranslation(message, advice);
    return report.findings;
  }
  throw new Error(`It is no report:\n${stdout}`);
}

/** Every finding of every test has a sentence in the catalogue; what the module's own options and errors say is English. */
function expectTranslation(...sentences: readonly string[]): void {
  const translate = translatorOf('zh-TW');
  for (const sentence of sentences) {
    const isOfTheModule =
      /WANPAY_BASE_URL\) |^The ledger in PostgreSQL|^WanPay |^the option|must be|must not|must begin/.test(sentence);
    if (sentence !== '' && !isOfTheModule) expect(translate(sentence)).toMatch(/\p{Script=Han}/u);
  }
}

function isReport(value: unknown): value is { readonly findings: readonly Finding[] } {
  return typeof value === 'object' && value !== null && 'findings' in value && Array.isArray(value.findings);
}

function clockOffBy(milliseconds: number): Clock {
  return { ...systemClock, now: () => new Date(Date.now() + milliseconds) };
}

/** A server in place of the host. */
async function startStranger(answer: (response: ServerResponse, host: string) => void): Promise<string> {
  const stranger = createServer((request, response) => {
    request.resume().once('end', () => {
      answer(response, request.headers.host ?? '');
    });
  });
  return `http://127.0.0.1:${await listening(stranger)}`;
}

type Answer = readonly [status: number, body: string, headers?: Readonly<Record<string, string>>];

/** An error as Nest writes it. */
function nest(statusCode: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return [statusCode, JSON.stringify({ statusCode, message: 'Something.', error: 'Error' }), headers];
}

it('says that all is well, when all is', async () => {
  const { host, env } = await install();
  const { code, stdout, stderr } = await runProcess(['doctor'], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^✓ +configuration .*test merchant/);
  for (const check of ['platform', 'credentials', 'egress', 'clock', 'notifications', 'ledger']) {
    expect(stdout).toMatch(new RegExp(`^✓ +${check} `, 'm'));
  }
  expect(stdout).toMatch(/^✓ +ledger +.*up to date \(version \d+\)\.$/m);
  expect(stdout).toMatch(/^✓ +ledger +Handlers found: RecordingHandler\..*\. Deliveries: 0 pending, 0 dead\.$/m);
  // The tests' server is told not to write its commits through, for speed, and nothing else is to be looked at.
  expect(stdout).toMatch(/^! +ledger +PostgreSQL runs with fsync off: commits may be lost\.\n +→ Set it to on again/m);
  expect(stdout).toMatch(/\n\nNothing is wrong; [12] things? needs? attention\.\n$/);
  expect(host.log.text).toContain('was refused: The signature is wrong.');
  expect(await host.wanpay.listPayments()).toEqual({ payments: [] });
});

describe('of the configuration, it finds', () => {
  it('every mistake, and no more than can be known without it', async () => {
    const { code, stdout } = await run(['doctor'], { env: { WANPAY_BASE_URL: 'ftp://x', WANPAY_KEY: 'a-secret-key' } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ +configuration +.*WANPAY_MERCHANT_NO/m);
    const invalid = await run(['doctor'], { env: { ...env, WANPAY_BASE_URL: 'ftp://x' } });
    expect(invalid.stdout).toMatch(/^✗ +configuration +.*WANPAY_BASE_URL/m);
    expect(stdout).toMatch(/^- +platform /m);
  });

  it('quotes and white space that a file of variables left around values', async () => {
    expect(await examine({ WANPAY_PUBLIC_URL: `"${env.WANPAY_PUBLIC_URL}"` })).toEqual({
      code: 1,
      wrong: ['failure: configuration: invalid', 'failure: configuration: quoted_value'],
    });
    expect(await examine({ WANPAY_TIMEOUT_MS: '10000\r' })).toMatchObject({
      wrong: expect.arrayContaining(['failure: configuration: space_in_value']),
    });
  });

  it('what is missing, in Traditional Chinese where the reader’s locale is', async () => {
    const { code, stdout } = await run(['doctor'], { env: { LC_ALL: 'zh_TW.UTF-8', WANPAY_BASE_URL: 'https://x' } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ +設定 +沒有商戶編號：請設定 WANPAY_MERCHANT_NO，或使用 --merchant。$/m);
    expect(stdout).toMatch(/^ +→ 請在環境變數，或 --env 指定的檔案中更正。$/m);
    expect(stdout).toMatch(/有 2 項錯誤。\n$/);
  });

  it('a proxy of the environment', async () => {
    process.env.HTTP_PROXY = 'http://127.0.0.1:1';
    process.env.NO_PROXY = 'elsewhere.example';
    afterTest(() => {
      delete process.env.HTTP_PROXY;
      delete process.env.NO_PROXY;
      return Promise.resolve();
    });
    const { stdout } = await run(['doctor'], { env: { ...env, HTTP_PROXY: 'http://127.0.0.1:1' } });
    expect(stdout).toMatch(
      /^✓ +configuration +Requests to .* go through the proxy 127\.0\.0\.1:1 of the environment\.$/m,
    );
  });

  it('tests in production', async () => {
    expect(await examine({ NODE_ENV: 'production' })).toEqual({
      code: 0,
      wrong: ['warning: configuration: test_in_production'],
    });
  });
});

describe('of the platform, it finds', () => {
  it('a wrong key, and white space that no key has', async () => {
    expect(await examine({ WANPAY_KEY: `${emulator.merchant.key}x` })).toEqual({
      code: 1,
      wrong: ['failure: credentials: wrong_key', 'failure: notifications: other_merchant'],
    });
    expect(await examine({ WANPAY_KEY: `${emulator.merchant.key} ` })).toEqual({
      code: 1,
      wrong: ['failure: configuration: invalid', 'failure: configuration: space_in_value'],
    });
  });

  it('a merchant number that the platform does not know', async () => {
    expect(await examine({}, ['--merchant', 'M9'])).toEqual({
      code: 1,
      wrong: ['failure: credentials: wrong_key', 'failure: notifications: other_merchant'],
    });
  });

  it('a clock that is off by so much that timestamps are refused', async () => {
    expect(await examine({}, [], clockOffBy(-900_000))).toEqual({
      code: 1,
      wrong: ['failure: platform: expired', 'failure: clock: skewed'],
    });
  });

  it('a clock that is off, though not yet too much', async () => {
    const clock = clockOffBy(120_000);
    expect(await examine({}, [], clock)).toEqual({ code: 0, wrong: ['warning: clock: skewed'] });
    const { stdout } = await run(['doctor'], { env, clock });
    expect(stdout).toMatch(/This machine’s clock is 1(?:19|20|21) s ahead of the platform’s/);
  });

  it('an address that is not registered, and which it is', async () => {
    const { merchantNo, key } = emulator.merchant;
    const strict = await startPlatform({
      clock: RUNNING,
      merchants: [{ merchantNo, key, allowedSources: ['10.0.0.0/8'] }],
    });
    expect(await examine({ WANPAY_BASE_URL: strict.baseUrl })).toEqual({
      code: 1,
      wrong: ['failure: egress: not_registered'],
    });
    const { stdout } = await run(['doctor'], { env: { ...env, WANPAY_BASE_URL: strict.baseUrl } });
    expect(stdout).toMatch(/911.*127\.0\.0\.1/);
  });

  it('that it can’t be reached', async () => {
    const nobody = `http://user:a-password@127.0.0.1:${await freePort()}/wxzfservice`;
    expect(await examine({ WANPAY_BASE_URL: nobody })).toEqual({
      code: 1,
      wrong: ['failure: platform: connection_refused'],
    });
    const { stdout } = await run(['doctor'], { env: { ...env, WANPAY_BASE_URL: nobody } });
    expect(stdout).not.toContain('a-password');
  });

  it('that it does not answer in time', async () => {
    const silent = await startStranger(() => undefined);
    expect(await examine({ WANPAY_BASE_URL: silent, WANPAY_TIMEOUT_MS: '100' })).toMatchObject({
      wrong: expect.arrayContaining(['failure: platform: timeout']),
    });
  });

  it('that a proxy asks for a password', async () => {
    const proxy = await startStranger((response) => response.writeHead(407).end());
    expect(await examine({ WANPAY_PROXY: proxy })).toEqual({
      code: 1,
      wrong: ['failure: platform: proxy_authentication'],
    });
  });

  it('that a proxy is not there', async () => {
    const gone = await startPlatform();
    await gone.close();
    expect(await examine({ WANPAY_PROXY: gone.url })).toEqual({
      code: 1,
      wrong: ['failure: platform: proxy_unreachable'],
    });
  });

  it('that a proxy opens no tunnel', async () => {
    const proxy = await startStranger((response) => response.end());
    expect(await examine({ WANPAY_PROXY: proxy, WANPAY_BASE_URL: 'https://platform.invalid/wxzfservice' })).toEqual({
      code: 1,
      wrong: [
        'failure: platform: proxy_unreachable',
        'warning: notifications: plain_http',
        'warning: notifications: private_address',
      ],
    });
  });

  it('that something else answers', async () => {
    expect(await examine({ WANPAY_BASE_URL: `${emulator.url}/elsewhere` })).toEqual({
      code: 1,
      wrong: ['failure: platform: not_the_platform'],
    });
  });
});

describe('of the notification URL, it finds', () => {
  it('that none is set', async () => {
    expect(await examine({ WANPAY_PUBLIC_URL: '' })).toEqual({ code: 1, wrong: ['failure: notifications: not_set'] });
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['accepts_forgeries', (response) => response.end('success')],
    ['something_else', (response) => response.end('<!doctype html><title>Shop</title>')],
    ['not_found', (response) => response.writeHead(404).end('no')],
    ['guarded', (response) => response.writeHead(401).end('{"error":"Unauthorized"}')],
    ['redirects', (response) => response.writeHead(301, { location: 'https://shop.example/?token=1' }).end()],
    ['mangled', (response) => response.writeHead(400).end('{"error":"malformed"}')],
  ])('%s', async (what, answer) => {
    const stranger = await startStranger(answer);
    expect(await examine({ WANPAY_PUBLIC_URL: stranger })).toEqual({
      code: 1,
      wrong: [`failure: notifications: ${what}`],
    });
  });

  it.each<[string, Answer, string, RegExp]>([
    ['a firewall’s block', [403, '<h1>Access Denied</h1>'], 'firewall', /application firewall/],
    ['a network’s block', [403, '<html></html>', { server: 'cloudflare' }], 'firewall', /let POSTs to this path pass/],
    ['a challenge', [503, '<html></html>', { 'cf-mitigated': 'challenge' }], 'firewall', /without a challenge/],
    ['a rule’s “not acceptable”', [406, 'Not Acceptable! by Mod_Security'], 'firewall', /application firewall/],
    ['the host’s own 403 behind a network', nest(403, { 'cf-ray': '8' }), 'guarded', /notificationDecorators/],
    ['a bare 403', [403, '<h1>Forbidden</h1>'], 'forbidden', /list of addresses/],
    ['csurf', [403, '<pre>ForbiddenError: invalid csrf token</pre>'], 'csrf', /CSRF middleware/],
    ['419', [419, '{"message":"CSRF token mismatch."}'], 'csrf', /CSRF middleware/],
    ['a guard', nest(401), 'guarded', /notificationDecorators/],
    ['a proxy’s login', [401, '', { 'www-authenticate': 'Basic realm="x"' }], 'guarded', /login in front/],
    ['a route without its prefix', nest(404), 'not_found', /global prefix, a version/],
    ['another server’s 404', [404, '<h1>Not Found</h1>'], 'not_found', /proxy in front leads this path/],
    ['405', [405, ''], 'method_not_allowed', /takes no POST/],
    ['415', nest(415), 'unsupported_media_type', /body parser/],
    ['429', [429, 'ThrottlerException: Too Many Requests'], 'throttled', /SkipThrottle/],
    ['500', nest(500), 'host_error', /host’s log/],
    ['502', [502, '<h1>Bad Gateway</h1>'], 'bad_gateway', /address, port, TLS/],
    ['503', [503, '<h1>Service Unavailable</h1>'], 'unavailable', /health check/],
    ['the host’s own 503', nest(503), 'unavailable', /ledger or its registry/],
    ['504', [504, ''], 'gateway_timeout', /in time/],
    ['a refusal as 200', [200, '{"code":401,"message":"The signature is wrong."}'], 'refusal_as_success', /filter/],
    ['a wrapped one', [201, '{"data":{"error":"bad_signature"}}'], 'refusal_as_success', /exception filters/],
    ['“success”: false', [200, '{"success":false}'], 'refusal_as_success', /keep the status/],
    ['a redirect to a login', [302, '', { location: '/login?next=x' }], 'redirects', /looks like a login/],
    ['one to elsewhere', [307, '', { location: 'https://www.shop.example/x' }], 'redirects', /follow/],
  ])('%s, and what to do', async (_, [status, body, headers = {}], code, words) => {
    const stranger = await startStranger((response) => response.writeHead(status, headers).end(body));
    const { stdout } = await run(['doctor', '--json'], { env: { ...env, WANPAY_PUBLIC_URL: stranger } });
    const found = readFindings(stdout).filter(({ check }) => check === 'notifications');
    expect(found).toMatchObject([{ level: 'failure', code }]);
    expect(`${found[0]?.message} ${found[0]?.advice}`).toMatch(words);
  });

  it('a redirect to TLS, and says to configure it', async () => {
    const stranger = await startStranger((response, host) =>
      response.writeHead(308, { location: `https://${host}/wanpay/notifications` }).end(),
    );
    const { stdout } = await run(['doctor'], { env: { ...env, WANPAY_PUBLIC_URL: stranger } });
    expect(stdout).toMatch(/Use https:\/\/ in WANPAY_PUBLIC_URL/);
  });

  it('the module behind a filter that replaces its words, for which all is well', async () => {
    const statuses = [401, 400];
    const stranger = await startStranger((response) => {
      const statusCode = statuses.shift() ?? 400;
      response.writeHead(statusCode).end(JSON.stringify({ statusCode, path: '/wanpay/notifications' }));
    });
    expect(await examine({ WANPAY_PUBLIC_URL: stranger })).toEqual({ code: 0, wrong: [] });
  });

  it('that only other addresses may send, which need not be wrong', async () => {
    const strict = await startHost('Express', emulator, { allowedSources: ['203.0.113.0/24'] });
    expect(await examine({ WANPAY_PUBLIC_URL: strict.url })).toEqual({
      code: 0,
      wrong: ['warning: notifications: source_not_allowed'],
    });
  });

  it.each<[string, (app: INestApplication) => unknown, string]>([
    ['a global prefix', (app) => app.setGlobalPrefix('api'), 'not_found'],
    ['a global guard', (app) => app.useGlobalGuards({ canActivate: () => false }), 'guarded'],
  ])('%s of a real host', async (_, prepare, code) => {
    const host = await startHost('Express', emulator, {}, { prepare });
    expect(await examine({}, ['--notification-url', host.notificationUrl])).toEqual({
      code: 1,
      wrong: [`failure: notifications: ${code}`],
    });
  });

  it.each<[string, Readonly<Record<string, string | readonly string[]>>, string]>([
    ['a limit of a real host', { 'X-RateLimit-Limit-short': '10' }, 'rate_limited'],
    [
      'a session for each notification',
      { 'Set-Cookie': ['lb=1; Path=/', 'connect.sid=s%3A1; Path=/'] },
      'session_made',
    ],
  ])('%s, which is to be looked at', async (_, headers, code) => {
    const prepare = (app: INestApplication): unknown =>
      app.use((_request: unknown, response: ServerResponse, next: () => void) => {
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        next();
      });
    const host = await startHost('Express', emulator, {}, { prepare });
    expect(await examine({ WANPAY_PUBLIC_URL: host.url })).toEqual({
      code: 0,
      wrong: [`warning: notifications: ${code}`],
    });
  });

  it('that nobody listens there', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}/hook`;
    expect(await examine({}, ['--notification-url', nobody])).toEqual({
      code: 1,
      wrong: ['failure: notifications: connection_refused'],
    });
  });
});

describe('of the ledger, it finds', () => {
  it('a missing migration, which it does not run, and whose SQL the next command prints', async () => {
    const database = await createDatabase();
    const given = { WANPAY_DATABASE_URL: database };
    const missing = { code: 1, wrong: ['failure: ledger: migration_required'] };
    expect(await examine(given, ['--schema', 'pay'])).toEqual(missing);
    expect(await examine(given, ['--schema', 'pay'])).toEqual(missing);

    const { stdout: sql } = await run(['migrations', '--schema', 'pay']);
    const client = new pg.Client({ connectionString: database });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
    expect(await examine(given, ['--schema', 'pay'])).toEqual({ code: 0, wrong: [] });
  });

  it('a missing migration in MySQL, whose tables every command then uses', async () => {
    const database = await createMariaDbDatabase();
    const missing = await run(['doctor', '--mysql', database], { env });
    expect(missing.code).toBe(1);
    expect(missing.stdout).toMatch(/has no tables of the ledger[^]*nestjs-wanpay migrations --mysql --above 0/);
    const { stdout: sql } = await run(['migrations', '--mysql', '--above', '0']);
    const client = await mysqlDriver.createConnection({ uri: database, multipleStatements: true });
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
    expect(await examine({}, ['--mysql', database])).toEqual({ code: 0, wrong: [] });

    const ends = { handlers: 0, dead: 0, 'replay --all': 0, 'retire nobody': 2, 'query A1': 1, reconcile: 0 };
    for (const [command, end] of Object.entries(ends)) {
      const { code } = await run([...command.split(' '), '--mysql', database], { env });
      expect({ command, code }).toEqual({ command, code: end });
    }
    const byVariable = { ...env, WANPAY_DATABASE_URL: database.replace('mysql:', 'mariadb:') };
    expect(await run(['handlers'], { env: byVariable })).toMatchObject({
      code: 0,
      stdout: 'The ledger knows no handler yet.\n',
    });
  });

  it('that it can’t be reached, without its password', async () => {
    const address = `postgresql://wanpay:a-password@127.0.0.1:${await freePort()}/wanpay`;
    const { code, stdout } = await runProcess(['doctor'], { env: { ...env, WANPAY_DATABASE_URL: address } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ +ledger .*ECONNREFUSED/m);
    expect(stdout).not.toContain('a-password');
  });

  it('what waits for a host that is gone', async () => {
    const { emulator, host, env } = await install();
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    await host.close();
    const ledger = new Ledger(postgres({ connectionString: env.WANPAY_DATABASE_URL ?? '' }));
    await ledger.start();
    afterTest(() => ledger.stop());
    const longAgo = new Date(Date.now() - 3_600_000);
    await ledger.deliveries.subscribe([{ handler: 'Gone.look', type: 'atm.unknown_order' }], longAgo, longAgo);
    const payment = await ledger.find({ merchantNo: emulator.merchant.merchantNo, orderNo: 'A1' });
    if (!payment) throw new Error('The payment is not there.');
    await ledger.open({ ...payment, orderNo: 'B1', otherTransfers: [{ reportedAmount: '7' }] }, longAgo);
    await ledger.settle({
      ...payment,
      orderNo: 'C1',
      outcome: { status: 'paid', code: '0000', reportedAmount: '50' },
      source: 'notification',
      now: longAgo,
    });
    const reasons = ['bad_signature', 'stale'];
    const stranger = await startStranger((response) => response.writeHead(401).end(`{"error":"${reasons.shift()}"}`));
    expect(await examine({ ...env, WANPAY_PUBLIC_URL: stranger })).toEqual({
      code: 0,
      wrong: [
        'warning: ledger: money_to_review',
        'warning: ledger: unknown_orders',
        'warning: ledger: handler_not_running',
        'warning: ledger: deliveries_overdue',
        'warning: ledger: checks_overdue',
      ],
    });
  });
});
