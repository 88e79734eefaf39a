export { type CheckSchedule, nextCheck, plannedChecks } from './check-schedule.js';
export {
  type Claimed,
  type ClaimedDelivery,
  Deliveries,
  type Delivery,
  type DeliveryCounts,
  type DeliveryFilter,
  type DeliveryOffer,
  type DeliveryPage,
  type HandlerStatus,
  type OfferDeliveries,
  type ReplayFilter,
} from './deliveries.js';
export {
  ClaimLostError,
  ContentionError,
  HandlerInUseError,
  InvalidCursorError,
  NoTransactionsError,
  StoreUnavailableError,
} from './errors.js';
export {
  ATM_EVENT_TYPES,
  type AtmAmountMismatch,
  type AtmClosed,
  type AtmEvent,
  type AtmEventOf,
  type AtmEventType,
  type AtmExpired,
  type AtmFailed,
  type AtmIssued,
  type AtmPaid,
  type AtmUnknownOrder,
} from './events.js';
export { type DueCheck, type EventListener, Ledger, type NextCheck, type Report, type Settled } from './ledger.js';
export type { IssuedPayment, Payment, PaymentKey, PaymentState } from './payment.js';
export type { PersonAction, PersonActionKind } from './person-action.js';
export { readEventDetails, readOutcome, readPayment, readUnknownOrder, writeDocument } from './record.js';
export { needsReview, type Review } from './review.js';
export { issue, settle, type Settlement, unknownOrder } from './settle.js';
export type * from './store.js';
export { type EventDetails, type StoredEvent, toEvent, toStoredEvent } from './stored-event.js';
export { MemoryStore } from './stores/memory/memory-store.js';
export type {
  ActionEntry,
  EventDelivery,
  EventEntry,
  OutcomeEntry,
  PaymentFilter,
  PaymentPage,
  TimelineEntry,
  UnknownOrderFilter,
  UnknownOrderPage,
} from './timeline.js';
export type { QueueJobs, SweepResult, Workers, WorkQueue } from './work-queue.js';
