import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import mysql from 'mysql2/promise';
import { asServer, giveToServer } from './account.js';
import { findProgram } from './programs.js';
import { inFolder, ServerProcess } from './server-process.js';

/** How to run a {@link MariaDbServer}. */
export interface MariaDbServerOptions {
  /** Whether a commit waits for the disk; on unless told otherwise. Off is quicker, and loses commits with the machine, not with the process. */
  readonly fsync?: boolean;
  /** Further settings, as in my.cnf. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Of the server and of the run that makes its own tables: as little to write and to keep as it takes. */
const SMALL = {
  'innodb-buffer-pool-size': '64M',
  'innodb-log-file-size': '32M',
  'innodb-data-file-path': 'ibdata1:10M:autoextend',
  'innodb-buffer-pool-dump-at-shutdown': 'OFF',
  'innodb-buffer-pool-load-at-startup': 'OFF',
};
/** What an installation runs, in a database called mysql. */
const SYSTEM_TABLES = ['mysql_system_tables.sql', 'mysql_performance_tables.sql', 'mysql_system_tables_data.sql'];

/** A real MariaDB of our own, on a free port of the loopback interface and in a temporary folder. Ends with this process. */
export class MariaDbServer {
  private databases = 0;

  private constructor(private readonly server: ServerProcess) {}

  /** Makes a fresh server and waits until it takes connections. */
  static start(options: MariaDbServerOptions = {}): Promise<MariaDbServer> {
    const program = findProgram('mariadbd');
    if (!program) throw new Error('There is no mariadbd here: run npm run test:programs, or install it yourself.');
    return inFolder('mariadb', async (folder) => {
      const share = await shareFolder(program);
      await initialise(program, folder, share);
      const server = new ServerProcess(folder, {
        name: 'MariaDB',
        program,
        args: (port) => [
          '--no-defaults',
          ...argumentsOf({ ...settingsOf(port, folder, options), 'lc-messages-dir': share }),
        ],
        logsTo: 'stderr',
        ready: 'ready for connections',
        portTaken: /Can't start server: Bind on TCP\/IP port/,
      });
      await server.restart('SIGTERM');
      return new MariaDbServer(server);
    });
  }

  /** The address of the server, with no database chosen. */
  get uri(): string {
    return `mysql://root@127.0.0.1:${this.server.port}/`;
  }

  /** Makes an empty database; returns its address. */
  async createDatabase(): Promise<string> {
    this.databases += 1;
    const name = `test_${this.databases}`;
    const connection = await mysql.createConnection({ uri: this.uri });
    try {
      await connection.query(`CREATE DATABASE ${name}`);
    } finally {
      await connection.end();
    }
    return `${this.uri}${name}`;
  }

  /** Ends the server at once, as a crash would. What was committed is kept. */
  kill(): Promise<void> {
    return this.server.kill('SIGKILL');
  }

  /** Starts the server again, on the same port and data. Ends it first, in good order, where it runs. */
  restart(): Promise<void> {
    return this.server.restart('SIGTERM');
  }

  /** Ends the server and removes its data. */
  stop(): Promise<void> {
    return this.server.stop('SIGKILL');
  }
}

/** Does what mariadb-install-db does, which needs programs of another package. */
async function initialise(program: string, folder: string, share: string): Promise<void> {
  const data = dataOf(folder);
  for (const each of [data, join(data, 'mysql'), temporaryOf(folder)]) {
    await mkdir(each);
    await giveToServer(each);
  }
  const settings = {
    ...SMALL,
    datadir: data,
    tmpdir: temporaryOf(folder),
    'innodb-flush-log-at-trx-commit': '0',
    'lc-messages-dir': share,
  };
  const args = ['--no-defaults', '--bootstrap', '--skip-networking', ...argumentsOf(settings)];
  const server = spawn(program, args, { ...asServer, cwd: data, stdio: ['pipe', 'ignore', 'pipe'] });
  const closed = once(server, 'close');
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const texts = await Promise.all(SYSTEM_TABLES.map((file) => readFile(join(share, file), 'utf8')));
  await pipeline([['use mysql;\n', ...texts].join('\n')], server.stdin).catch(() => undefined);
  const ended: unknown[] = await closed;
  if (ended[0] !== 0) throw new Error(`MariaDB could not make its tables:\n${log}`);
}

/** Beside the program, where it was unpacked and not installed. */
async function shareFolder(program: string): Promise<string> {
  const folders = [
    join(dirname(program), '../share/mysql'),
    join(dirname(program), '../mariadb-server-core/usr/share/mysql'),
  ];
  for (const folder of [...folders, '/usr/share/mysql', '/usr/share/mariadb']) {
    const isThere = await access(join(folder, 'mysql_system_tables.sql')).then(
      () => true,
      () => false,
    );
    if (isThere) return folder;
  }
  throw new Error('MariaDB’s mysql_system_tables.sql was not found: install Debian’s mariadb-server-core package.');
}

function dataOf(folder: string): string {
  return join(folder, 'data');
}

/** A server that starts deletes the temporary tables in its folder, also those of a server that shares it and works. */
function temporaryOf(folder: string): string {
  return join(folder, 'tmp');
}

function settingsOf(
  port: number,
  folder: string,
  { fsync, settings }: MariaDbServerOptions,
): Readonly<Record<string, string>> {
  return {
    ...SMALL,
    port: String(port),
    'bind-address': '127.0.0.1',
    'skip-networking': '0',
    socket: join(folder, 'mariadb.sock'),
    'pid-file': join(folder, 'mariadb.pid'),
    datadir: dataOf(folder),
    tmpdir: temporaryOf(folder),
    ...(fsync === false ? { 'innodb-flush-log-at-trx-commit': '2' } : {}),
    ...settings,
  };
}

function argumentsOf(settings: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
}
