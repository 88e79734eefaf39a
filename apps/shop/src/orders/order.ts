import type { IssuedPayment } from 'nestjs-wanpay';
import type { Item } from '../catalogue/catalogue.js';
import type { ShownPayment } from '../payment-page/payment.js';
import type { PaymentStatus } from '../payment-page/payment-status.js';

/** What a customer asks for. */
export interface NewOrder {
  readonly orderNo: string;
  readonly item: Item;
  readonly quantity: number;
  readonly recipient: string;
}

/** An order as the shop keeps it: a value, never changed in place. */
export interface Order extends NewOrder {
  /** Whole New Taiwan dollars, as they were when the order was placed. */
  readonly amount: number;
  readonly status: PaymentStatus;
  /** Transfers that did not pay it, in whole dollars: of another amount, or a second one. */
  readonly received?: readonly number[];
  /** With the account that the customer pays to; absent until the platform issued one. */
  readonly payment?: IssuedPayment;
}

/** An order as the payment page's parts take it. */
export function shownPayment({ status, amount, received = [], item, quantity, payment }: Order): ShownPayment {
  const account = payment ? { account: payment.account } : {};
  return { status, amount, received, orderAgainUrl: orderAgainUrl(item, quantity), ...account };
}

/** The page where a customer orders the same item again. */
export function orderAgainUrl(item: Item, quantity: number): string {
  return `/checkout/${item.id}?quantity=${quantity}`;
}
