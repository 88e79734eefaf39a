import { describe, expect, it } from '@jest/globals';
import { Module, RequestMethod } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { NotificationAddress } from './wanpay.address.js';

const PATH = 'wanpay/notifications';

@Module({})
class Host {}

type Prefix = Parameters<ReturnType<Awaited<ReturnType<typeof host>>['createNestApplication']>['setGlobalPrefix']>;

function host(): ReturnType<ReturnType<typeof Test.createTestingModule>['compile']> {
  return Test.createTestingModule({ imports: [Host] }).compile();
}

interface Settings {
  publicUrl?: string;
  notificationUrl?: string;
}

/** The address that a host with that global prefix gives the platform. */
async function addressWith(settings: Settings, more?: { path?: string; prefix?: Prefix }): Promise<string | undefined> {
  return (await makeAddress(settings, more)).url();
}

async function makeAddress(
  settings: Settings,
  { path = PATH, prefix }: { path?: string; prefix?: Prefix } = {},
): Promise<NotificationAddress> {
  const app = (await host()).createNestApplication({ logger: false });
  const address = new NotificationAddress(
    { path },
    settings,
    app.get(ApplicationConfig),
    app.get(ModulesContainer),
    app.get(HttpAdapterHost),
  );
  if (prefix) app.setGlobalPrefix(...prefix);
  return address;
}

describe('the notification address', () => {
  it.each([
    ['https://shop.example', PATH, 'https://shop.example/wanpay/notifications'],
    ['https://shop.example/', `/${PATH}/`, 'https://shop.example/wanpay/notifications'],
    ['https://shop.example/base/', PATH, 'https://shop.example/base/wanpay/notifications'],
    ['https://shop.example', '', 'https://shop.example'],
  ])('of %s and %j is %s', async (publicUrl, path, expected) => {
    expect(await addressWith({ publicUrl }, { path })).toBe(expected);
  });

  it.each(['api', '/api', '/api/'])('holds the global prefix %s, set after it was made', async (prefix) => {
    const address = await addressWith({ publicUrl: 'https://shop.example' }, { prefix: [prefix] });
    expect(address).toBe('https://shop.example/api/wanpay/notifications');
  });

  it('leaves out a prefix from which the path is exempt', async () => {
    const prefix: Prefix = ['api', { exclude: [PATH] }];
    expect(await addressWith({ publicUrl: 'https://shop.example' }, { prefix })).toBe(`https://shop.example/${PATH}`);
  });

  it('keeps a prefix from which only other paths, or other methods, are exempt', async () => {
    const exclude = ['health', { path: PATH, method: RequestMethod.GET }];
    const address = await addressWith({ publicUrl: 'https://shop.example' }, { prefix: ['api', { exclude }] });
    expect(address).toBe(`https://shop.example/api/${PATH}`);
  });

  it('is the one that was given whole, whatever the rest', async () => {
    const settings = { publicUrl: 'https://shop.example', notificationUrl: 'https://hooks.example/wanpay' };
    expect(await addressWith(settings, { prefix: ['api'] })).toBe('https://hooks.example/wanpay');
  });

  it('is unknown while the host’s public address is', async () => {
    expect(await addressWith({}, { prefix: ['api'] })).toBeUndefined();
  });

  it.each<[string, Settings, Prefix, string]>([
    ['a parameter', { publicUrl: 'https://shop.example' }, [':tenant'], PATH],
    ['a wildcard', { publicUrl: 'https://shop.example' }, ['api/*any'], PATH],
    ['a parameter in its own path', { publicUrl: 'https://shop.example' }, ['api'], ':secret/paid'],
  ])('can’t be made with %s', async (_, settings, prefix, path) => {
    const address = await makeAddress(settings, { prefix, path });
    expect(() => {
      address.check();
    }).toThrow(/notificationUrl \(WANPAY_NOTIFICATION_URL\) is missing/);
  });

  it.each<[string, Settings, Prefix]>([
    [
      'that was given whole',
      { publicUrl: 'https://shop.example', notificationUrl: 'https://shop.example/a' },
      [':tenant'],
    ],
    ['that nobody asks for', {}, [':tenant']],
    ['from which a parameter is exempt', { publicUrl: 'https://shop.example' }, [':tenant', { exclude: [PATH] }]],
  ])('%s is refused for no parameter', async (_, settings, prefix) => {
    const address = await makeAddress(settings, { prefix });
    expect(() => {
      address.check();
    }).not.toThrow();
  });
});
