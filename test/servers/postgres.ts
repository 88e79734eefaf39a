import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../processes/ports.js';
import { asServer, giveToServer } from './account.js';
import { postgresBinaries } from './postgres-binaries.js';
import { Watchdog } from './watchdog.js';

const run = promisify(execFile);
const READY = 'database system is ready to accept connections';
const PORT_TAKEN = /could not bind|could not create any TCP\/IP sockets/;
const STARTS = 5;

/** How to run a {@link PostgresServer}. */
export interface PostgresServerOptions {
  /** Whether a commit waits for the disk; on unless told otherwise. Off is quicker, and loses commits with the machine, not with the process. */
  readonly fsync?: boolean;
  /** Further settings, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A real PostgreSQL of our own, on a free port of the loopback interface and in a temporary folder. Ends with this process. */
export class PostgresServer {
  private process: ChildProcess | undefined;
  private watchdog: Watchdog | undefined;
  private log = '';
  private databases = 0;

  private constructor(
    private readonly bin: string,
    private readonly folder: string,
    private readonly options: PostgresServerOptions,
    private port: number,
  ) {}

  /** Makes a fresh server and waits until it takes connections. */
  static async start(options: PostgresServerOptions = {}): Promise<PostgresServer> {
    const folder = await mkdtemp(join(tmpdir(), 'wanpay-postgres-'));
    try {
      await giveToServer(folder);
      const bin = await postgresBinaries(join(folder, 'native'));
      const server = new PostgresServer(bin, folder, options, await freePort());
      await server.initialise();
      await server.restart();
      return server;
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** The address of the database that every server has. */
  get connectionString(): string {
    return this.addressOf('postgres');
  }

  /** Makes an empty database; returns its address. */
  async createDatabase(): Promise<string> {
    this.databases += 1;
    const name = `test_${this.databases}`;
    const client = new pg.Client({ connectionString: this.connectionString });
    await client.connect();
    try {
      await client.query(`CREATE DATABASE ${name}`);
    } finally {
      await client.end();
    }
    return this.addressOf(name);
  }

  /** Ends the server at once, as a crash would, and waits until the last of its processes is gone. What was committed is kept. */
  async kill(signal: 'SIGKILL' | 'SIGQUIT' = 'SIGKILL'): Promise<void> {
    await this.end(signal);
    this.watchdog = new Watchdog(undefined, this.folder);
  }

  /** Starts the server again, on the same port and data. Ends it first, in good order, where it runs. */
  async restart(): Promise<void> {
    await this.end('SIGINT');
    for (let starts = 1; !(await this.launch()); starts += 1) {
      if (starts === STARTS || !PORT_TAKEN.test(this.log)) throw new Error(`PostgreSQL did not start:\n${this.log}`);
      this.port = await freePort();
    }
  }

  /** Ends the server and removes its data. */
  async stop(): Promise<void> {
    await this.end('SIGINT');
    this.forget();
    await rm(this.folder, { recursive: true, force: true });
  }

  private addressOf(database: string): string {
    return `postgresql://postgres@127.0.0.1:${this.port}/${database}`;
  }

  private get data(): string {
    return join(this.folder, 'data');
  }

  private async initialise(): Promise<void> {
    await mkdir(this.data);
    await giveToServer(this.data);
    const args = ['-D', this.data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
    await run(join(this.bin, 'initdb'), args, { ...asServer, cwd: this.folder });
  }

  /** Resolves with whether it came up. */
  private async launch(): Promise<boolean> {
    const settings = {
      port: String(this.port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      fsync: this.options.fsync === false ? 'off' : 'on',
      // After a crash, one call for the whole disk instead of one for each of a thousand files.
      ...(process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}),
      ...this.options.settings,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = spawn(join(this.bin, 'postgres'), ['-D', this.data, ...args], {
      ...asServer,
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.log = '';
    const ready = new Promise<boolean>((resolve) => {
      server.stderr.on('data', (chunk: Buffer) => {
        this.log += chunk.toString();
        if (this.log.includes(READY)) resolve(true);
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
    if (await ready) return true;
    this.forget();
    return false;
  }

  /** Its processes share one pipe for their log, so that the pipe closes when the last of them has ended. */
  private async end(signal: NodeJS.Signals): Promise<void> {
    const server = this.process;
    if (!server) return;
    const closed = once(server, 'close');
    server.kill(signal);
    await closed;
    this.forget();
  }

  private forget(): void {
    this.process = undefined;
    this.watchdog?.dismiss();
    this.watchdog = undefined;
  }
}
