import { type OrderRef } from '../orders/order-ref.js';

/** Where people find an order. */
export function orderPath({ merchantNo, orderNo }: OrderRef): string {
  return `/orders/${encodeURIComponent(merchantNo)}/${encodeURIComponent(orderNo)}`;
}

/** Where what is done to an order is posted. */
export function orderActionPath(ref: OrderRef, action: 'pay' | 'fail' | 'close' | 'resend'): string {
  return `/api${orderPath(ref)}/${action}`;
}
