import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const PROGRAM = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Ten thousand messages take ten seconds alone, and several times as long beside much else. */
const TIMEOUT_MS = 120_000;

/** In a process of its own, as it is run by hand. What it prints begins with the findings, and how to replay them. */
function fuzz(...options: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', PROGRAM, ...options], (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
}

it.each(['/parser/', '/no-parser/'])(
  'takes no mutated notification for another on hosts of %s',
  async (hosts) => {
    const printed = await fuzz('--host', hosts, '--messages', '10000');
    expect(printed).toMatch(/^10000 of 10000 messages, 0 findings$/m);
    expect(printed).toMatch(/^unhandled +0$/m);
    expect(printed).toMatch(/^findings +0$/m);
  },
  TIMEOUT_MS,
);
