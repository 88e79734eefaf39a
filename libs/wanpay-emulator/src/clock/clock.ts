/** Withdraws something that was scheduled; harmless when it has run already. */
export type Cancel = () => void;

/** Where time comes from. It has the form of the clock of `nestjs-wanpay/protocol`, so that either serves as the other. */
export interface Clock {
  /** The present moment by this clock. */
  now(): Date;
  /** Runs `task` once, `delay` milliseconds from now by this clock. */
  after(delay: number, task: () => void): Cancel;
}
