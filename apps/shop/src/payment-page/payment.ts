import type { VirtualAccount } from 'nestjs-wanpay/protocol';
import type { PaymentStatus } from './payment-status.js';

/** What the payment page shows of a payment. */
export interface ShownPayment {
  readonly status: PaymentStatus;
  /** Whole New Taiwan dollars. */
  readonly amount: number;
  /** What came besides, in whole dollars: transfers of another amount, or after it was paid. */
  readonly received?: readonly number[];
  /** Where the payer can order the same again, once this can't be paid any more. */
  readonly orderAgainUrl?: string;
  /** Where to transfer the money; absent until the platform issued it. */
  readonly account?: VirtualAccount;
}

/** Names the version of a payment that a page shows, such as `paid-1`. It changes when the page has to change. */
export function versionOf({ status, received = [] }: ShownPayment): string {
  return received.length === 0 ? status.kind : `${status.kind}-${received.length}`;
}

/** Whether money is awaited that can't come in time any more. The platform has the last word on what became of it. */
export function isOverdue({ status, account }: ShownPayment, now: Date): boolean {
  return status.kind === 'pending' && account !== undefined && account.expiresAt < now;
}
