import { afterEach } from '@jest/globals';

type Close = () => Promise<unknown>;

const open: Close[] = [];

/** Closes what a test has opened when the test ends, last opened first, whatever becomes of the test. */
export function afterTest(close: Close): void {
  open.push(close);
}

afterEach(async () => {
  for (let close = open.pop(); close; close = open.pop()) await close();
});
