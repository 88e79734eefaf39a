import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const PROGRAM = fileURLToPath(new URL('./dist/bench/main.js', import.meta.url));
const run = promisify(execFile);

interface Spread {
  readonly median: number;
}

interface Row {
  readonly what: string;
  readonly floor?: Spread;
  readonly measured: Spread;
  readonly ratio?: Spread;
}

it('measures something in every row', async () => {
  const { stdout } = await run(process.execPath, [PROGRAM, '--smoke', '--json']);
  const rows = rowsOf(JSON.parse(stdout));

  expect(rows.length).toBeGreaterThan(25);
  for (const { what, floor, measured, ratio } of rows) {
    const figures = [floor, measured, ratio].flatMap((spread) => (spread ? [spread.median] : []));
    expect({ what, finite: figures.every(Number.isFinite) }).toEqual({ what, finite: true });
  }
}, 240_000);

function rowsOf(printed: unknown): readonly Row[] {
  if (Array.isArray(printed) && printed.every(isRow)) return printed;
  throw new TypeError('What was printed is no table.');
}

function isRow(printed: unknown): printed is Row {
  return typeof printed === 'object' && printed !== null && 'what' in printed && 'measured' in printed;
}
