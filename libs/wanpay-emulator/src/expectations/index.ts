export {
  type ExpectedNotification,
  type ExpectedPayment,
  type Verdict,
  wanpayMatchers,
  type WanPayMatchers,
} from './matchers.js';
export { type TestHooks, useWanPayEmulator } from './use-wanpay-emulator.js';
