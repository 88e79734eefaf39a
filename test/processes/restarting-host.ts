import type { WanPayEmulator } from 'wanpay-emulator';
import { Child } from './child.js';
import { lookAgain } from './look-again.js';
import { freePort } from './ports.js';

const DEADLINE_MS = 120_000;

/** A host application that comes back at the same address whenever it was killed. */
export class RestartingHost {
  private child: Child | undefined;
  private past = '';

  private constructor(
    private readonly script: string,
    private readonly env: Readonly<Record<string, string>>,
    private readonly port: number,
  ) {}

  /** A host of the emulator's merchant, not started yet. */
  static async at(
    script: string,
    { merchant, baseUrl }: WanPayEmulator,
    env: Readonly<Record<string, string>>,
  ): Promise<RestartingHost> {
    const merchantEnv = { WANPAY_MERCHANT_NO: merchant.merchantNo, WANPAY_KEY: merchant.key, WANPAY_BASE_URL: baseUrl };
    return new RestartingHost(script, { ...merchantEnv, ...env }, await freePort());
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** All that it printed, in all its lives. */
  get output(): string {
    return this.past + (this.child?.output ?? '');
  }

  /** Whether it ended without having been told to. */
  get hasDied(): boolean {
    return this.child?.hasEnded ?? false;
  }

  start(): Promise<unknown> {
    this.past = this.output;
    this.child = new Child(this.script, { ...this.env, PORT: String(this.port), WANPAY_PUBLIC_URL: this.url });
    return this.child.prints(/ready/);
  }

  async crash(): Promise<void> {
    await this.child?.stop('SIGKILL');
    await this.start();
  }

  async stop(signal?: NodeJS.Signals): Promise<void> {
    await this.child?.stop(signal);
  }

  /** Posts until it is done: what the host relies on may be coming back just now. */
  async insist(path: string): Promise<void> {
    const isDone = (): Promise<boolean> =>
      fetch(`${this.url}${path}`, { method: 'POST' }).then(
        ({ ok }) => ok,
        () => false,
      );
    await lookAgain(isDone, DEADLINE_MS, () => `Waited ${DEADLINE_MS} ms for ${this.url}${path}.`);
  }
}
