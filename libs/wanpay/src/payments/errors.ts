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

/** The platform has the order, and the account number that it issued never reached us; it does not tell it twice. */
export class AccountLostError extends WanPayError {
  readonly code = 'account_lost';

  constructor(readonly orderNo: string) {
    super(
      `WanPay has order ${orderNo}, but its reply with the account number was lost and can't be asked for again. ` +
        'Nobody knows the account, so nobody can pay it: open the payment anew under another order number.',
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
