import { setImmediate as nextTurn } from 'node:timers/promises';

const DEADLINE_MS = 5000;
const QUIET_TURNS = 20;

/** Resolves as soon as the condition holds. It takes no time of its own: it looks again at each turn of the event loop. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`In vain it was waited until ${what}.`);
    await nextTurn();
  }
}

/** Lets what is under way in this process come to rest, before a test says that something did not happen. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < QUIET_TURNS; turn++) await nextTurn();
}
