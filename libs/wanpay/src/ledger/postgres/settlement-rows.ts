import type { Outcome } from '../../protocol/index.js';
import type { AtmEvent } from '../events.js';
import type { OutcomeSource } from '../ledger.js';
import type { Payment, PaymentKey, PaymentState } from '../payment.js';

/** What is to be written of one order, all of it or nothing. */
export interface OrderWrite {
  readonly key: PaymentKey;
  /** Of the payment as it was read; undefined when there was none. */
  readonly version: string | undefined;
  /** The payment as it is to be, if it changed. */
  readonly payment?: Payment;
  /** Whether its account became known. */
  readonly isIssued: boolean;
  /** When its check is to be at the latest, unless it is paid. */
  readonly checkAt?: Date | undefined;
  readonly outcomes: readonly OutcomeWrite[];
  readonly events: readonly EventWrite[];
}

/** An outcome to be recorded. */
export interface OutcomeWrite {
  readonly outcome: Outcome;
  readonly source: OutcomeSource;
  readonly at: Date;
  readonly change: { readonly from: PaymentState; readonly to: PaymentState } | undefined;
}

/** An event to be owed. */
export interface EventWrite {
  readonly event: AtmEvent;
  readonly dueAt: Date;
}

/** An order with its place in the batch. */
export interface NumberedOrder extends OrderWrite {
  readonly n: number;
}

/** An outcome with its order's place in the batch, if it is written only with that. */
export interface NumberedOutcome {
  readonly n: number | undefined;
  readonly key: PaymentKey;
  readonly seen: OutcomeWrite;
}

/** An event with its order's place in the batch. */
export interface NumberedEvent {
  readonly n: number;
  readonly key: PaymentKey;
  readonly owed: EventWrite;
}

/** A payment that was read and stays as it is: its outcomes are recorded whatever becomes of it meanwhile. */
export function isUnchanged(order: OrderWrite): boolean {
  return order.version !== undefined && !order.payment && !isHastened(order);
}

/** A payment that was read and stays as it is, but for being asked after. */
export function isHastened({ payment, checkAt }: OrderWrite): boolean {
  return !payment && checkAt !== undefined;
}

/** The order in which a statement locks payments: any, so long as it is the same for all. */
export function byKey(a: PaymentKey, b: PaymentKey): number {
  return compare(a.merchantNo, b.merchantNo) || compare(a.orderNo, b.orderNo);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
