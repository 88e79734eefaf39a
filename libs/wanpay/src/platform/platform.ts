/** The platform's own address (3.1.1, 3.1.3); the interfaces' names are appended. */
export const PLATFORM_BASE_URL = 'https://api.wan-pay.com/wxzfservice';
/** The merchant that the vendor publishes for tests (2.1). */
export const TEST_MERCHANT_NO = '21008024';

const PLATFORM_HOST = new URL(PLATFORM_BASE_URL).host;

/** Whether money that moves here is real: the platform's own address, and not its public test merchant. */
export function isLive(baseUrl: string, merchantNo: string): boolean {
  return livemodeOf(baseUrl)(merchantNo);
}

/** {@link isLive} of one address, for those who ask of many merchants: reading an address takes 1 µs. */
export function livemodeOf(baseUrl: string): (merchantNo: string) => boolean {
  const isPlatform = new URL(baseUrl).host === PLATFORM_HOST;
  return (merchantNo) => isPlatform && merchantNo !== TEST_MERCHANT_NO;
}
