/** One step of the ledger's tables from the version before. Once published it is never edited: append another. */
export interface Migration {
  readonly version: number;
  /**
   * The oldest version of the code that works with the tables after this step. It must be the one before or older, so
   * that replicas of both can run during a rolling deploy: add, don't rename or drop what the version before uses.
   */
  readonly worksWith: number;
  sql(schema: string): string;
}
