import { lookAgain } from '../processes/look-again.js';

const DEADLINE_MS = 120_000;

/** A whole number from `least` to `most`, both included. */
export function between(least: number, most: number): number {
  return least + Math.floor(Math.random() * (most - least + 1));
}

/** Waits for a condition; rejects after two minutes. */
export function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  return lookAgain(condition, DEADLINE_MS, () => `Waited ${DEADLINE_MS} ms for ${String(condition)}.`);
}
