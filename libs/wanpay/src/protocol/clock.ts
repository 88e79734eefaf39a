/** Withdraws something that was scheduled; harmless when it has run already. */
export type Cancel = () => void;

/**
 * Where time comes from. The library never looks at the machine's clock but through this, so a test can hand it
 * the emulator's clock and move both sides at once.
 */
export interface Clock {
  /** The present moment by this clock. */
  now(): Date;
  /** Runs `task` once, `delay` milliseconds from now by this clock. */
  after(delay: number, task: () => void): Cancel;
}

/** What runs tasks later. */
export type Timers = Pick<Clock, 'after'>;

/** The longest delay that Node's timers hold (2^31 - 1 ms, about 24.8 days); a longer one would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The machine's own clock. Its timers do not keep a process alive. */
export const systemClock: Clock = {
  now: () => new Date(),
  after: (delay, task) => {
    let timer: NodeJS.Timeout;
    const arm = (remaining: number): void => {
      const step = Math.min(Math.max(remaining, 0), LONGEST_TIMER_MS);
      timer = setTimeout(() => {
        if (remaining > step) arm(remaining - step);
        else task();
      }, step);
      timer.unref();
    };
    arm(delay);
    return () => {
      clearTimeout(timer);
    };
  },
};
