import { MemoryStore } from '../ledger/stores/memory/memory-store.js';
import type { MerchantRegistry } from '../platform/merchants.js';
import { PLATFORM_BASE_URL } from '../platform/platform.js';
import type { Clock } from '../protocol/index.js';
import type { WanPayModuleOptions } from '../wanpay.options.js';

/** How the module is tested. Whatever is left out fits a host with one merchant, whose number does not matter. */
export interface WanPayTestingOptions extends Omit<
  WanPayModuleOptions,
  'baseUrl' | 'clock' | 'httpAgent' | 'httpsAgent' | 'proxy' | 'queue'
> {
  /** What the clock shows at first; left out, now. */
  readonly now?: Date | undefined;
  /** Whether the money counts as real, which events tell by `livemode`; false unless told otherwise. Nothing leaves the process. */
  readonly livemode?: boolean | undefined;
}

const KEY = 'a-key-that-only-tests-have';
const FIRST_MERCHANT_NO = 10_000_000;
/** As fast as may be: while the clock stands still, a query that had to wait would wait for ever. */
const QUERIES_PER_SECOND = 1000;

/** Every number is some merchant's. */
const ANY_MERCHANT: MerchantRegistry = { find: (merchantNo) => ({ merchantNo, keys: [KEY] }) };

/**
 * The options of an instance under test.
 *
 * @param place which instance it is, from 1: each is paid as another merchant
 */
export function testOptions(
  { now: _now, livemode, ...options }: WanPayTestingOptions,
  clock: Clock,
  place: number,
): WanPayModuleOptions {
  const hasMerchants = options.merchant !== undefined || options.merchants !== undefined;
  const anyMerchant = {
    merchant: { merchantNo: String(FIRST_MERCHANT_NO + place), key: KEY },
    merchants: ANY_MERCHANT,
  };
  return {
    publicUrl: 'http://host.test',
    ...(hasMerchants ? {} : anyMerchant),
    ...options,
    ledger: options.ledger ?? new MemoryStore(),
    baseUrl: livemode ? PLATFORM_BASE_URL : 'http://wanpay.test',
    clock,
    reconciliation: { queriesPerSecond: QUERIES_PER_SECOND, ...options.reconciliation },
  };
}
