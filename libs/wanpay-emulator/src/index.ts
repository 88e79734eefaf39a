export { type PaymentOptions } from './bank/payment.js';
export { remoteClock, type RemoteClock, type RemoteClockOptions } from './clock/remote-clock.js';
export { type Duration } from './clock/duration.js';
export { VirtualClock, type VirtualClockOptions } from './clock/virtual-clock.js';
export {
  type CloseOrderOptions,
  type MerchantRegistry,
  type OrderOptions,
  type ResendOptions,
  startWanPayEmulator,
  type WanPayEmulator,
} from './emulator.js';
export { type WanPayEmulatorOptions } from './emulator.settings.js';
export {
  EmulatorError,
  InvalidArgumentError,
  ListenError,
  NothingToResendError,
  OrderRefusedError,
  OrderStateError,
  SessionForgottenError,
  StateFileError,
  UnknownMerchantError,
  UnknownOrderError,
} from './errors.js';
export {
  type Fault,
  type FaultKind,
  type FaultTrigger,
  type InterfaceName,
  type NotificationFault,
  type ReplyFault,
  type SecondTransfer,
} from './faults/fault.js';
export { type ArmedFault, type Faults, type FaultyAnswer, type FaultyAnswerOptions } from './faults/fault-plan.js';
export { type JournalEntry, type RequestEntry } from './journal/entry.js';
export { type MerchantView } from './merchants/merchant-view.js';
export { type MerchantOptions } from './merchants/merchants.js';
export { TEST_MERCHANT } from './merchants/test-merchant.js';
export { type NotificationAttempt } from './notifications/attempt-record.js';
export { type RetrySchedule } from './notifications/retry-schedule.js';
export { type AmountShape, type AmountUnit } from './orders/amount.js';
export { type AccountShape, type DeadlineShape } from './platform/acceptance.js';
export { type OrderRef } from './orders/order-ref.js';
export { type Account, type Order, type OrderState, type Transfer } from './orders/order.js';
