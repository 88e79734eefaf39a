import { setImmediate as nextTurn } from 'node:timers/promises';
import { lookAgain } from '../processes/look-again.js';

const DEADLINE_MS = 5000;
const QUIET_TURNS = 20;

/** Resolves as soon as the condition holds. */
export function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  return lookAgain(condition, DEADLINE_MS, () => `In vain it was waited until ${what}.`);
}

/** Lets what is under way in this process come to rest, before a test says that something did not happen. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < QUIET_TURNS; turn++) await nextTurn();
}
