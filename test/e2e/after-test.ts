import { afterAll, afterEach } from '@jest/globals';

type Close = () => Promise<unknown>;

const open: Close[] = [];
const shared: Close[] = [];

/** Closes what a test has opened when the test ends, last opened first, whatever becomes of the test. */
export function afterTest(close: Close): void {
  open.push(close);
}

/** Starts what several tests share, in `beforeAll`: what it opens closes after the file's last test. */
export async function forAllTests<Started>(start: () => Promise<Started>): Promise<Started> {
  const before = open.length;
  try {
    return await start();
  } finally {
    shared.push(...open.splice(before));
  }
}

afterEach(() => closeAll(open));
afterAll(() => closeAll(shared));

async function closeAll(closes: Close[]): Promise<void> {
  for (let close = closes.pop(); close; close = closes.pop()) await close();
}
