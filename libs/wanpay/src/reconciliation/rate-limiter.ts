const SECOND_MS = 1000;

/** Bounds how many queries are sent for each merchant: never more than so many in any second. */
export class RateLimiter {
  /** When the latest queries of a merchant were sent, in milliseconds. */
  private readonly sent = new Map<string, readonly number[]>();
  /** Where the queue of those that found no room ends, in milliseconds. */
  private readonly ends = new Map<string, number>();

  constructor(private readonly perSecond: number) {}

  /** How many queries may be sent for a merchant now. */
  free(merchantNo: string, now: Date): number {
    return this.perSecond - this.recent(merchantNo, now).length;
  }

  /** Counts a query that is sent now; false when there is no room for it. */
  take(merchantNo: string, now: Date): boolean {
    const recent = this.recent(merchantNo, now);
    if (recent.length >= this.perSecond) return false;
    this.sent.set(merchantNo, [...recent, now.getTime()]);
    return true;
  }

  /** When there is room for a merchant's next query. */
  nextFree(merchantNo: string, now: Date): Date {
    const recent = this.recent(merchantNo, now);
    const [oldest] = recent;
    return oldest === undefined || recent.length < this.perSecond ? now : new Date(oldest + SECOND_MS);
  }

  /** A moment for a query that found no room, behind those that found none before: a long queue is waited for in order. */
  place(merchantNo: string, now: Date): Date {
    const soonest = now.getTime() + SECOND_MS;
    const end = Math.max(this.ends.get(merchantNo) ?? 0, soonest) + SECOND_MS / this.perSecond;
    this.ends.set(merchantNo, end);
    return new Date(Math.ceil(end));
  }

  private recent(merchantNo: string, now: Date): readonly number[] {
    const since = now.getTime() - SECOND_MS;
    return (this.sent.get(merchantNo) ?? []).filter((at) => at > since);
  }
}
