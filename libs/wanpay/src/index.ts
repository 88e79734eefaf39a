export type { AtmHandlerContext } from './delivery/handler-context.js';
export { HandlerRegistrationError } from './delivery/handlers.js';
export { OnAtmEvent } from './delivery/on-atm-event.decorator.js';
export type { Delivery } from './ledger/deliveries.js';
export type {
  AtmAmountMismatch,
  AtmEvent,
  AtmEventOf,
  AtmEventType,
  AtmPaid,
  AtmUnknownOrder,
} from './ledger/events.js';
export type { IssuedPayment, Payment, PaymentState } from './ledger/payment.js';
export type { Transfer } from './ledger/transfer.js';
export { NotificationRefusedError } from './notifications/errors.js';
export {
  AccountLostError,
  NothingToAcceptError,
  OrderNumberTakenError,
  OrderTermsConflictError,
  PaymentEndedError,
  PaymentInProgressError,
  PaymentNotFoundError,
} from './payments/errors.js';
export type { CreatePayment } from './payments/payments.js';
export {
  MalformedReplyError,
  PlatformError,
  PlatformRefusedError,
  PlatformUnreachableError,
  ReplySignatureError,
  ResultUnknownError,
  UnknownMerchantError,
} from './platform/errors.js';
export type { Merchant, MerchantRegistry } from './platform/merchants.js';
export { type Clock, InvalidFieldError, WanPayError } from './protocol/index.js';
export type { ReconciliationReport } from './reconciliation/reconciliation.js';
export { wanpayConfig } from './wanpay.config.js';
export { getWanPayToken, InjectWanPay } from './wanpay.injection.js';
export type { WanPayModuleExtras } from './wanpay.extras.js';
export { WanPayModule } from './wanpay.module.js';
export type { WanPayModuleOptions } from './wanpay.options.js';
export { type PaymentReturn, WanPayService } from './wanpay.service.js';
export { WanPayConfigurationError } from './wanpay.settings.js';
