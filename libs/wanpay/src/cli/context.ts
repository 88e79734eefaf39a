import type { Readable } from 'node:stream';
import { type Clock, systemClock } from '../protocol/index.js';

/** Where text is written to. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  /** How wide a terminal is. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** What a command takes from the process that it runs in. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
}

/** The process's own. */
export const processContext: CommandContext = {
  env: process.env,
  // Node opens standard input when it is first asked for, and most commands don't read it.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
};
