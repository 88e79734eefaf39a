import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Ask, type HostMake, isAnswer, type Message } from './make.js';

/** Something in another process that listens. */
export interface Remote {
  readonly port: number;
  /** Asks for one thing at a time. */
  ask(ask: Ask): Promise<readonly number[]>;
  stop(): Promise<void>;
}

/** The processes that hosts run in. */
export class HostProcesses {
  private shared: Promise<RemoteProcess> | undefined;

  /** @param isShared whether one process has all hosts, which starts sooner and measures nothing */
  constructor(private readonly isShared: boolean) {}

  /** Starts a host, and waits until it listens. */
  async start(make: HostMake, profileFolder?: string): Promise<Remote> {
    const child = await (this.isShared ? (this.shared ??= startHosts()) : startHosts(profileFolder));
    const port = portOf(await child.send({ make }));
    return {
      port,
      ask: (ask) => child.send({ ...ask, port }),
      stop: async () => {
        await child.send({ ask: 'stop', port });
        if (!this.isShared) await child.stop();
      },
    };
  }

  async stop(): Promise<void> {
    await (await this.shared)?.stop();
  }
}

/** Starts the platform's emulator. */
export async function startEmulator(): Promise<Pick<Remote, 'port' | 'stop'>> {
  const { child, numbers } = await RemoteProcess.start('./emulator.js');
  return { port: portOf(numbers), stop: () => child.stop() };
}

async function startHosts(profileFolder?: string): Promise<RemoteProcess> {
  const { child } = await RemoteProcess.start('./host.js', profileFolder);
  return child;
}

function portOf([port]: readonly number[]): number {
  if (port === undefined) throw new Error('The process did not say where it listens.');
  return port;
}

class RemoteProcess {
  /** Answers don't say what they answer, so each waits for the one before. */
  private last: Promise<unknown> = Promise.resolve();

  private constructor(private readonly process: ChildProcess) {}

  static async start(
    script: string,
    profileFolder?: string,
  ): Promise<{ child: RemoteProcess; numbers: readonly number[] }> {
    const profiled = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    const child = fork(fileURLToPath(new URL(script, import.meta.url)), {
      execArgv: ['--expose-gc', ...profiled],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const numbers = await nextAnswer(child);
    return { child: new RemoteProcess(child), numbers };
  }

  send(message: Message): Promise<readonly number[]> {
    const answer = this.last.then(() => {
      const next = nextAnswer(this.process);
      this.process.send(message);
      return next;
    });
    this.last = answer.catch(() => undefined);
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
