import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidArgumentError } from '../errors.js';
import { VirtualClock } from './virtual-clock.js';

const START = new Date('2026-03-01T00:00:00Z');

function stoppedClock(): VirtualClock {
  return new VirtualClock({ stopped: true, startAt: START });
}

/** How long after the start the clock shows. */
function elapsed(clock: VirtualClock): number {
  return clock.now().getTime() - START.getTime();
}

describe('VirtualClock, stopped', () => {
  it('shows the moment it was given, until it is moved', async () => {
    const clock = stoppedClock();
    expect(clock.now()).toEqual(START);
    await clock.advance({ days: 1, hours: 2, minutes: 3, seconds: 4 });
    expect(elapsed(clock)).toBe(((26 * 60 + 3) * 60 + 4) * 1000);
  });

  it('runs every timer at its own moment, in the order of these, whatever the steps it is moved by', async () => {
    const delays = fc.array(fc.nat(1000), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(delays, fc.array(fc.nat(400), { maxLength: 6 }), async (waits, steps) => {
        const clock = stoppedClock();
        const seen: { wait: number; at: number }[] = [];
        for (const wait of waits) clock.after(wait, () => seen.push({ wait, at: elapsed(clock) }));
        for (const step of steps) await clock.advance(step);
        const total = steps.reduce((sum, step) => sum + step, 0);
        const due = steps.length === 0 ? [] : waits.filter((wait) => wait <= total);
        expect(seen).toEqual(due.toSorted((a, b) => a - b).map((wait) => ({ wait, at: wait })));
        expect(clock.pendingTimers).toBe(waits.length - due.length);
      }),
      { numRuns: 40 },
    );
  });

  it('runs timers of one moment in the order in which they were set', async () => {
    const clock = stoppedClock();
    const seen: string[] = [];
    for (const name of ['a', 'b', 'c']) clock.after(5, () => seen.push(name));
    await clock.advance(5);
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('runs a timer that another sets on the way, if it falls due on the way', async () => {
    const clock = stoppedClock();
    const seen: number[] = [];
    clock.after(10, () => {
      seen.push(elapsed(clock));
      clock.after(10, () => seen.push(elapsed(clock)));
      clock.after(100, () => seen.push(elapsed(clock)));
    });
    await clock.advance(50);
    expect(seen).toEqual([10, 20]);
  });

  it('does not run what was withdrawn, and withdrawing it twice is harmless', async () => {
    const clock = stoppedClock();
    let ran = false;
    const cancel = clock.after(1, () => (ran = true));
    cancel();
    cancel();
    await clock.advance(10);
    expect(ran).toBe(false);
  });

  it('waits for work that is held before it goes on', async () => {
    const clock = stoppedClock();
    const seen: string[] = [];
    clock.after(1, () => {
      void clock.hold(
        new Promise<void>((resolve) => {
          setImmediate(() => {
            seen.push(`work at ${elapsed(clock)}`);
            resolve();
          });
        }),
      );
    });
    clock.after(2, () => seen.push('next'));
    await clock.advance(5);
    expect(seen).toEqual(['work at 1', 'next']);
  });

  it('goes on when held work fails', async () => {
    const clock = stoppedClock();
    const work = clock.hold(Promise.reject(new Error('no')));
    await clock.advance(1);
    await expect(work).rejects.toThrow('no');
    expect(elapsed(clock)).toBe(1);
  });

  it('does moves that are asked for at once one after the other', async () => {
    const clock = stoppedClock();
    const seen: number[] = [];
    clock.after(15, () => seen.push(elapsed(clock)));
    await Promise.all([clock.advance(10), clock.advance(10)]);
    expect([elapsed(clock), seen]).toEqual([20, [15]]);
  });

  it('moves to the next timer, and says so when there is none', async () => {
    const clock = stoppedClock();
    expect(await clock.advanceToNext()).toBeUndefined();
    clock.after(7, () => undefined);
    expect(clock.nextTimerAt).toEqual(new Date(START.getTime() + 7));
    expect(await clock.advanceToNext()).toEqual(new Date(START.getTime() + 7));
    expect([elapsed(clock), clock.nextTimerAt]).toEqual([7, undefined]);
  });

  it('hands on the error of a task, and can be moved again', async () => {
    const clock = stoppedClock();
    clock.after(1, () => {
      throw new Error('broken task');
    });
    await expect(clock.advance(5)).rejects.toThrow('broken task');
    await clock.advance(4);
    expect(elapsed(clock)).toBe(5);
  });

  it.each([-1, NaN, Infinity])('refuses to move by %p', async (by) => {
    await expect(stoppedClock().advance(by)).rejects.toThrow(InvalidArgumentError);
  });

  it('refuses a start that is no date', () => {
    expect(() => new VirtualClock({ startAt: new Date(NaN) })).toThrow(InvalidArgumentError);
  });
});

/** A running clock whose "real" time is moved by hand. */
function runningClock(): { clock: VirtualClock; real: VirtualClock } {
  const real = new VirtualClock({ stopped: true });
  return { real, clock: new VirtualClock({ startAt: START }, real) };
}

describe('VirtualClock, running', () => {
  it('keeps the pace of real time from where it started', async () => {
    const { clock, real } = runningClock();
    await real.advance(1500);
    expect(elapsed(clock)).toBe(1500);
  });

  it('fires its timers in real time', async () => {
    const { clock, real } = runningClock();
    const seen: number[] = [];
    clock.after(2000, () => seen.push(2000));
    clock.after(1000, () => seen.push(1000));
    await real.advance(1500);
    expect(seen).toEqual([1000]);
    await real.advance(500);
    expect(seen).toEqual([1000, 2000]);
  });

  it('brings its timers nearer when it is moved forward, and runs on from there', async () => {
    const { clock, real } = runningClock();
    let ran = false;
    clock.after(60_000, () => (ran = true));
    await clock.advance(59_000);
    expect([ran, clock.stopped]).toEqual([false, false]);
    await real.advance(1000);
    expect([ran, elapsed(clock)]).toEqual([true, 60_000]);
  });

  it('fires nothing while it is stopped, and what remains once it is resumed', async () => {
    const { clock, real } = runningClock();
    let ran = false;
    clock.after(1000, () => (ran = true));
    await real.advance(400);
    clock.stop();
    await real.advance(10_000);
    expect([ran, elapsed(clock), clock.stopped]).toEqual([false, 400, true]);
    clock.resume();
    await real.advance(599);
    expect(ran).toBe(false);
    await real.advance(1);
    expect(ran).toBe(true);
  });

  it('stays stopped when a timer stops it during a move', async () => {
    const { clock, real } = runningClock();
    clock.after(5, () => {
      clock.stop();
    });
    await clock.advance(10);
    await real.advance(1000);
    expect([clock.stopped, elapsed(clock)]).toEqual([true, 10]);
  });

  it('runs what a timer adds, each at its moment', async () => {
    const { clock, real } = runningClock();
    const seen: number[] = [];
    const again = (): void => {
      seen.push(elapsed(clock));
      if (seen.length < 3) clock.after(2, again);
    };
    clock.after(0, again);
    await real.advance(5);
    expect(seen).toEqual([0, 2, 4]);
  });

  it('fires by the machine’s clock, unless told of another', async () => {
    const clock = new VirtualClock();
    const due = clock.now().getTime() + 4;
    const fired = new Promise<Date>((resolve) => {
      clock.after(5, () => {
        resolve(clock.now());
      });
    });
    // The clock's own timer does not keep the process alive; this one does until it has fired.
    const alive = setInterval(() => undefined, 1000);
    expect((await fired).getTime()).toBeGreaterThanOrEqual(due);
    clearInterval(alive);
  });

  it('holds a delay of 30 days to the millisecond', async () => {
    const { clock, real } = runningClock();
    let ran = false;
    clock.after(30 * 86_400_000, () => (ran = true));
    await real.advance(30 * 86_400_000 - 1);
    expect(ran).toBe(false);
    await real.advance(1);
    expect(ran).toBe(true);
  });
});
