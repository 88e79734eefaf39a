import { startWanPayEmulator, type WanPayEmulator } from '../emulator.js';
import { type WanPayEmulatorOptions } from '../emulator.settings.js';

/** The hooks of a test framework; those of Jest and Vitest are like this. */
export interface TestHooks {
  beforeAll(hook: () => Promise<void>): unknown;
  afterEach(hook: () => void): unknown;
  afterAll(hook: () => Promise<void>): unknown;
}

/**
 * An emulator for the tests of a `describe` block or a file: started before them, closed after them, its faults disarmed
 * after each. Its clock stands still unless the options say otherwise.
 *
 * @param hooks `{ beforeAll, afterEach, afterAll }` of `@jest/globals` or `vitest`
 * @returns what gives the emulator, from the first `beforeAll` on
 */
export function useWanPayEmulator(hooks: TestHooks, options: WanPayEmulatorOptions = {}): () => WanPayEmulator {
  let emulator: WanPayEmulator | undefined;
  hooks.beforeAll(async () => {
    emulator = await startWanPayEmulator({ clock: { stopped: true }, ...options });
  });
  hooks.afterEach(() => {
    emulator?.faults.clear();
  });
  hooks.afterAll(async () => {
    await emulator?.close();
  });
  return () => {
    if (!emulator) throw new Error('The emulator starts before the first test: ask for it in a test or a later hook.');
    return emulator;
  };
}
