import { type Fault, type FaultTrigger, type InterfaceName } from '../faults/fault.js';
import { type MerchantView } from '../merchants/merchant-view.js';
import { type NotificationAttempt } from '../notifications/attempt-record.js';
import { type OrderRef } from '../orders/order-ref.js';
import { type OrderState, type Transfer } from '../orders/order.js';
import { type SignatureFinding } from '../platform/signature-finding.js';

/** How a request ended. */
export interface RequestEnding {
  /** The HTTP status; absent when the connection broke instead. */
  readonly httpStatus?: number;
  /** What was sent, or would have been. */
  readonly body: string;
  /** How long it took, in milliseconds of real time, without the wait that a fault adds. */
  readonly latencyMs: number;
  /** The code and the rule that the request broke; absent when it was not refused. */
  readonly refusal?: { readonly status: string; readonly rule: string; readonly signature?: SignatureFinding };
}

/** A request of a merchant (3.1.1, 3.1.3), as it came. */
export interface RequestRecord extends Partial<OrderRef> {
  readonly kind: 'request';
  readonly interface: InterfaceName;
  /** The address that it came from. */
  readonly source: string;
  readonly contentType: string;
  /** As it came; of a long one, the beginning. */
  readonly body: string;
  /** How many characters the whole body had; absent when `body` is the whole. */
  readonly length?: number;
  /** Absent until it is answered. */
  ending?: RequestEnding;
}

/** Something that a person, a program or a test had done. */
export type ActionRecord = { readonly kind: 'action' } & (
  | ({ readonly name: 'pay'; readonly transfer: Transfer; readonly again: boolean } & OrderRef)
  | ({ readonly name: 'fail' } & OrderRef)
  | ({ readonly name: 'close'; readonly notify: boolean } & OrderRef)
  | ({ readonly name: 'resend'; readonly notification: number } & OrderRef)
  | { readonly name: 'arm'; readonly faultId: string; readonly fault: Fault; readonly trigger: FaultTrigger }
  | { readonly name: 'disarm'; readonly faultId: string }
  | { readonly name: 'clear-faults' }
  | ({ readonly name: 'add-merchant' } & MerchantView)
  | { readonly name: 'add-key'; readonly merchantNo: string; readonly keyId: string }
  | { readonly name: 'remove-key'; readonly merchantNo: string; readonly keyId: string }
  | { readonly name: 'allow-sources'; readonly merchantNo: string; readonly allowedSources?: readonly string[] }
);

/** An order came to stand otherwise. */
export interface StateRecord extends OrderRef {
  readonly kind: 'state';
  readonly state: OrderState;
  readonly transfer?: Transfer;
}

/** A fault struck. */
export interface FaultRecord extends Partial<OrderRef> {
  readonly kind: 'fault';
  readonly fault: Fault;
}

/** An attempt to notify a merchant ended. */
export interface AttemptRecord extends OrderRef {
  readonly kind: 'attempt';
  readonly attempt: NotificationAttempt;
}

export type JournalRecord = RequestRecord | ActionRecord | StateRecord | FaultRecord | AttemptRecord;

/** What the journal adds to a record. */
interface Written {
  /** Counts up from 1. */
  readonly id: number;
  /** By the emulator's clock. */
  readonly at: Date;
}

/** One thing that happened, with its number and time by the emulator's clock. */
export type JournalEntry = RequestEntry | (Exclude<JournalRecord, RequestRecord> & Written);
/** A merchant's request to the platform, refused ones included. Its `number` counts requests alone, from 1. */
export type RequestEntry = RequestRecord & Written & { readonly number: number };
export type ActionEntry = ActionRecord & Written;
