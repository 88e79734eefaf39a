import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { asServer, giveAllToServer, giveToServer } from './account.js';
import { askBroker } from './ask-broker.js';
import { postgresBinaries } from './postgres-binaries.js';
import { inFolder, ServerProcess } from './server-process.js';

const run = promisify(execFile);

/** How to run a {@link PostgresServer}. */
export interface PostgresServerOptions {
  /**
   * Whether a commit waits for the disk; on unless told otherwise. Off is quicker, and loses commits with the machine, not with the process.
   * It also leaves out what is for servers that live on: a hundred databases, each vacuumed once a minute, take seconds of a run.
   */
  readonly fsync?: boolean;
  /** Further settings, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A real PostgreSQL of our own, on a free port of the loopback interface and in a temporary folder. Ends with this process. */
export class PostgresServer {
  private databases = 0;

  private constructor(
    private readonly server: ServerProcess,
    private readonly bin: string,
    private readonly data: string,
  ) {}

  /** Makes the data folder of a server, which {@link PostgresServer.start} can copy; the folder it is in is the caller's to remove. */
  static makeData(): Promise<{ readonly folder: string; readonly data: string }> {
    return inFolder('postgres-data', async (folder) => {
      const data = join(folder, 'data');
      await initialise(await postgresBinaries(join(folder, 'native')), data, folder);
      return { folder, data };
    });
  }

  /** Makes a fresh server and waits until it takes connections. In a run of the tests, its data is a copy of what the run made once. */
  static start(options: PostgresServerOptions = {}): Promise<PostgresServer> {
    return inFolder('postgres', async (folder) => {
      const bin = await postgresBinaries(join(folder, 'native'));
      const data = join(folder, 'data');
      if (process.env.TEST_SERVER_BROKER) await run('cp', ['-a', await askBroker('postgres-data'), data]);
      else await initialise(bin, data, folder);
      return PostgresServer.launch(folder, bin, data, options);
    });
  }

  private static async launch(
    folder: string,
    bin: string,
    data: string,
    options: PostgresServerOptions,
  ): Promise<PostgresServer> {
    const server = new ServerProcess(folder, {
      name: 'PostgreSQL',
      program: join(bin, 'postgres'),
      args: (port) => ['-D', data, ...settingsOf(port, options)],
      logsTo: 'stderr',
      ready: 'database system is ready to accept',
      portTaken: /could not bind|could not create any TCP\/IP sockets/,
    });
    await server.restart('SIGINT');
    return new PostgresServer(server, bin, data);
  }

  /** Makes a replica that follows this server, read-only until somebody promotes it. This server is restarted meanwhile. */
  replicate(options: PostgresServerOptions = {}): Promise<PostgresServer> {
    return inFolder('replica', async (folder) => {
      const data = join(folder, 'data');
      await this.server.kill('SIGINT');
      await cp(this.data, data, { recursive: true, preserveTimestamps: true });
      await this.restart();
      await writeFile(join(data, 'standby.signal'), '');
      await giveAllToServer(data);
      const primary_conninfo = `host=127.0.0.1 port=${this.server.port} user=postgres application_name=replica`;
      return PostgresServer.launch(folder, this.bin, data, {
        ...options,
        settings: { ...options.settings, primary_conninfo },
      });
    });
  }

  /** The address of the database that every server has. */
  get connectionString(): string {
    return this.addressOf('postgres');
  }

  get port(): number {
    return this.server.port;
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
  kill(signal: 'SIGKILL' | 'SIGQUIT' = 'SIGKILL'): Promise<void> {
    return this.server.kill(signal);
  }

  /** Starts the server again, on the same port and data. Ends it first, in good order, where it runs. */
  restart(): Promise<void> {
    return this.server.restart('SIGINT');
  }

  /** Ends the server and removes its data. */
  stop(): Promise<void> {
    return this.server.stop('SIGINT');
  }

  private addressOf(database: string): string {
    return `postgresql://postgres@127.0.0.1:${this.server.port}/${database}`;
  }
}

async function initialise(bin: string, data: string, folder: string): Promise<void> {
  await mkdir(data);
  await giveToServer(data);
  const args = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
  await run(join(bin, 'initdb'), args, { ...asServer, cwd: folder });
}

function settingsOf(port: number, options: PostgresServerOptions): string[] {
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    ...(options.fsync === false ? { fsync: 'off', full_page_writes: 'off', autovacuum: 'off' } : { fsync: 'on' }),
    // After a crash, one call for the whole disk instead of one for each of a thousand files.
    ...(process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}),
    ...options.settings,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
