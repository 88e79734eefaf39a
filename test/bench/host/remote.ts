import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Ask, type HostMake, isAnswer } from './make.js';

/** A process of its own that listens, and does what it is asked for. */
export class Remote {
  private constructor(
    private readonly process: ChildProcess,
    readonly port: number,
  ) {}

  /** Starts a host, and waits until it listens. */
  static host(make: HostMake, profileFolder?: string): Promise<Remote> {
    return Remote.start('./host.js', [JSON.stringify(make)], profileFolder);
  }

  /** Starts the platform's emulator. */
  static emulator(): Promise<Remote> {
    return Remote.start('./emulator.js', []);
  }

  private static async start(script: string, args: readonly string[], profileFolder?: string): Promise<Remote> {
    const profiled = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    const child = fork(fileURLToPath(new URL(script, import.meta.url)), args, {
      execArgv: ['--expose-gc', ...profiled],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [port] = await nextAnswer(child);
    if (port === undefined) throw new Error('The process did not say where it listens.');
    return new Remote(child, port);
  }

  /** Asks for one thing at a time. */
  ask(ask: Ask): Promise<readonly number[]> {
    const answer = nextAnswer(this.process);
    this.process.send(ask);
    return answer;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const exited = once(this.process, 'exit');
    this.process.disconnect();
    await exited;
  }
}

function nextAnswer(child: ChildProcess): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const ended = (): void => {
      reject(new Error('The process ended before it had answered.'));
    };
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      if (isAnswer(message)) resolve(message.numbers);
      else reject(new TypeError('The process said what it should not.'));
    });
  });
}
