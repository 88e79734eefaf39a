import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../processes/ports.js';
import { asServer, giveToServer } from './account.js';
import { Watchdog } from './watchdog.js';

const STARTS = 5;

/** How a server is run. */
export interface ServerPlan {
  readonly name: string;
  readonly program: string;
  readonly args: (port: number) => readonly string[];
  /** Where it logs. */
  readonly logsTo: 'stdout' | 'stderr';
  /** What it logs once it takes connections. */
  readonly ready: string;
  /** What it logs when somebody else listens on its port. */
  readonly portTaken: RegExp;
  /** Writes what it reads at its start. */
  readonly prepare?: (port: number) => Promise<void>;
}

/** Makes a temporary folder that belongs to the server's account, and removes it again when what is made in it can't be. */
export async function inFolder<T>(name: string, make: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `wanpay-${name}-`));
  try {
    await giveToServer(folder);
    return await make(folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** A server of our own on a free port, which it keeps, with its data in a folder. Ends with this process. */
export class ServerProcess {
  private process: ChildProcess | undefined;
  private closed: Promise<unknown> = Promise.resolve();
  private watchdog: Watchdog | undefined;
  private log = '';
  private currentPort = 0;

  constructor(
    private readonly folder: string,
    private readonly plan: ServerPlan,
  ) {}

  get port(): number {
    return this.currentPort;
  }

  /** Ends the server at once, as a crash would, and waits until the last of its processes is gone. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    await this.end(signal);
    this.watchdog = new Watchdog(undefined, this.folder);
  }

  /** Starts the server, on the same port and data where it ran before. Ends it first, with `signal`, where it runs. */
  async restart(signal: NodeJS.Signals): Promise<void> {
    await this.end(signal);
    this.currentPort ||= await freePort();
    for (let starts = 1; !(await this.launch()); starts += 1) {
      const { name, portTaken } = this.plan;
      if (starts === STARTS || !portTaken.test(this.log)) throw new Error(`${name} did not start:\n${this.log}`);
      this.currentPort = await freePort();
    }
  }

  /** Ends the server and removes its folder. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    await this.end(signal);
    this.forget();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Resolves with whether it came up. */
  private async launch(): Promise<boolean> {
    const { program, args, logsTo, ready, prepare } = this.plan;
    await prepare?.(this.currentPort);
    const server = spawn(program, args(this.currentPort), {
      ...asServer,
      cwd: this.folder,
      stdio: ['ignore', logsTo === 'stdout' ? 'pipe' : 'ignore', logsTo === 'stderr' ? 'pipe' : 'ignore'],
    });
    this.closed = new Promise((resolve) => server.once('close', resolve));
    this.log = '';
    const up = new Promise<boolean>((resolve) => {
      server[logsTo]?.on('data', (chunk: Buffer) => {
        this.log += chunk.toString();
        if (this.log.includes(ready)) resolve(true);
      });
      server.once('close', () => {
        resolve(false);
      });
      server.once('error', (error) => {
        this.log += error.message;
        resolve(false);
      });
    });
    this.watchdog?.dismiss();
    this.watchdog = new Watchdog(server.pid, this.folder);
    this.process = server;
    if (await up) return true;
    this.forget();
    return false;
  }

  /**
   * Its processes share one pipe for their log, so that the pipe closes when the last of them has ended. It may have ended before:
   * Ctrl-C reaches every process of a terminal.
   */
  private async end(signal: NodeJS.Signals): Promise<void> {
    const server = this.process;
    if (!server) return;
    server.kill(signal);
    await this.closed;
    this.forget();
  }

  private forget(): void {
    this.process = undefined;
    this.watchdog?.dismiss();
    this.watchdog = undefined;
  }
}
