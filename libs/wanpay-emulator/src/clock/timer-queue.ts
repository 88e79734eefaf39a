import { type Cancel } from './clock.js';

/** Something to run at a moment, in milliseconds since the epoch. */
export interface Timer {
  readonly due: number;
  readonly task: () => void;
}

interface Waiting extends Timer {
  due: number;
}

/** Timers in the order in which they fall due; those of one moment in the order in which they were added. */
export class TimerQueue {
  readonly #timers: Waiting[] = [];

  get size(): number {
    return this.#timers.length;
  }

  get next(): Timer | undefined {
    return this.#timers[0];
  }

  add({ due, task }: Timer): Cancel {
    const timer = { due, task };
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

  /** Puts every timer off, or, by a negative number of milliseconds, brings it forward. */
  shift(by: number): void {
    for (const timer of this.#timers) timer.due += by;
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
