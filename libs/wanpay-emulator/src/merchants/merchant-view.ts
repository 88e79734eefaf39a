/** A merchant as it may be shown: without its keys. */
export interface MerchantView {
  readonly merchantNo: string;
  /** The names of its keys. All of them verify what it sends; the first signs what the platform sends. */
  readonly keyIds: readonly string[];
  /** The addresses and ranges it may call from; absent when any. */
  readonly allowedSources?: readonly string[];
}
