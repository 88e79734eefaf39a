import type { Payment } from '../ledger/payment.js';
import { WanPayError } from '../protocol/index.js';

/** The order number is taken by a payment on other terms. Nothing was asked of the platform. */
export class OrderTermsConflictError extends WanPayError {
  readonly code = 'order_terms_conflict';

  constructor(
    readonly orderNo: string,
    /** The terms that differ. */
    readonly terms: readonly string[],
  ) {
    super(
      `Order ${orderNo} was opened before with another ${terms.join(', ')}. ` +
        'An order number is used once: take a new one for other terms.',
    );
  }
}

/** The platform has the order, but its reply with the account (3.1.1) was lost, and it sends an account only once. */
export class AccountLostError extends WanPayError {
  readonly code = 'account_lost';

  constructor(readonly orderNo: string) {
    super(
      `WanPay has order ${orderNo}, but its reply with the account number was lost and can't be asked for again. ` +
        'Nobody knows the account, so nobody can pay it: open the payment anew under another order number.',
    );
  }
}

/** The order number is taken at the platform (6307, 3.2.1): by another ledger, or by this one before it was reset or restored. */
export class OrderNumberTakenError extends WanPayError {
  readonly code = 'order_number_taken';

  constructor(readonly orderNo: string) {
    super(
      `WanPay has order ${orderNo} already (6307), and this ledger never opened it: another ledger or environment did, or ` +
        'this one before it was reset or restored. Money to that account is not this payment’s. Take another order number.',
    );
  }
}

/** The payment is over, or its account has lapsed: nobody should be asked to pay it. Nothing was asked of the platform. */
export class PaymentEndedError extends WanPayError {
  readonly code = 'payment_ended';
  /** Private, so that an error in a log does not show the payment's account. */
  readonly #payment: Payment;

  constructor(payment: Payment) {
    const { orderNo, state } = payment;
    const why = state === 'pending' ? 'its account has lapsed' : `it is ${state}`;
    super(`Order ${orderNo} can't be paid any more: ${why}. Open the payment anew under another order number.`);
    this.#payment = payment;
  }

  /** The payment as it is. */
  get payment(): Payment {
    return this.#payment;
  }
}

/** No reported money waits for a person's decision about this payment. Nothing was changed. */
export class NothingToAcceptError extends WanPayError {
  readonly code = 'nothing_to_accept';

  constructor(readonly orderNo: string) {
    super(
      `No transfer of the amount of order ${orderNo} waits to be accepted. Only money counts that WanPay reported for a ` +
        'payment whose account never reached this ledger.',
    );
  }
}

/** Another process is asking the platform for this very order right now. */
export class PaymentInProgressError extends WanPayError {
  readonly code = 'payment_in_progress';

  constructor(readonly orderNo: string) {
    super(`Order ${orderNo} is being opened by another process. Call again in a few seconds for its account.`);
  }
}

/** There is no payment of that order number in the ledger. */
export class PaymentNotFoundError extends WanPayError {
  readonly code = 'payment_not_found';

  constructor(readonly orderNo: string) {
    super(`There is no payment for order ${orderNo}. Open it with createPayment first.`);
  }
}
