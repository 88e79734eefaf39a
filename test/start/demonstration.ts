import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { freePort } from '../processes/ports.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The ports a demonstration uses. */
export interface Ports {
  readonly shop: number;
  readonly emulator: number;
}

/** Another way to start it, or in another environment. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What `npm start` runs after the build, as processes of their own. */
export class Demonstration {
  /** What all of them have printed so far. */
  output = '';
  /**
   * The exit code, once it and everything that it started has ended: they share its standard error, which closes with
   * the last of them.
   */
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcessByStdio<null, Readable, Readable>;
  private readonly progress = new EventEmitter();
  private isOver = false;

  constructor(
    readonly ports: Ports,
    { command = process.execPath, args = ['apps/start.js'], env = {} }: Partial<Launch> = {},
  ) {
    this.child = spawn(command, args, {
      cwd: ROOT,
      env: {
        ...process.env,
        LC_ALL: 'C',
        SHOP_PORT: String(ports.shop),
        EMULATOR_PORT: String(ports.emulator),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.ended = this.gather();
  }

  get shopUrl(): string {
    return `http://127.0.0.1:${this.ports.shop}`;
  }

  get emulatorUrl(): string {
    return `http://127.0.0.1:${this.ports.emulator}`;
  }

  /** Resolves when a text has been printed. */
  async prints(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      if (this.isOver) throw new Error(`It ended without printing ${text}:\n${this.output}`);
      await once(this.progress, 'change');
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  private async gather(): Promise<number | null> {
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        this.output += chunk;
        this.progress.emit('change');
      });
    }
    await once(this.child, 'close');
    this.isOver = true;
    this.progress.emit('change');
    return this.child.exitCode;
  }
}

/** Two ports that nobody listens on. */
export async function freePorts(): Promise<Ports> {
  const shop = await freePort();
  let emulator = await freePort();
  while (emulator === shop) emulator = await freePort();
  return { shop, emulator };
}
