import { InvalidArgumentError } from '../errors.js';
import { type Order, type Transfer } from '../orders/order.js';

/** How a payer pays. */
export interface PaymentOptions {
  /** Whole New Taiwan dollars, at least 1; the bank lets payers err. Default: what was asked for. */
  readonly amount?: number | undefined;
  /** The payer's bank, three digits (`bankno`, 3.1.2). Default: 822. */
  readonly payerBankCode?: string | undefined;
  /** The payer's account, 1 to 16 digits (`acctno`, 3.1.2). */
  readonly payerAccount?: string | undefined;
  /**
   * When the money arrives, by the emulator's clock. A later moment is waited for, and until then an unpaid order
   * is "paying" (5804); an earlier one is only what the platform reports. `'after-deadline'` is a minute after the
   * account has lapsed. Default: now.
   */
  readonly at?: Date | 'after-deadline' | undefined;
  /** Pay once more an order that is paid already: the platform notifies again. Default: refuse. */
  readonly again?: boolean | undefined;
  /** Whether to wait until the first notification attempt has ended. Default: yes. */
  readonly wait?: boolean | undefined;
}

const MINUTE_MS = 60_000;
const DEFAULT_PAYER = { payerBankCode: '822', payerAccount: '0000123456789012' };

/**
 * The transfer that a payer makes.
 *
 * @throws InvalidArgumentError naming the first option that no bank would take
 */
export function readTransfer(order: Order, options: PaymentOptions, now: Date): Transfer {
  const transfer = {
    amount: options.amount ?? order.amount,
    payerBankCode: options.payerBankCode ?? DEFAULT_PAYER.payerBankCode,
    payerAccount: options.payerAccount ?? DEFAULT_PAYER.payerAccount,
    at: options.at === 'after-deadline' ? new Date(order.expiresAt.getTime() + MINUTE_MS) : (options.at ?? now),
  };
  if (!Number.isSafeInteger(transfer.amount) || transfer.amount < 1) {
    throw new InvalidArgumentError('amount', 'must be a whole number of New Taiwan dollars, at least 1.');
  }
  if (!/^\d{3}$/.test(transfer.payerBankCode)) throw new InvalidArgumentError('payerBankCode', 'must be three digits.');
  if (!/^\d{1,16}$/.test(transfer.payerAccount)) {
    throw new InvalidArgumentError('payerAccount', 'must be 1 to 16 digits.');
  }
  if (Number.isNaN(transfer.at.getTime())) throw new InvalidArgumentError('at', 'must be a date.');
  return transfer;
}
