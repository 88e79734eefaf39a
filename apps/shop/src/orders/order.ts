import type { IssuedPayment } from 'nestjs-wanpay';
import type { Item } from '../catalogue/catalogue.js';

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
  readonly status: OrderStatus;
  /** With the account that the customer pays to; absent until the platform issued one. */
  readonly payment?: IssuedPayment;
}

/** Where an order stands, in the shop's words. */
export type OrderStatus =
  /** The shop has it, and no account for it yet. */
  | { readonly kind: 'placed' }
  /** The customer has been shown where to pay. */
  | { readonly kind: 'pending' }
  | {
      readonly kind: 'paid';
      readonly paidAt: Date;
      /** The money came after the deadline, or after the payment had failed. */
      readonly late: boolean;
      /** No real money moved, so nothing is shipped. */
      readonly test: boolean;
    }
  /** Another amount came than was asked for: a person has to look. */
  | { readonly kind: 'mismatched' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'expired' };
