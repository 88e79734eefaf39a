import { OrderStateError } from '../errors.js';
import { type OrderRef } from './order-ref.js';

/** Every state that an order can have. */
export const ORDER_STATES = ['unpaid', 'paying', 'paid', 'failed', 'closed'] as const;

/** Where an order stands; in the reply to a query 5801, 5804, 0000, 5805 and 5803 (3.2.1). */
export type OrderState = (typeof ORDER_STATES)[number];

/** The bank account that belongs to one order (3.1.1). */
export interface Account {
  /** 14 digits, `code_url` on the wire. */
  readonly number: string;
  readonly bankCode: string;
  readonly bankName: string;
  readonly branchCode: string;
  readonly branchName: string;
  /** The account holder's name, `receiver` on the wire. */
  readonly holder: string;
}

/** A transfer that reached an order's account, or one that failed. */
export interface Transfer {
  /** Whole New Taiwan dollars; what was asked for, or not. */
  readonly amount: number;
  /** Three digits (`bankno`). */
  readonly payerBankCode: string;
  /** Up to 16 digits (`acctno`). */
  readonly payerAccount: string;
  /** When it happened (`orderdate`). */
  readonly at: Date;
}

/** An order as the platform keeps it: a value, never changed in place. */
export interface Order extends OrderRef {
  /** What was asked for, in whole New Taiwan dollars. */
  readonly amount: number;
  readonly description?: string;
  readonly returnUrl?: string;
  /** Where results are posted (`backurl`); without it the platform notifies no one. */
  readonly notificationUrl?: string;
  readonly account: Account;
  readonly openedAt: Date;
  /** The last second in which the account is valid: 23:59:59 Taipei (3.1.1). */
  readonly expiresAt: Date;
  readonly state: OrderState;
  /** The latest transfer: the one that paid it, or the one that failed. */
  readonly transfer?: Transfer;
  /** The transfers that paid it before the latest, oldest first; absent when there was none. */
  readonly earlierTransfers?: readonly Transfer[];
}

/** A payment is on its way: an unpaid order is `paying`; to any other state that changes nothing yet. */
export function startPaying(order: Order): Order {
  return order.state === 'unpaid' ? { ...order, state: 'paying' } : order;
}

/** Money has come. It pays an order in any state, a closed one included: the bank books it all the same. */
export function receive(order: Order, transfer: Transfer): Order {
  if (order.state !== 'paid' || !order.transfer) return { ...order, state: 'paid', transfer };
  return { ...order, transfer, earlierTransfers: [...(order.earlierTransfers ?? []), order.transfer] };
}

/**
 * The payer's transfer failed.
 *
 * @throws OrderStateError unless the order waits for money
 */
export function fail(order: Order, transfer: Transfer): Order {
  assertOpen(order, 'fail');
  return { ...order, state: 'failed', transfer };
}

/**
 * The platform takes no more money for the order, so it believes.
 *
 * @throws OrderStateError unless the order waits for money
 */
export function close(order: Order): Order {
  assertOpen(order, 'be closed');
  return { ...order, state: 'closed' };
}

/** The account has lapsed: an order that still waits for money is closed. */
export function expire(order: Order): Order {
  return isOpen(order) ? { ...order, state: 'closed' } : order;
}

/** Whether the order waits for money. */
export function isOpen(order: Order): boolean {
  return order.state === 'unpaid' || order.state === 'paying';
}

function assertOpen(order: Order, what: string): void {
  if (!isOpen(order)) throw new OrderStateError(`Order ${order.orderNo} is ${order.state} and cannot ${what}.`);
}
