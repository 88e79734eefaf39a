import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from './programs.js';
import { inFolder, ServerProcess } from './server-process.js';

/** A real PgBouncer of our own, in transaction mode, on a free port of the loopback interface. Ends with this process. */
export class PgBouncer {
  private constructor(
    private readonly server: ServerProcess,
    private readonly target: URL,
  ) {}

  /**
   * Starts one in front of a server, and waits until it takes connections.
   *
   * @param address of a database of the server
   * @param connections how many it makes to the server, for however many clients
   */
  static start(address: string, connections: number): Promise<PgBouncer> {
    const program = findProgram('pgbouncer');
    if (!program) throw new Error('There is no pgbouncer here: run npm run test:programs, or install it yourself.');
    const target = new URL(address);
    return inFolder('pgbouncer', async (folder) => {
      const server = new ServerProcess(folder, {
        name: 'PgBouncer',
        program,
        args: (port) => [settingsFile(folder, port)],
        logsTo: 'stderr',
        ready: 'process up',
        portTaken: /Address already in use|EADDRINUSE/,
        prepare: (port) => writeFile(settingsFile(folder, port), settings(target, port, connections)),
      });
      await server.restart('SIGKILL');
      return new PgBouncer(server, target);
    });
  }

  /** The address of the database, through it. */
  get address(): string {
    return Object.assign(new URL(this.target), { port: String(this.server.port) }).href;
  }

  stop(): Promise<void> {
    return this.server.stop('SIGKILL');
  }
}

function settingsFile(folder: string, port: number): string {
  return join(folder, `${port}.ini`);
}

function settings({ hostname, port: serverPort, username }: URL, port: number, connections: number): string {
  return `[databases]
* = host=${hostname} port=${serverPort} user=${username}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${connections}
max_client_conn = 200
`;
}
