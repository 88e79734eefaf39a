import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../processes/ports.js';
import { MERCHANT } from './orders.js';
import type { Plan } from './plan.js';

const SCRIPT = join(import.meta.dirname, 'host.js');

/** What a process tells every second: the first time when it has started. */
interface Report {
  /** Numbers of orders and when their handler was first called, in turn. */
  readonly called: readonly number[];
  readonly residentBytes: number;
}

/** One of the processes, which comes back at the same address. */
export class SoakHost {
  private child: ChildProcess | undefined;
  private isExpectedToEnd = false;
  /** Whether it takes orders. */
  isUp = false;
  /** Whether it ended without having been told to. */
  hasDied = false;
  residentBytes = 0;

  private constructor(
    private readonly env: Readonly<Record<string, string>>,
    private readonly port: number,
    private readonly onCalled: (called: readonly number[]) => void,
  ) {}

  /** A process that has not started yet. */
  static async at(
    { keepSeconds, rowSeconds }: Plan,
    { baseUrl, databaseUrl }: Record<'baseUrl' | 'databaseUrl', string>,
    onCalled: (called: readonly number[]) => void,
  ): Promise<SoakHost> {
    const env = {
      WANPAY_MERCHANT_NO: MERCHANT.merchantNo,
      WANPAY_KEY: MERCHANT.key,
      WANPAY_BASE_URL: baseUrl,
      DATABASE_URL: databaseUrl,
      KEEP_SECONDS: String(keepSeconds),
      PURGE_SECONDS: String(rowSeconds),
    };
    return new SoakHost(env, await freePort(), onCalled);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resolves when it takes orders; rejects when it ended before. */
  async start(): Promise<void> {
    const env = { ...this.env, PATH: process.env.PATH, PORT: String(this.port), WANPAY_PUBLIC_URL: this.url };
    const child = fork(SCRIPT, { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.child = child;
    this.isExpectedToEnd = false;
    child.once('exit', () => {
      this.isUp = false;
      this.hasDied ||= !this.isExpectedToEnd;
    });
    child.on('message', (message) => {
      if (!isReport(message)) return;
      this.isUp = !this.isExpectedToEnd;
      this.residentBytes = message.residentBytes;
      if (message.called.length > 0) this.onCalled(message.called);
    });
    await Promise.race([once(child, 'message'), once(child, 'exit')]);
    if (this.hasDied) throw new Error('A host ended before it took orders.');
  }

  /** Ends it, in good order with SIGTERM, and waits until it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { child } = this;
    this.isExpectedToEnd = true;
    this.isUp = false;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

function isReport(message: unknown): message is Report {
  return (
    typeof message === 'object' &&
    message !== null &&
    'called' in message &&
    Array.isArray(message.called) &&
    'residentBytes' in message &&
    typeof message.residentBytes === 'number'
  );
}
