import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from '@jest/globals';

const HOSTS = ['everything', 'exemptingNothing', 'graphql', 'hybrid', 'microservice', 'worker', 'commander'] as const;
const ELSEWHERE = 'http://127.0.0.1:1/wanpay/notifications';

/** What each host found, from one process for all: Jest can't load CommonJS libraries of Nest together with Nest 12. */
const found = new Map<string, unknown>();
beforeAll(async () => {
  const program = fileURLToPath(new URL('start.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  for (const line of stdout.trim().split('\n')) {
    const { host, ...findings } = JSON.parse(line) as { readonly host: string };
    found.set(host, findings);
  }
  expect([...found.keys()]).toEqual(HOSTS);
});

it('works with a login, @nestjs/throttler, nestjs-cls, nestjs-pino, @nestjs/swagger, @nestjs/schedule and @nestjs/cqrs', () => {
  expect(found.get('everything')).toEqual({
    state: 'paid',
    // By @nestjs/schedule, of an order whose notifications never arrived.
    swept: 'paid',
    // More of them than the throttler lets anyone else send.
    answers: Array.from({ length: 5 }, () => '200 success'),
    // By an event of @nestjs/cqrs.
    shipped: 'A1',
    // The document of @nestjs/swagger.
    paths: ['/api/checkout/{orderNo}'],
    // No handler runs in a request's context of nestjs-cls.
    requests: ['none', 'none'],
    warnings: [],
    hasLogged: true,
    // By nestjs-pino, its code and fields beside its text.
    refused: expect.objectContaining({
      level: 40,
      context: 'WanPayNotifications',
      msg: expect.stringContaining('A notification from 127.0.0.1 was refused: '),
      code: 'notification_refused',
      source: '127.0.0.1',
      reason: 'malformed',
    }),
    tellsKey: false,
  });
});

it('tells the same host at start to exempt the route from the login and from the throttler', () => {
  expect(found.get('exemptingNothing')).toEqual({
    warnings: [
      expect.stringMatching(/LoginGuard \(403\)\. .*\/wanpay\/notifications\. .*notificationDecorators/),
      expect.stringContaining('notificationDecorators: [SkipThrottle({ short: true, long: true })]'),
    ],
  });
});

it('works with @nestjs/graphql, on Fastify without a body parser, behind a login', () => {
  expect(found.get('graphql')).toEqual({
    opened: { data: { buy: { number: expect.stringMatching(/^\d{14}$/), bankCode: '013' } } },
    asked: { data: { state: 'paid' } },
    answers: ['200 success'],
    warnings: [],
  });
});

it('works in a hybrid application, under the guards that its messages have', () => {
  expect(found.get('hybrid')).toEqual({ opened: 'pending', state: 'paid', answers: ['200 success'], warnings: [] });
});

it('works in a microservice without HTTP, with the notification address of another process', () => {
  expect(found.get('microservice')).toEqual({ opened: 'pending', state: 'paid', told: ELSEWHERE, warnings: [] });
});

it('works in an application context, and in a command of nest-commander', () => {
  expect(found.get('worker')).toEqual({ state: 'paid', told: ELSEWHERE, warnings: [] });
  expect(found.get('commander')).toEqual({ state: 'paid', warnings: [] });
});
