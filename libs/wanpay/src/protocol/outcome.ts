/** What the platform says of a payment. `unknown` is a code that the protocol does not list. */
export type OutcomeStatus = 'paid' | 'unpaid' | 'paying' | 'closed' | 'failed' | 'unknown';

/** Who paid: the payer's bank and account (3.1.2, 3.1.3). Either may be missing. */
export interface Payer {
  /** Three digits. */
  readonly bankCode?: string;
  /** Up to 16 digits. */
  readonly account?: string;
}

/** What one notification or one query says of a payment. */
export interface Outcome {
  readonly status: OutcomeStatus;
  /** The platform's own code for it, such as `0000`. */
  readonly code: string;
  /** `total_fee` as received; compare it with `matchAmount`, since its unit is not certain. */
  readonly reportedAmount?: string;
  readonly payer?: Payer;
  /** When the payer paid (`orderdate`). */
  readonly transactedAt?: Date;
  /** The words that come with it, such as a person's reason. */
  readonly message?: string;
}

const STATUS_BY_CODE: Readonly<Record<string, OutcomeStatus>> = {
  '0000': 'paid',
  '5801': 'unpaid',
  '5803': 'closed',
  '5804': 'paying',
  '5805': 'failed',
};

/** Reads an order status (3.2.1). */
export function outcomeStatus(code: string): OutcomeStatus {
  return Object.hasOwn(STATUS_BY_CODE, code) ? (STATUS_BY_CODE[code] ?? 'unknown') : 'unknown';
}

/** Reads `bankno` and `acctno`; undefined when the message names no payer. */
export function readPayer(bankCode: string | undefined, account: string | undefined): Payer | undefined {
  if (bankCode && account) return { bankCode, account };
  if (bankCode) return { bankCode };
  return account ? { account } : undefined;
}
