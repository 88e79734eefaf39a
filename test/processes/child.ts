import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lookAgain } from './look-again.js';

const PATIENCE_MS = 30_000;

/** A process of ours under test: what it printed so far, and a way to wait for more. */
export class Child {
  private readonly process: ChildProcess;
  private waiting: (() => void)[] = [];
  /** Everything that it wrote to its standard output. */
  output = '';

  constructor(script: string, env: Record<string, string | undefined> = {}, args: readonly string[] = []) {
    this.process = spawn(process.execPath, [script, ...args], {
      env: { PATH: process.env.PATH, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.process.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
      this.wake();
    });
    this.process.once('exit', () => {
      this.wake();
    });
  }

  /** Resolves with the first match in the output; rejects when the process ends without one. */
  async prints(expected: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = expected.exec(this.output);
      if (match) return match;
      if (this.hasEnded) throw new Error(`The process ended before it printed ${String(expected)}:\n${this.output}`);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** Asks the process to end, and waits until it has. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.hasEnded) return;
    this.process.kill(signal);
    await once(this.process, 'exit');
  }

  /** Sends a signal, and waits for nothing. */
  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Resolves once the process has ended, with its exit code or the signal that ended it. */
  async ended(): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
    if (!this.hasEnded) await once(this.process, 'exit');
    return { code: this.process.exitCode, signal: this.process.signalCode };
  }

  get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  private wake(): void {
    for (const resume of this.waiting.splice(0)) resume();
  }
}

/** Resolves when somebody answers at an address, whatever the answer; rejects after half a minute. */
export function answers(url: string): Promise<void> {
  const isThere = (): Promise<boolean> =>
    fetch(url).then(
      () => true,
      () => false,
    );
  return lookAgain(isThere, PATIENCE_MS, () => `Waited ${PATIENCE_MS} ms for an answer from ${url}.`);
}
