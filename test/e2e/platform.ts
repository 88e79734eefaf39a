import { startWanPayEmulator, type WanPayEmulator, type WanPayEmulatorOptions } from 'wanpay-emulator';
import { afterTest } from './after-test.js';

/** A Monday morning in Taipei: an account of that day lapses at 23:59:59, some days later. */
export const START = new Date('2026-03-02T10:00:00+08:00');

/** Starts an emulator whose clock stands still unless told otherwise. It is closed when the test ends. */
export async function startPlatform(options: WanPayEmulatorOptions = {}): Promise<WanPayEmulator> {
  const emulator = await startWanPayEmulator({ clock: { stopped: true, startAt: START }, ...options });
  afterTest(() => emulator.close());
  return emulator;
}
