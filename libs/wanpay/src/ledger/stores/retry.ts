import { setTimeout as sleep } from 'node:timers/promises';

/** How to wait before what lost to another is tried again. */
export interface Backoff {
  /** From 0 to 1, as Math.random has it. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

const MAX_TRIES = 20;
const FIRST_PAUSE_MS = 4;
const LONGEST_PAUSE_MS = 250;

/**
 * Does work again that lost to another, so that nothing was done, after a pause. The pauses grow and differ, so that the two
 * do not meet again. The error of the last try is the caller's.
 */
export async function retry<T>(
  work: (tries: number) => Promise<T>,
  isConflict: (error: unknown) => boolean,
  { random, sleep: wait }: Backoff = { random: Math.random, sleep },
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work(tries);
    } catch (error) {
      if (tries === MAX_TRIES || !isConflict(error)) throw error;
      await wait(random() * Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS));
    }
  }
}
