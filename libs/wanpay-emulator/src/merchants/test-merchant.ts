import { type MerchantOptions } from './merchants.js';

/** The test merchant that the vendor's document publishes with its key (2.1). */
export const TEST_MERCHANT: MerchantOptions = { merchantNo: '21008024', key: 'QGbZvggxNdGgMUnp' };
