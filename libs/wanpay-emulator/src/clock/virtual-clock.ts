import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock } from 'nestjs-wanpay/protocol';
import { InvalidArgumentError } from '../errors.js';
import { type Cancel, type Clock } from './clock.js';
import { type Duration, toMilliseconds } from './duration.js';
import { type Timer, TimerQueue } from './timer-queue.js';

/** How many turns of the event loop an exchange over a fresh connection takes at most, both sides in one process. */
const EXCHANGE_TURNS = 20;

/** How a {@link VirtualClock} begins. */
export interface VirtualClockOptions {
  /** Stands still until it is moved or resumed. Default: runs at the pace of real time. */
  readonly stopped?: boolean | undefined;
  /** The moment it shows at first. Default: now. */
  readonly startAt?: Date | undefined;
}

/**
 * A clock that a person or a test can stop and move forward.
 *
 * It is a `Clock` of `nestjs-wanpay/protocol`: hand it to the host too (`WanPayModule.forRoot({ clock: emulator.clock })`)
 * and both sides move together. While it runs, its timers fire in real time and do not keep the process alive; while
 * it is stopped, they fire only through {@link advance} and {@link advanceToNext}.
 */
export class VirtualClock implements Clock {
  readonly #real: Clock;
  readonly #timers = new TimerQueue();
  readonly #held = new Set<Promise<unknown>>();
  readonly #watchers = new Set<() => void>();
  readonly #followers = new Set<() => Promise<unknown>>();
  /** What the clock shows is `#shown`, plus the real time since `#runningSince` while it runs. */
  #shown: number;
  #runningSince: number | undefined;
  #resumeAfterMove = false;
  #moves: Promise<unknown> = Promise.resolve();
  #moving = false;
  #disarm: Cancel = () => undefined;

  /** @param real what time is measured by while the clock runs */
  constructor(options: VirtualClockOptions = {}, real: Clock = systemClock) {
    this.#real = real;
    this.#shown = (options.startAt ?? real.now()).getTime();
    if (Number.isNaN(this.#shown)) throw new InvalidArgumentError('startAt', 'must be a date.');
    if (!options.stopped) this.resume();
  }

  now(): Date {
    return new Date(this.#now());
  }

  /** Runs `task` once, `delay` milliseconds from now by this clock. On a stopped clock, 0 means "when it is next moved". */
  after(delay: number, task: () => void): Cancel {
    if (Number.isNaN(delay)) throw new InvalidArgumentError('delay', 'must be a number of milliseconds.');
    const cancel = this.#timers.add({ due: this.#now() + Math.max(delay, 0), task });
    this.#arm();
    return () => {
      cancel();
      this.#arm();
    };
  }

  /** Whether the clock stands still. */
  get stopped(): boolean {
    return this.#moving ? !this.#resumeAfterMove : this.#runningSince === undefined;
  }

  /** Whether it is being moved: it stands still at each moment on the way, and goes on to the next. */
  get moving(): boolean {
    return this.#moving;
  }

  /** When the next timer falls due; undefined when there is none. */
  get nextTimerAt(): Date | undefined {
    const { next } = this.#timers;
    return next && new Date(next.due);
  }

  /** How many timers are waiting. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Stands still from now on. */
  stop(): void {
    this.#resumeAfterMove = false;
    this.#halt();
    this.#tell();
  }

  /** Runs at the pace of real time from what it shows now. */
  resume(): void {
    if (this.#moving) {
      this.#resumeAfterMove = true;
      return;
    }
    this.#runningSince ??= this.#real.now().getTime();
    this.#arm();
    this.#tell();
  }

  /** Calls `watcher` whenever the clock was stopped, resumed or moved; not for time that passes by itself. */
  watch(watcher: () => void): Cancel {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  /** Calls `follower` at each moment at which a move stops, before what is due then runs, and waits for it. */
  follow(follower: () => Promise<unknown>): Cancel {
    this.#followers.add(follower);
    return () => {
      this.#followers.delete(follower);
    };
  }

  /** Shows another moment, an earlier one too, once moves that were asked for before have ended. Timers keep the time they have left. */
  async set(moment: Date): Promise<void> {
    const set = this.#moves.then(() => {
      this.#timers.shift(moment.getTime() - this.#now());
      this.#shown = moment.getTime();
      if (this.#runningSince !== undefined) this.#runningSince = this.#real.now().getTime();
      this.#arm();
      this.#tell();
    });
    this.#moves = set;
    await set;
  }

  /**
   * Moves the clock forward. Every timer that falls due on the way runs at its own moment and in order, those that
   * other timers add on the way included; before the clock goes on, the work they gave to {@link hold} has ended.
   *
   * @returns when the clock has arrived; moves asked for at the same time happen one after the other
   */
  async advance(by: Duration): Promise<void> {
    const distance = toMilliseconds(by);
    await this.#move(() => this.#now() + distance);
  }

  /**
   * Moves the clock to the moment of the next timer and runs all that is due then.
   *
   * @returns that moment; undefined, and nothing has moved, when no timer waits
   */
  async advanceToNext(): Promise<Date | undefined> {
    const arrived = await this.#move(() => this.#timers.next?.due);
    return arrived === undefined ? undefined : new Date(arrived);
  }

  /**
   * Makes moves wait for `work`: the clock does not go on before it has ended. Its failure stays with the caller.
   * Work that itself waits for this clock to move must not be held.
   */
  hold<T>(work: Promise<T>): Promise<T> {
    const ended = work
      .catch(() => undefined)
      .finally(() => {
        this.#held.delete(ended);
      });
    this.#held.add(ended);
    return work;
  }

  #now(): number {
    return this.#runningSince === undefined
      ? this.#shown
      : this.#shown + this.#real.now().getTime() - this.#runningSince;
  }

  #halt(): void {
    this.#shown = this.#now();
    this.#runningSince = undefined;
    this.#disarm();
  }

  #move(target: () => number | undefined): Promise<number | undefined> {
    const move = this.#moves.then(() => this.#moveTo(target));
    this.#moves = move.catch(() => undefined);
    return move;
  }

  /** The clock stands still during a move, so that each task sees the moment for which it was scheduled. */
  async #moveTo(target: () => number | undefined): Promise<number | undefined> {
    this.#resumeAfterMove = this.#runningSince !== undefined;
    this.#moving = true;
    this.#halt();
    try {
      await this.#settle();
      const end = target();
      if (end === undefined) return undefined;
      for (let { next } = this.#timers; next && next.due <= end; { next } = this.#timers) {
        await this.#show(next.due);
        const timer = this.#timers.takeDue(this.#shown);
        if (!timer) continue;
        timer.task();
        await this.#settle();
      }
      await this.#show(end);
      return this.#shown;
    } finally {
      this.#moving = false;
      if (this.#resumeAfterMove) this.resume();
      else this.#tell();
    }
  }

  /** Stops at a moment on the way; a timer may be cancelled meanwhile. */
  async #show(moment: number): Promise<void> {
    if (moment <= this.#shown) return;
    this.#shown = moment;
    await Promise.all([...this.#followers].map((follower) => follower()));
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher();
  }

  /** Lets what a task has started get under way, then waits for the work that is held. */
  async #settle(): Promise<void> {
    do {
      for (let turn = 0; turn < EXCHANGE_TURNS; turn++) await nextTurn();
      await Promise.all(this.#held);
    } while (this.#held.size > 0);
  }

  #arm(): void {
    this.#disarm();
    const { next } = this.#timers;
    if (!next || this.#runningSince === undefined) return;
    this.#disarm = this.#real.after(Math.max(next.due - this.#now(), 0), () => {
      this.#runDue();
    });
  }

  /** Runs what is due at this moment, and leaves what these tasks add to the next turn. */
  #runDue(): void {
    const moment = this.#now();
    try {
      for (let timer = this.#takeDueBy(moment); timer; timer = this.#takeDueBy(moment)) timer.task();
    } finally {
      this.#arm();
    }
  }

  /** A task may have stopped the clock: then nothing more is taken. */
  #takeDueBy(moment: number): Timer | undefined {
    return this.#runningSince === undefined ? undefined : this.#timers.takeDue(moment);
  }
}
