/** How often and how patiently an event is delivered. */
export interface RetryPolicy {
  /** Attempts before the event becomes a dead letter, the first included. */
  readonly maxAttempts: number;
  /** The ceiling of the first pause, in milliseconds; it doubles with each attempt. */
  readonly baseDelayMs: number;
  /** The highest ceiling, in milliseconds. */
  readonly maxDelayMs: number;
}

/**
 * How long to wait after an attempt that failed, with full jitter: anywhere up to a ceiling that doubles each time.
 *
 * @param attempts how many have failed so far, at least 1
 * @param random a number in [0, 1)
 * @returns milliseconds; undefined when it was the last attempt
 */
export function pauseAfter(attempts: number, policy: RetryPolicy, random: () => number): number | undefined {
  if (attempts >= policy.maxAttempts) return undefined;
  const ceiling = Math.min(policy.baseDelayMs * 2 ** (attempts - 1), policy.maxDelayMs);
  return Math.ceil(random() * ceiling);
}
