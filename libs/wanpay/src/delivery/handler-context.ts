/** What a handler gets beside the event. */
export interface AtmHandlerContext<Transaction = undefined> {
  /** Which attempt this is, from 1; a replay counts anew. An attempt that a crash cut short counts. */
  readonly attempt: number;
  /** Aborted when the attempt takes longer than `delivery.handlerTimeoutMs`, and when the host shuts down. */
  readonly signal: AbortSignal;
  /**
   * In a handler with `{ transaction: true }`, the client of the transaction that marks the delivery as done: of PostgreSQL a
   * `pg` client, or that of the host's tool by `nestjs-wanpay/transactions`; of SQLite a database handle that must be used
   * synchronously. Otherwise undefined.
   */
  readonly transaction: Transaction;
}
