import type { PaymentKey } from '../payment.js';

/** Order numbers of strangers may hold any character, so the length says where the merchant's number ends. */
export function nameOf({ merchantNo, orderNo }: PaymentKey): string {
  return `${merchantNo.length} ${merchantNo}${orderNo}`;
}
