export { OnAtmEvent, type OnAtmEventOptions } from './delivery/on-atm-event.decorator.js';
export type { DeliveryCounts } from './delivery/delivery.js';
export { HandlerRegistrationError } from './delivery/handlers.js';
export {
  MalformedReplyError,
  PlatformError,
  PlatformRefusedError,
  PlatformUnreachableError,
  ReplySignatureError,
  ResultUnknownError,
  UnknownMerchantError,
} from './gateway/errors.js';
export { type Merchant, type MerchantRegistry } from './gateway/merchants.js';
export {
  ATM_EVENT_TYPES,
  type AtmClosed,
  type AtmEvent,
  type AtmEventOf,
  type AtmEventType,
  type AtmExpired,
  type AtmFailed,
  type AtmIssued,
  type AtmMismatched,
  type AtmPaid,
  type AtmUnmatched,
} from './ledger/events.js';
export type {
  DeadLetter,
  DeliveryAttempt,
  DeliveryFailure,
  DueCheck,
  EventOwed,
  Ledger,
  NextCheck,
  OutcomeSeen,
  OutcomeSource,
  OwedEvent,
  PaymentFilter,
  PaymentPage,
  Period,
  PeriodSummary,
  Report,
  Settled,
  TimelineEntry,
  TransactionSupport,
} from './ledger/ledger.js';
export { type CheckSchedule, nextCheck, plannedChecks } from './ledger/check-schedule.js';
export { ClaimLostError, InvalidCursorError, NoTransactionsError } from './ledger/errors.js';
export { MemoryLedger } from './ledger/memory/memory-ledger.js';
export type { IssuedPayment, Payment, PaymentKey, PaymentState } from './ledger/payment.js';
export { issue, settle, type Settlement, unmatched } from './ledger/settle.js';
export type { WorkQueue, Workers } from './ledger/work-queue.js';
export { NotificationRefusedError, type RefusalReason } from './notifications/errors.js';
export {
  AccountLostError,
  OrderTermsConflictError,
  PaymentInProgressError,
  PaymentNotFoundError,
} from './payments/errors.js';
export type { CreatePayment } from './payments/payments.js';
export {
  type Clock,
  InvalidFieldError,
  MalformedMessageError,
  type Outcome,
  type OutcomeStatus,
  type Payer,
  type VirtualAccount,
  WanPayError,
} from './protocol/index.js';
export type { ReconciliationProgress, ReconciliationReport } from './reconciliation/reconciliation.js';
export type { SweepResult } from './reconciliation/sweeper.js';
export { wanpayConfig } from './wanpay.config.js';
export { WanPayModule, type WanPayModuleExtras } from './wanpay.module.js';
export {
  DeliveryOptions,
  MerchantOptions,
  ReconciliationOptions,
  type WanPayCollaborators,
  type WanPayModuleOptions,
  WanPayOptions,
} from './wanpay.options.js';
export { type MerchantChoice, type PaymentReturn, WanPayService } from './wanpay.service.js';
export { WanPayConfigurationError } from './wanpay.settings.js';
export { getWanPayToken, InjectWanPay } from './wanpay.tokens.js';
