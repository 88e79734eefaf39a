import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { systemClock } from './clock.js';

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const START = new Date('2022-07-21T04:00:00Z');

describe('systemClock', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: START });
  });

  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it('tells the machine’s time', () => {
    expect(systemClock.now()).toEqual(START);
    jest.advanceTimersByTime(1234);
    expect(systemClock.now()).toEqual(new Date(START.getTime() + 1234));
  });

  it('gives a date of its own each time', () => {
    systemClock.now().setTime(0);
    expect(systemClock.now()).toEqual(START);
  });

  it('runs a task once, after the delay and not before', () => {
    const task = jest.fn();
    systemClock.after(1000, task);
    jest.advanceTimersByTime(999);
    expect(task).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(task).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(100_000);
    expect(task).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([0, -1, -(2 ** 40)])('runs a task that is due in %d ms soon, but never at once', (delay) => {
    const task = jest.fn();
    systemClock.after(delay, task);
    expect(task).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(task).toHaveBeenCalledTimes(1);
  });

  it.each([LONGEST_TIMER_MS, LONGEST_TIMER_MS + 1, 2 ** 31 + 5000, 30 * 86_400_000, 3 * LONGEST_TIMER_MS, 2 ** 33 + 7])(
    'waits %d ms to the millisecond, though Node’s timers may not hold it',
    (delay) => {
      const task = jest.fn();
      systemClock.after(delay, task);
      jest.advanceTimersByTime(delay - 1);
      expect(task).not.toHaveBeenCalled();
      jest.advanceTimersByTime(1);
      expect(task).toHaveBeenCalledTimes(1);
    },
  );

  it('never asks Node for a timer that would fire at once', () => {
    const setTimer = jest.spyOn(globalThis, 'setTimeout');
    systemClock.after(2 ** 33, jest.fn());
    jest.advanceTimersByTime(2 ** 33);
    expect(setTimer.mock.calls.length).toBeGreaterThan(1);
    for (const [, delay] of setTimer.mock.calls) expect(delay).toBeLessThanOrEqual(LONGEST_TIMER_MS);
  });

  it('withdraws a task', () => {
    const task = jest.fn();
    const cancel = systemClock.after(1000, task);
    jest.advanceTimersByTime(999);
    cancel();
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(100_000);
    expect(task).not.toHaveBeenCalled();
  });

  it('withdraws a long delay in its later stretches too', () => {
    const task = jest.fn();
    const cancel = systemClock.after(3 * LONGEST_TIMER_MS, task);
    jest.advanceTimersByTime(2 * LONGEST_TIMER_MS + 1);
    cancel();
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(4 * LONGEST_TIMER_MS);
    expect(task).not.toHaveBeenCalled();
  });

  it('does nothing when a task is withdrawn twice, or after it ran', () => {
    const task = jest.fn();
    const cancel = systemClock.after(10, task);
    jest.advanceTimersByTime(10);
    cancel();
    cancel();
    expect(task).toHaveBeenCalledTimes(1);
  });

  it('keeps its tasks apart', () => {
    const ran: string[] = [];
    systemClock.after(20, () => ran.push('second'));
    const cancel = systemClock.after(15, () => ran.push('withdrawn'));
    systemClock.after(10, () => ran.push('first'));
    cancel();
    jest.advanceTimersByTime(100);
    expect(ran).toEqual(['first', 'second']);
  });

  it('does not keep the process alive', () => {
    jest.useRealTimers();
    const setTimer = jest.spyOn(globalThis, 'setTimeout');
    const cancel = systemClock.after(60_000, jest.fn());
    const timer = setTimer.mock.results[0]?.value as NodeJS.Timeout;
    expect(timer.hasRef()).toBe(false);
    cancel();
  });
});
