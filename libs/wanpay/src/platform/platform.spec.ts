import { describe, expect, it } from '@jest/globals';
import { isLive, PLATFORM_BASE_URL, TEST_MERCHANT_NO } from './platform.js';

describe('isLive', () => {
  it.each([
    PLATFORM_BASE_URL,
    'https://api.wan-pay.com',
    'https://api.wan-pay.com:443/wxzfservice',
    'https://API.Wan-Pay.com/wxzfservice/',
    'http://api.wan-pay.com/wxzfservice',
  ])('holds for a merchant at %s', (baseUrl) => {
    expect(isLive(baseUrl, '1265')).toBe(true);
  });

  it('does not hold for the vendor’s test merchant, even there', () => {
    expect(isLive(PLATFORM_BASE_URL, TEST_MERCHANT_NO)).toBe(false);
  });

  it.each([
    'http://localhost:4000',
    'https://api.wan-pay.com:8443/wxzfservice',
    'https://api.wan-pay.com.example.org/wxzfservice',
    'https://test.api.wan-pay.com/wxzfservice',
    'https://example.org/api.wan-pay.com/wxzfservice',
    'https://api.wan-pay.com@example.org/wxzfservice',
  ])('does not hold at %s', (baseUrl) => {
    expect(isLive(baseUrl, '1265')).toBe(false);
  });

  it('knows the addresses that the protocol names', () => {
    expect(PLATFORM_BASE_URL).toBe('https://api.wan-pay.com/wxzfservice');
    expect(TEST_MERCHANT_NO).toBe('21008024');
  });
});
