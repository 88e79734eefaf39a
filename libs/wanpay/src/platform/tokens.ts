/** The injection token of the {@link Clock}. */
export const CLOCK = Symbol('WanPayClock');
/** The injection token of the {@link MerchantRegistry}. */
export const MERCHANT_REGISTRY = Symbol('WanPayMerchantRegistry');
/** The injection token of {@link PlatformClientSettings}. */
export const PLATFORM_CLIENT_SETTINGS = Symbol('WanPayPlatformClientSettings');
/** The injection token of the `HttpService` that the platform is reached with: nobody else's, so nobody else's interceptors and mocks. */
export const PLATFORM_HTTP = Symbol('WanPayPlatformHttp');
/** The injection token of what times heartbeats; the machine's own timers where nothing is provided. */
export const HEART = Symbol('WanPayHeart');
/** The injection token of the source of random numbers from 0 to below 1; Math.random where nothing is provided. */
export const RANDOM = Symbol('WanPayRandom');
