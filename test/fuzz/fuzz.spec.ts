import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Compiled, compile } from '../processes/compiled.js';

const PROGRAM = fileURLToPath(new URL('./main.ts', import.meta.url));

/** A few seconds alone, and several times as long beside much else. */
const TIMEOUT_MS = 120_000;

let program: Compiled;
beforeAll(async () => {
  program = await compile(PROGRAM);
});
afterAll(() => program.remove());

/** In a process of its own, as it is run by hand. What it prints begins with the findings, and how to replay them. */
function fuzz(...options: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program.path, ...options], (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
}

it(
  'takes no mutated notification for another, on hosts of all kinds',
  async () => {
    const printed = await fuzz('--messages', '4000');
    expect(printed).toMatch(/^4000 of 4000 messages, 0 findings$/m);
    expect(printed).toMatch(/^unhandled +0$/m);
    expect(printed).toMatch(/^findings +0$/m);
  },
  TIMEOUT_MS,
);
