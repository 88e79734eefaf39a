import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CircuitBreaker } from './circuit-breaker.js';

const SECOND = 1000;
let now = 0;
let listener: { opened: jest.Mock<(error: unknown) => void>; closed: jest.Mock<() => void> };
let circuit: CircuitBreaker;

beforeEach(() => {
  now = 0;
  listener = { opened: jest.fn<(error: unknown) => void>(), closed: jest.fn<() => void>() };
  const clock = { now: () => new Date(now), after: () => () => undefined };
  circuit = new CircuitBreaker(clock, { failures: 3, pauseMs: 30 * SECOND, longestPauseMs: 100 * SECOND }, listener);
});

function fail(times: number): void {
  for (let i = 0; i < times; i += 1) {
    circuit.admits();
    circuit.failed(new Error('down'));
  }
}

describe('a circuit', () => {
  it('stays closed while failures are not in a row', () => {
    fail(2);
    circuit.succeeded();
    fail(2);
    expect(circuit.admits()).toBe(true);
    expect(listener.opened).not.toHaveBeenCalled();
    expect(listener.closed).not.toHaveBeenCalled();
  });

  it('opens after too many in a row, and says so once', () => {
    fail(3);
    expect(circuit.openUntil).toEqual(new Date(30 * SECOND));
    expect(circuit.admits()).toBe(false);
    circuit.failed(new Error('was under way'));
    expect(circuit.openUntil).toEqual(new Date(30 * SECOND));
    expect(listener.opened).toHaveBeenCalledTimes(1);
  });

  it('admits one probe after its pause, and closes when that succeeds', () => {
    fail(3);
    now = 30 * SECOND;
    expect([circuit.admits(), circuit.admits()]).toEqual([true, false]);
    circuit.succeeded();
    expect(circuit.admits()).toBe(true);
    expect(listener.closed).toHaveBeenCalledTimes(1);
  });

  it('pauses for longer with each probe that fails, up to a limit', () => {
    fail(3);
    const pauses = [1, 2, 3, 4].map(() => {
      now = circuit.openUntil?.getTime() ?? 0;
      fail(1);
      return (circuit.openUntil?.getTime() ?? 0) - now;
    });
    expect(pauses).toEqual([60, 100, 100, 100].map((seconds) => seconds * SECOND));
    expect(listener.opened).toHaveBeenCalledTimes(1);
  });

  it('sends another probe where the first was never heard of again', () => {
    fail(3);
    now = 30 * SECOND;
    circuit.admits();
    now = 60 * SECOND;
    expect(circuit.admits()).toBe(true);
  });
});
