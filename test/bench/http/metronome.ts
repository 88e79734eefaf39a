import { Worker } from 'node:worker_threads';

/** What a metronome's thread is started with. */
export interface Beats {
  readonly perSecond: number;
  readonly count: number;
}

/**
 * Calls back at a steady rate, so many times, each time with the moment that was due: `process.hrtime`, in nanoseconds.
 *
 * Timers of Node.js are a millisecond late or more, so a thread of its own waits for each moment, which takes no processor time.
 * Moments that have passed meanwhile are called one right after the other, and none is left out.
 */
export function beat(beats: Beats, onBeat: (i: number, due: bigint) => void): Promise<void> {
  const thread = new Worker(new URL('./metronome-thread.js', import.meta.url), { workerData: beats });
  return new Promise((resolve, reject) => {
    let called = 0;
    thread.on('message', (due: bigint) => {
      onBeat(called, due);
      called += 1;
    });
    thread.once('error', reject);
    thread.once('exit', () => {
      if (called === beats.count) resolve();
      else reject(new Error(`A metronome ended after ${called} of ${beats.count} moments.`));
    });
  });
}
