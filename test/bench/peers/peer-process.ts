import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { isAnswer } from '../host/make.js';

/** What a peer's process is asked: to open orders, to work through facts as quickly as it can, or at a steady rate. */
export type PeerAsk =
  | { readonly ask: 'open'; readonly orders: readonly string[] }
  | { readonly ask: 'rate'; readonly orders: readonly string[]; readonly atOnce: number }
  | { readonly ask: 'latency'; readonly orders: readonly string[]; readonly perSecond: number };

/** A process that one side of a comparison has to itself. It answers with figures: the first time with its port, or with none. */
export class PeerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  static async start(script: string, env: Readonly<Record<string, string>> = {}): Promise<PeerProcess> {
    const child = fork(script, {
      env: { PATH: process.env.PATH, ...env },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [port = 0] = await nextAnswer(child);
    return new PeerProcess(child, port);
  }

  async ask(ask: PeerAsk): Promise<readonly number[]> {
    const answer = nextAnswer(this.child);
    this.child.send(ask);
    return answer;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

async function nextAnswer(child: ChildProcess): Promise<readonly number[]> {
  const answered = new AbortController();
  const ended = once(child, 'exit', { signal: answered.signal }).then(() => {
    throw new Error('The process ended before it had answered.');
  });
  const answer = once(child, 'message').then(([message]) => message as unknown);
  try {
    const message = await Promise.race([answer, ended]);
    if (isAnswer(message)) return message.numbers;
    throw new TypeError('The process said what it should not.');
  } finally {
    ended.catch(() => undefined);
    answered.abort();
  }
}
