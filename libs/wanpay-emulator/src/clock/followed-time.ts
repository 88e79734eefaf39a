import { systemClock } from 'nestjs-wanpay/protocol';
import { type Cancel, type Clock } from './clock.js';
import { TimerQueue } from './timer-queue.js';

/** Two clocks that run differ by as much as a message takes: that is no reason to go back. */
const JITTER_MS = 250;

/** A clock that shows what it is told, and goes on by itself until it is told again. */
export class FollowedTime implements Clock {
  readonly #timers = new TimerQueue();
  #shown = systemClock.now().getTime();
  #runningSince: number | undefined = this.#shown;
  #disarm: Cancel = () => undefined;

  now(): Date {
    return new Date(this.#now());
  }

  after(delay: number, task: () => void): Cancel {
    const cancel = this.#timers.add({ due: this.#now() + Math.max(delay, 0), task });
    this.#arm();
    return () => {
      cancel();
      this.#arm();
    };
  }

  /**
   * Shows another moment, and runs what is due by then: all of it sees this moment, as it would after a machine was asleep. When
   * the clock goes back, timers keep the time that they have left.
   */
  show(moment: number, isRunning: boolean): void {
    const before = this.#now();
    const isJitter = isRunning && moment < before && before - moment < JITTER_MS;
    if (moment < before && !isJitter) this.#timers.shift(moment - before);
    this.#shown = isJitter ? before : moment;
    this.#runningSince = isRunning ? systemClock.now().getTime() : undefined;
    this.#runDue();
  }

  /** Runs nothing any more. */
  end(): void {
    this.#disarm();
    this.#runningSince = undefined;
  }

  #now(): number {
    return this.#runningSince === undefined
      ? this.#shown
      : this.#shown + systemClock.now().getTime() - this.#runningSince;
  }

  #runDue(): void {
    const moment = this.#now();
    try {
      for (let timer = this.#timers.takeDue(moment); timer; timer = this.#timers.takeDue(moment)) timer.task();
    } finally {
      this.#arm();
    }
  }

  /** On a clock that stands still, what is due at once runs at once all the same. */
  #arm(): void {
    this.#disarm();
    const { next } = this.#timers;
    const left = next ? next.due - this.#now() : 0;
    if (!next || (this.#runningSince === undefined && left > 0)) return;
    this.#disarm = systemClock.after(Math.max(left, 0), () => {
      this.#runDue();
    });
  }
}
