// The thread of a metronome: waits for each moment and says that it is there.
import { parentPort, workerData } from 'node:worker_threads';
import type { Beats } from './metronome.js';

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const NANOSECONDS_PER_MS = 1e6;

beat();

function beat(): void {
  const { perSecond, count } = beats(workerData);
  // Nobody ever wakes it, so that each wait ends by its time limit, which may be a fraction of a millisecond.
  const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const begin = process.hrtime.bigint();
  for (let i = 0; i < count; i += 1) {
    const due = begin + (BigInt(i) * NANOSECONDS_PER_SECOND) / BigInt(perSecond);
    for (let left = due - process.hrtime.bigint(); left > 0n; left = due - process.hrtime.bigint()) {
      Atomics.wait(never, 0, 0, Number(left) / NANOSECONDS_PER_MS);
    }
    parentPort?.postMessage(due);
  }
}

function beats(data: unknown): Beats {
  if (typeof data === 'object' && data !== null && 'perSecond' in data && 'count' in data) {
    return { perSecond: Number(data.perSecond), count: Number(data.count) };
  }
  throw new TypeError('A metronome was not told how often to beat.');
}
