import { type AmountShape, type AmountUnit } from '../orders/amount.js';
import { type AccountShape, type DeadlineShape } from '../platform/acceptance.js';
import { type Fields } from '../platform/fields.js';

/** The two interfaces of the platform: `virtualatmpay` (3.1.1) and `orderquery` (3.1.3). */
export type InterfaceName = 'order' | 'query';

/** Where a faulty reply comes from. */
interface AtInterface {
  readonly at: InterfaceName;
}

/** A reply in place of the true one. */
interface InPlaceOfReply extends AtInterface {
  /** Whether the platform carries the request out all the same, and only answers wrongly. Default: false. */
  readonly afterActing?: boolean;
}

/** A protocol reply with a code of the table (3.2.1), such as `992`, over HTTP 200. */
export interface CodeReply extends InPlaceOfReply {
  readonly kind: 'code-reply';
  readonly code: string;
  /** Default: 系統異常. */
  readonly info?: string;
}

/** An HTTP error, such as 500, as a gateway in front of the platform gives it. */
export interface HttpErrorReply extends InPlaceOfReply {
  readonly kind: 'http-error-reply';
  /** 400 to 599. */
  readonly httpStatus: number;
  readonly body?: string;
}

/** Any body over HTTP 200. */
export interface BodyReply extends InPlaceOfReply {
  readonly kind: 'body-reply';
  readonly body: string;
}

/** What goes wrong with the reply to an order or a query. */
export type ReplyFault =
  | CodeReply
  | HttpErrorReply
  | BodyReply
  /** The true reply, but no JSON: its second half is missing. */
  | (AtInterface & { readonly kind: 'malformed-reply' })
  /** The connection breaks in the middle of the true reply. */
  | (AtInterface & { readonly kind: 'cut-off-reply' })
  /** The request is carried out, and the connection breaks instead of a reply. A refusal is no occasion for it. */
  | (AtInterface & { readonly kind: 'lost-reply' })
  /** The reply waits, in milliseconds of real time, at most an hour. */
  | (AtInterface & { readonly kind: 'slow-reply'; readonly delayMs: number })
  /** The reply carries a `sign` (2.3) over its data and its head, which the vendor's samples do not; or a wrong one. */
  | (AtInterface & { readonly kind: 'signed-reply'; readonly wrongly?: boolean })
  /** The reply's `status` is a JSON number. */
  | (AtInterface & { readonly kind: 'numeric-status-reply' })
  /** The reply says `Connection: close`, and the connection ends. */
  | (AtInterface & { readonly kind: 'closing-reply' })
  /** A connection that has carried a request before breaks instead of a reply; the request is not carried out. */
  | (AtInterface & { readonly kind: 'dropped-connection' })
  /** The unit of `total_fee` in the reply to a query; with `numbers`, it is a JSON number: `1280.00`. */
  | { readonly kind: 'query-amount'; readonly unit: AmountUnit; readonly numbers?: boolean }
  /**
   * Somebody else, such as a ledger that was reset since, has used a fresh order number before: the order exists with an
   * account that can be paid, and the reply is 6307.
   */
  | { readonly kind: 'order-taken' }
  /** The deadline in the reply to an order has another form, or is left out. */
  | { readonly kind: 'odd-deadline-reply'; readonly deadline: DeadlineShape }
  /** The account in the reply to an order has another form. */
  | { readonly kind: 'odd-account-reply'; readonly account: AccountShape }
  /** The account has 16 digits instead of 14. */
  | { readonly kind: 'long-account' }
  /** An order is paid, and its notification answered, before the order is replied to. */
  | { readonly kind: 'payment-before-reply' };

/** What goes wrong with a notification. */
export type NotificationFault =
  /** It is never sent, neither the first attempt nor a retry: only a query (or sending it by hand) tells. */
  | { readonly kind: 'dropped-notification' }
  /** Its first attempt waits, in seconds by the emulator's clock. */
  | { readonly kind: 'delayed-notification'; readonly delaySeconds: number }
  /** Its first attempt waits until another notification of the merchant was sent. */
  | { readonly kind: 'out-of-order-notification' }
  /** An attempt is made twice at once. */
  | { readonly kind: 'doubled-notification' }
  /** An attempt has a signature that is not its own. */
  | { readonly kind: 'wrongly-signed-notification' }
  /** An attempt has further fields, which the signature covers, unless `unsigned`. */
  | { readonly kind: 'extended-notification'; readonly fields: Fields; readonly unsigned?: boolean }
  /** An attempt is posted as JSON; with `numbers`, what reads as a number is one, digit for digit: `1280.00`. */
  | { readonly kind: 'json-notification'; readonly numbers?: boolean }
  /** An attempt is posted as JSON whose `status` is a number; the signature covers its shortest text, so `0` for `0000`. */
  | { readonly kind: 'numeric-status-notification' }
  /** An attempt is posted as `multipart/form-data`. */
  | { readonly kind: 'multipart-notification' }
  /** An attempt has another Content-Type; with `none`, it has no Content-Type. */
  | { readonly kind: 'content-type-notification'; readonly contentType: string }
  /** An attempt's `total_fee` has an unusual form, in dollars or cents. */
  | { readonly kind: 'odd-amount-notification'; readonly amount: AmountShape; readonly unit: AmountUnit }
  /** An attempt's `secondtimestamp` has 13 digits: milliseconds. */
  | { readonly kind: 'millisecond-timestamp-notification' }
  /** An attempt's `status` is another, such as one that the table (3.2.1) does not list. */
  | { readonly kind: 'odd-status-notification'; readonly status: string }
  /** An attempt's `bankno` is folded into its `acctno`: `…&bankno=822`. The signature stays the same (2.3). */
  | { readonly kind: 'folded-notification' }
  /** The merchant's `success` is lost on the way, so that the notification comes again. */
  | { readonly kind: 'lost-acknowledgement' };

/** What goes wrong with a payment. */
export interface SecondTransfer {
  /** A paid order is paid once more by another transfer, and the platform notifies of that transfer too. */
  readonly kind: 'second-transfer';
  /** How much later it comes, in seconds by the emulator's clock. 0: at once, after the first notification attempt. */
  readonly delaySeconds: number;
  /** Three digits. */
  readonly payerBankCode: string;
  /** 1 to 16 digits. */
  readonly payerAccount: string;
  /** Whole New Taiwan dollars. Default: as much as the first. */
  readonly paidAmount?: number | undefined;
}

/** What can go wrong. Each has a `kind`, and what else it needs beside it. */
export type Fault = ReplyFault | NotificationFault | SecondTransfer;

/** When an armed fault strikes. Everything left out means: on the next occasion, once. */
export interface FaultTrigger {
  /** How many occasions it strikes on, at least 1. Default: 1; with a share, `'always'`. */
  readonly times?: number | 'always';
  /** How many occasions pass before it may strike. Default: 0. */
  readonly skip?: number;
  /** The share of occasions on which it strikes, above 0 up to 1. The seed decides which. Default: every one. */
  readonly share?: number;
  /** Only for this merchant. Default: any. */
  readonly merchantNo?: string;
  /** Only for orders of this number. Default: any. */
  readonly orderNo?: string;
}

/** The name of a fault. */
export type FaultKind = Fault['kind'];

/** The fault, or faults, of a kind. */
export type FaultOf<K extends FaultKind> = Extract<Fault, { readonly kind: K }>;

/** Whether a fault is of one of some kinds. */
export function isOfKind<K extends FaultKind>(fault: Fault, kinds: readonly K[]): fault is FaultOf<K> {
  return kinds.some((kind) => kind === fault.kind);
}
