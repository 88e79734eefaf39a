import { type FaultKind } from './fault.js';
import { FAULT_KINDS, type FaultInput, isFaultKind } from './fault-input.js';

/** What a fault needs beside its kind. */
export type FaultParameter = Exclude<keyof FaultInput, 'kind'>;

/** A kind of fault, for people. */
export interface FaultDescription {
  readonly kind: FaultKind;
  /** What goes wrong, in a sentence. */
  readonly says: string;
  /** What it takes; all of it has a default, but `code`. */
  readonly takes: readonly FaultParameter[];
}

type Entry = readonly [says: string, ...takes: FaultParameter[]];

const ENTRIES: Readonly<Record<FaultKind, Entry>> = {
  'code-reply': ['The reply is a code such as 992 or 999, over HTTP 200.', 'at', 'code', 'info', 'afterActing'],
  'http-error-reply': [
    'The reply is an HTTP error, such as a gateway in front of the platform sends.',
    'at',
    'httpStatus',
    'body',
    'afterActing',
  ],
  'body-reply': ['The reply is any body, over HTTP 200.', 'at', 'body', 'afterActing'],
  'malformed-reply': ['The second half of the reply’s JSON is missing.', 'at'],
  'cut-off-reply': ['The connection breaks in the middle of the reply.', 'at'],
  'lost-reply': ['The request is carried out, and the connection breaks instead of a reply.', 'at'],
  'slow-reply': ['The reply waits, in real time.', 'at', 'delayMs'],
  'signed-reply': ['The reply carries a signature, which the vendor’s samples do not.', 'at', 'wrongly'],
  'numeric-status-reply': ['The reply’s status is a JSON number.', 'at'],
  'closing-reply': ['The reply closes its connection.', 'at'],
  'dropped-connection': ['A connection that is used again breaks instead of a reply: nothing is carried out.', 'at'],
  'query-amount': ['The amount in the reply to a query is in this unit, optionally as a number.', 'unit', 'numbers'],
  'order-taken': ['A fresh number is taken (6307): somebody else has opened the order, and its account can be paid.'],
  'odd-deadline-reply': ['The deadline in the reply to an order has another form, or is left out.', 'deadline'],
  'odd-account-reply': ['The account in the reply to an order has another form.', 'account'],
  'long-account': ['The account of an order has 16 digits instead of 14.'],
  'payment-before-reply': ['An order is paid, and the notification answered, before the reply to the order.'],
  'dropped-notification': ['A notification is never sent, nor its retries: only a query tells.'],
  'delayed-notification': ['The first attempt of a notification waits, by the emulator’s clock.', 'delaySeconds'],
  'out-of-order-notification': ['The first attempt waits until another notification of the merchant was sent.'],
  'doubled-notification': ['An attempt is made twice at once.'],
  'wrongly-signed-notification': ['An attempt is signed by a wrong key.'],
  'extended-notification': ['An attempt has further fields, signed or not.', 'fields', 'unsigned'],
  'json-notification': ['An attempt is posted as JSON, optionally with numbers as JSON numbers.', 'numbers'],
  'numeric-status-notification': ['An attempt is posted as JSON with a number for its status: 0 for 0000.'],
  'multipart-notification': ['An attempt is posted as multipart/form-data.'],
  'content-type-notification': ['An attempt has another Content-Type, such as charset=utf8, or none.', 'contentType'],
  'odd-amount-notification': ['An attempt’s amount has an unusual form, or is left out.', 'amount', 'unit'],
  'millisecond-timestamp-notification': ['An attempt’s timestamp is in milliseconds: 13 digits.'],
  'odd-status-notification': ['An attempt’s status is one that the protocol does not list.', 'status'],
  'folded-notification': ['An attempt’s bank is folded into its account, which leaves the signature as it was.'],
  'lost-acknowledgement': ['The merchant’s success is lost on the way, so the notification comes again.'],
  'second-transfer': [
    'An order that is paid is paid once more: another transfer, with its own time, bank, account and amount.',
    'delaySeconds',
    'payerBankCode',
    'payerAccount',
    'paidAmount',
  ],
};

/** Every kind of fault with what it does and takes, in the order of {@link FAULT_KINDS}. */
export const CATALOGUE: readonly FaultDescription[] = FAULT_KINDS.filter(isFaultKind).map((kind) => {
  const [says, ...takes] = ENTRIES[kind];
  return { kind, says, takes };
});

/** What a fault does, in a sentence. */
export function describeFault(kind: FaultKind): string {
  return ENTRIES[kind][0];
}
