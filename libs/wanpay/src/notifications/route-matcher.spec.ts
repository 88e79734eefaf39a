import { describe, expect, it } from '@jest/globals';
import { hasParameters, RouteMatcher } from './route-matcher.js';

const OWN = 'wanpay/notifications';

describe('the requests for a route', () => {
  it.each([
    '/wanpay/notifications',
    '/wanpay/notifications/',
    '/WanPay/Notifications',
    '/wanpay/notifications?a=b',
    '/wanpay/notifications/?a=/',
    '/wanpay/%6Eotifications',
    '/wanpay/notifications#a',
    'http://shop.example:8080/wanpay/notifications?a=b',
  ])('are those for %s', (url) => {
    expect(new RouteMatcher('/wanpay/notifications', OWN).matches(url)).toBe(true);
  });

  it.each([
    '/',
    '',
    '*',
    '/wanpay',
    '/wanpay/notification',
    '/wanpay/notifications/x',
    '/x/wanpay/notifications',
    '/?/wanpay/notifications',
    '/#/wanpay/notifications',
    'http://shop.example?/wanpay/notifications',
    'shop.example/wanpay/notifications',
    '/wanpay/notifications%',
    '//wanpay/notifications',
  ])('are not those for %j', (url) => {
    expect(new RouteMatcher('/wanpay/notifications', OWN).matches(url)).toBe(false);
  });

  it('may have any text where the route has a parameter, and any beginning where it has a wildcard', () => {
    const parameter = new RouteMatcher('/api/:tenant/wanpay/notifications', OWN);
    expect(parameter.matches('/api/a/wanpay/notifications')).toBe(true);
    expect(parameter.matches('/api/a/b/wanpay/notifications')).toBe(false);
    expect(parameter.matches('/other/a/wanpay/notifications')).toBe(false);
    const wildcard = new RouteMatcher('/api/*any/wanpay/notifications', OWN);
    expect(wildcard.matches('/api/a/b/wanpay/notifications')).toBe(true);
    expect(wildcard.matches('/api/a/b/wanpay/other')).toBe(false);
  });
});

describe('a path', () => {
  it.each(['/:tenant', '/api/*', '/api/*any', '/{:version}/x', '/:id(\\d+)', '/a?'])(
    '%s stands for more than one address',
    (path) => {
      expect(hasParameters(path)).toBe(true);
    },
  );

  it.each(['/', '/api/v1', '/api.v1/~x/%41'])('%s stands for itself', (path) => {
    expect(hasParameters(path)).toBe(false);
  });
});
