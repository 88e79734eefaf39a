import type { Clock } from '../protocol/index.js';

/** When a circuit opens, and for how long. */
export interface CircuitPolicy {
  /** How many failures in a row open it. */
  readonly failures: number;
  /** For how long it stays open at first, in milliseconds; it doubles with each probe that fails. */
  readonly pauseMs: number;
  /** For how long it stays open at most, in milliseconds. */
  readonly longestPauseMs: number;
}

/** Told when a circuit opens, and when it closes again: once each, however many failures there are. */
export interface CircuitBreakerListener {
  opened(error: unknown): void;
  closed(): void;
}

/**
 * Stops asking whoever fails again and again. Open, it admits nobody until its pause has passed, then one probe: a success
 * closes it, a failure opens it for longer.
 */
export class CircuitBreaker {
  private failures = 0;
  private pauses = 0;
  private until: Date | undefined;
  private probing = false;

  constructor(
    private readonly clock: Clock,
    private readonly policy: CircuitPolicy,
    private readonly listener: CircuitBreakerListener,
  ) {}

  /** Until when nobody is admitted; undefined while somebody would be. */
  get openUntil(): Date | undefined {
    return this.until && this.until > this.clock.now() ? this.until : undefined;
  }

  /** Whether the caller may ask now. It then tells how that went, with {@link succeeded} or {@link failed}. */
  admits(): boolean {
    if (this.openUntil) return false;
    if (this.until) {
      this.probing = true;
      this.open();
    }
    return true;
  }

  succeeded(): void {
    if (this.until) this.listener.closed();
    this.failures = 0;
    this.pauses = 0;
    this.until = undefined;
    this.probing = false;
  }

  failed(error: unknown): void {
    this.failures += 1;
    if (this.until) {
      // Those that were under way when it opened say nothing new.
      if (!this.probing) return;
      this.pauses += 1;
      this.open();
    } else if (this.failures >= this.policy.failures) {
      this.open();
      this.listener.opened(error);
    }
    this.probing = false;
  }

  private open(): void {
    const pause = Math.min(this.policy.pauseMs * 2 ** this.pauses, this.policy.longestPauseMs);
    this.until = new Date(this.clock.now().getTime() + pause);
  }
}
