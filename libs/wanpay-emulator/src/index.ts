export { type PaymentOptions } from './bank/payment.js';
export { type Duration } from './clock/duration.js';
export { VirtualClock, type VirtualClockOptions } from './clock/virtual-clock.js';
export { type CloseOrderOptions, type OrderOptions, startWanPayEmulator, type WanPayEmulator } from './emulator.js';
export { type WanPayEmulatorOptions } from './emulator.settings.js';
export {
  EmulatorError,
  InvalidArgumentError,
  ListenError,
  NothingToResendError,
  OrderStateError,
  UnknownOrderError,
} from './errors.js';
export { type Faults, type FaultyAnswer, type FaultyAnswerOptions, type InterfaceName } from './faults/faults.js';
export { type MerchantOptions, TEST_MERCHANT } from './merchants/merchants.js';
export { type NotificationAttempt } from './notifications/attempt-record.js';
export { type RetrySchedule } from './notifications/retry-schedule.js';
export { type AmountUnit } from './orders/amount.js';
export { type Account, type Order, type OrderState, type Transfer } from './orders/order.js';
