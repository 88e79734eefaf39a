import type { Payment, Transfer } from 'nestjs-wanpay';
import { readAmounts } from 'nestjs-wanpay/protocol';
import { formatMoney } from './format.js';

/** The whole dollars of the transfers that did not pay a payment, those left out whose amount nobody can read. */
export function receivedAmounts({ otherTransfers = [], amount }: Pick<Payment, 'otherTransfers' | 'amount'>): number[] {
  return otherTransfers.flatMap(({ reportedAmount }) => readReported(reportedAmount, amount) ?? []);
}

/** `NT$12,801 (1280100)`: a transfer's amount, and beside it what the platform wrote. */
export function formatReceived({ reportedAmount }: Transfer, asked: number): string {
  const amount = readReported(reportedAmount, asked);
  return amount === undefined ? `an unknown amount (${reportedAmount})` : `${formatMoney(amount)} (${reportedAmount})`;
}

/** The platform writes dollars or cents, and does not say which: whichever is nearer to what was asked is meant. */
function readReported(reported: string, asked: number): number | undefined {
  const { dollars, cents } = readAmounts(reported);
  if (dollars === undefined || cents === undefined || reported.includes('.')) return dollars ?? cents;
  return Math.abs(dollars - asked) < Math.abs(cents - asked) ? dollars : cents;
}
