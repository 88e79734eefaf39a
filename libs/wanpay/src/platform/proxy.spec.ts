import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { proxyFor } from './proxy.js';

const PLATFORM = 'https://api.wan-pay.com/wxzfservice';

function nameOf(address: string, environment: Record<string, string>): string | undefined {
  return proxyFor(address, undefined, environment)?.name;
}

describe('a proxy that is configured', () => {
  it('is named by host and port, without its credentials', () => {
    expect(proxyFor(PLATFORM, 'http://user:secret@10.0.0.5:3128', {})).toEqual({
      name: '10.0.0.5:3128',
      config: { protocol: 'http:', host: '10.0.0.5', port: 3128, auth: { username: 'user', password: 'secret' } },
    });
    expect(proxyFor(PLATFORM, 'http://proxy', {})?.name).toBe('proxy:80');
    expect(proxyFor(PLATFORM, 'https://proxy', {})?.name).toBe('proxy:443');
  });

  it('may have an IPv6 address', () => {
    expect(proxyFor(PLATFORM, 'http://[::1]:3128', {})).toMatchObject({
      name: '[::1]:3128',
      config: { host: '::1', port: 3128 },
    });
  });

  it.each([
    ['50%25off', '50%off'],
    ['50%off', '50%off'],
    ['100%', '100%'],
    ['%zz%40', '%zz@'],
    ['%ff', '%ff'],
    ['%E8%8C%B6', '茶'],
  ])('may have the password %s', (written, password) => {
    const proxy = proxyFor(PLATFORM, `http://user:${written}@10.0.0.5:3128`, {});
    expect(proxy?.config.auth).toEqual({ username: 'user', password });
  });

  it('has any password that was escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (password) => {
        const proxy = proxyFor(PLATFORM, `http://user:${encodeURIComponent(password)}@10.0.0.5:3128`, {});
        expect(proxy?.config.auth?.password).toBe(password);
      }),
    );
  });

  it('goes before those of the environment', () => {
    const environment = { HTTPS_PROXY: 'http://other:1', NO_PROXY: '*' };
    expect(proxyFor(PLATFORM, 'http://proxy:3128', environment)?.name).toBe('proxy:3128');
  });
});

describe('a proxy of the environment', () => {
  it('is that of the address’s scheme, or the one for all', () => {
    const environment = { HTTPS_PROXY: 'http://secure:1', http_proxy: 'http://plain:2', ALL_PROXY: 'http://all:3' };
    expect(nameOf(PLATFORM, environment)).toBe('secure:1');
    expect(nameOf('http://emulator', environment)).toBe('plain:2');
    expect(nameOf(PLATFORM, { ALL_PROXY: 'http://all:3' })).toBe('all:3');
    expect(nameOf(PLATFORM, { HTTP_PROXY: 'http://plain:2' })).toBeUndefined();
    expect(nameOf(PLATFORM, { HTTPS_PROXY: '' })).toBeUndefined();
    expect(nameOf(PLATFORM, {})).toBeUndefined();
  });

  it('in lower case goes before that in upper case', () => {
    expect(nameOf(PLATFORM, { https_proxy: 'http://lower:1', HTTPS_PROXY: 'http://upper:1' })).toBe('lower:1');
  });

  it('may leave its scheme out', () => {
    expect(nameOf('http://emulator', { http_proxy: '10.0.0.5:3128' })).toBe('10.0.0.5:3128');
  });

  it('is named also where Node was told to use it', () => {
    expect(nameOf(PLATFORM, { HTTPS_PROXY: 'http://proxy:1', NODE_USE_ENV_PROXY: '1' })).toBe('proxy:1');
  });

  it.each([
    ['api.wan-pay.com', PLATFORM],
    ['API.WAN-PAY.COM', PLATFORM],
    ['wan-pay.com', PLATFORM],
    ['.wan-pay.com', PLATFORM],
    ['*.wan-pay.com', PLATFORM],
    ['*', PLATFORM],
    ['localhost, api.wan-pay.com:443', PLATFORM],
    ['127.0.0.1', 'https://127.0.0.1:8443'],
    ['[::1]', 'https://[::1]:8443'],
    ['::1', 'https://[::1]:8443'],
  ])('is not used where NO_PROXY is %s', (exempt, address) => {
    expect(nameOf(address, { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: exempt })).toBeUndefined();
  });

  it.each(['', 'pay.com', 'api.wan-pay.com:8443', 'api', 'wan-pay.com.tw', ','])(
    'is used where NO_PROXY is %j',
    (exempt) => {
      expect(nameOf(PLATFORM, { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: exempt })).toBe('proxy:1');
    },
  );

  it.each(['socks5://proxy:1080', 'http://', 'https://:80'])('that is %s is refused by its variable', (address) => {
    expect(() => nameOf(PLATFORM, { HTTPS_PROXY: address })).toThrow(/^HTTPS_PROXY is not an address/);
  });
});
