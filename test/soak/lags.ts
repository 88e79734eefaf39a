import { quantile } from '../bench/measure.js';

/** A notification of which no handler was heard within this time is forgotten: its process was killed, or a sweep told. */
const FORGOTTEN_AFTER_MS = 120_000;

/** How long it takes from a notification that was acknowledged until the order's transactional handler is first called. */
export class Lags {
  private readonly sent = new Map<number, number>();
  private lags: number[] = [];

  readonly send = (number: number): void => {
    this.sent.set(number, now());
  };

  /** Nobody acknowledged it: it will be sent again. */
  readonly fail = (number: number): void => {
    this.sent.delete(number);
  };

  /** @param called numbers of orders and moments, in turn */
  readonly call = (called: readonly number[]): void => {
    for (let i = 0; i + 1 < called.length; i += 2) {
      const [number = Number.NaN, at = Number.NaN] = called.slice(i, i + 2);
      const sentAt = this.sent.get(number);
      if (sentAt !== undefined && this.sent.delete(number)) this.lags.push(at - sentAt);
    }
  };

  /** The lags since the last time, in milliseconds. */
  take(): { readonly p50: number; readonly p99: number } {
    const { lags } = this;
    this.lags = [];
    for (const [number, at] of this.sent) if (at < now() - FORGOTTEN_AFTER_MS) this.sent.delete(number);
    return { p50: quantile(lags, 0.5), p99: quantile(lags, 0.99) };
  }
}

/** The processes of a machine share this clock, to the microsecond. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
