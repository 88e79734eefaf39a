export { type ExpectedNotification, type ExpectedPayment, wanpayMatchers, type WanPayMatchers } from './matchers.js';
export { type TestHooks, useWanPayEmulator } from './use-wanpay-emulator.js';
