export type { Duration } from './duration.js';
export { HandlerFailedError, type HandlerFailure, NoInstanceError, NotStartedError, TestOrderError } from './errors.js';
export type { PlatformTrouble } from './fake-platform.js';
export type { OrderChoice, TestOrder, TestTransfer } from './order-book.js';
export type { WanPayTestingOptions } from './testing-options.js';
export { type InstanceChoice, type PayOrderOptions, WanPayTesting } from './wanpay-testing.js';
export { type ProviderOverrides, WanPayTestingModule, type WanPayTestingRootOptions } from './wanpay-testing.module.js';
