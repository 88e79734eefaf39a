import type { Cancel, Clock } from '../protocol/index.js';

interface Timer {
  readonly due: number;
  readonly task: () => void;
}

/** A clock that stands still until a test moves it. */
export class TestClock implements Clock {
  /** In the order in which they were set. */
  readonly #timers = new Set<Timer>();
  #now: number;

  constructor(now: Date) {
    this.#now = now.getTime();
  }

  now(): Date {
    return new Date(this.#now);
  }

  after(delay: number, task: () => void): Cancel {
    const timer = { due: this.#now + Math.max(delay, 0), task };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Moves to the next timer that is due by a moment, and runs it; false when there is none. */
  runNext(until: Date): boolean {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (!next || timer.due < next.due) next = timer;
    if (!next || next.due > until.getTime()) return false;
    this.#timers.delete(next);
    this.#now = Math.max(this.#now, next.due);
    next.task();
    return true;
  }

  /** Moves to a moment whose timers have run. */
  moveTo(moment: Date): void {
    this.#now = Math.max(this.#now, moment.getTime());
  }
}
