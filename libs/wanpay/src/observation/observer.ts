/** Something that the module does, which takes time and may fail. */
export type Operation =
  | { readonly name: 'createPayment'; readonly merchantNo?: string | undefined; readonly orderNo?: string | undefined }
  | { readonly name: 'queryPayment'; readonly merchantNo?: string | undefined; readonly orderNo: string }
  /** Recording a notification that was verified. */
  | { readonly name: 'notification'; readonly merchantNo: string; readonly orderNo: string }
  /** One attempt of a handler. */
  | {
      readonly name: 'delivery';
      readonly handler: string;
      readonly type: string;
      readonly eventId: string;
      readonly attempt: number;
      readonly merchantNo: string;
      readonly orderNo: string;
      /** The trace context in which the event was recorded, in whatever process, as W3C's `traceparent`. */
      readonly trace?: string | undefined;
    }
  | { readonly name: 'sweep' }
  /** One request to the platform; a retry is another one. */
  | { readonly name: 'platformRequest'; readonly interface: string; readonly merchantNo: string };

/** What became of a request to the notification route. Besides these, a refusal has the name of its reason. */
export type NotificationResult =
  | 'acknowledged'
  /** It was verified or could not be, and the module failed, say because of the database: the platform repeats it. */
  | 'failed'
  /** It was verified, and something of the host's answered in the module's place. */
  | 'unacknowledged'
  /** Something of the host's refused it before the module saw it. */
  | 'refused_by_host'
  | 'broken_off'
  | 'too_large'
  | 'malformed'
  | 'unknown_merchant'
  | 'bad_signature'
  | 'stale'
  | 'source_not_allowed';

/** Something that came to an end, to be counted. */
export type Occurrence =
  | { readonly kind: 'notification'; readonly result: NotificationResult }
  /** What the platform, or a person, said of a payment was applied. */
  | {
      readonly kind: 'settlement';
      /** The payment's state then; `unknown_order` where the ledger has no such payment. */
      readonly state: string;
      readonly source: string;
      /** The ids of the events that came of it: none where it was known already. */
      readonly eventIds: readonly string[];
    }
  | {
      readonly kind: 'delivery';
      readonly handler: string;
      readonly type: string;
      /** `retried` is an attempt that failed and is made again, `dead` one after which the delivery was given up. */
      readonly result: 'delivered' | 'retried' | 'dead';
      /** From the payer's transfer to the end of the handler, where it is known. */
      readonly lagSeconds?: number;
    }
  /** A check that was due. */
  | { readonly kind: 'check'; readonly result: string }
  | { readonly kind: 'sweep' };

/** Sees what the module does. It must neither throw nor change what it sees. */
export interface Observer {
  /**
   * Runs an operation, once and at once, and returns what it returns.
   *
   * @param codeOf what the result is called, where that says more than that there was no error
   */
  around<Result>(operation: Operation, work: () => Result, codeOf?: (result: Awaited<Result>) => string): Result;
  happened(occurrence: Occurrence): void;
}

/** Sees nothing. */
export const UNOBSERVED: Observer = {
  around: (_, work) => work(),
  happened: () => undefined,
};
