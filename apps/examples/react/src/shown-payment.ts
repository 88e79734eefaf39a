import type { PaymentState } from 'nestjs-wanpay';

/** A payment as the page gets it: JSON, and only what its payer may see. */
export interface ShownPayment {
  readonly orderNo: string;
  /** Whole New Taiwan dollars. */
  readonly amount: number;
  readonly state: PaymentState;
  readonly bankCode?: string;
  readonly accountNumber?: string;
  /** ISO 8601. */
  readonly expiresAt?: string;
}
