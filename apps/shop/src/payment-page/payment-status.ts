/** How a payment stands, in the words in which the payer is told. */
export type PaymentStatus =
  /** There is no account to pay to yet. */
  | { readonly kind: 'placed' }
  /** The payer has been shown where to pay. */
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
