import type { PaymentKey } from '../payment.js';

/** Order numbers of strangers may hold any character, so the two parts are kept apart by one that neither can hide. */
export function nameOf({ merchantNo, orderNo }: PaymentKey): string {
  return JSON.stringify([merchantNo, orderNo]);
}
