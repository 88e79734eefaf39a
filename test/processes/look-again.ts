import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';

/** What comes at once is looked for at each turn of the event loop for this long. */
const EAGER_MS = 3;
/** The processor is left to what is waited for: after a look comes a pause that is so many times as long. */
const PAUSE_PER_LOOK = 5;
const SHORTEST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 50;

/**
 * Looks again and again until a condition holds, and rejects when the deadline passes. A loop without a pause would take a
 * processor from the very processes and servers that it waits for.
 */
export async function lookAgain(
  condition: () => boolean | Promise<boolean>,
  deadlineMs: number,
  timedOut: () => string,
): Promise<void> {
  const start = performance.now();
  for (let looked = start; !(await condition()); looked = performance.now()) {
    const now = performance.now();
    if (now - start > deadlineMs) throw new Error(timedOut());
    if (now - start < EAGER_MS) await nextTurn();
    else await pause(Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, PAUSE_PER_LOOK * (now - looked))));
  }
}
