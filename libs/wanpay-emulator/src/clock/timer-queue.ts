import { type Cancel } from './clock.js';

/** Something to run at a moment, in milliseconds since the epoch. */
export interface Timer {
  readonly due: number;
  readonly task: () => void;
}

/** Timers in the order in which they fall due; those of one moment in the order in which they were added. */
export class TimerQueue {
  readonly #timers: Timer[] = [];

  get size(): number {
    return this.#timers.length;
  }

  get next(): Timer | undefined {
    return this.#timers[0];
  }

  add(timer: Timer): Cancel {
    this.#timers.splice(this.#positionAfter(timer.due), 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }

  /** Takes out the next timer if it is due by `moment`. */
  takeDue(moment: number): Timer | undefined {
    const { next } = this;
    return next && next.due <= moment ? this.#timers.shift() : undefined;
  }

  /** The first position whose timer is due later than `due`. */
  #positionAfter(due: number): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const timer = this.#timers[middle];
      if (timer && timer.due <= due) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
