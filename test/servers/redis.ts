import { findProgram } from './programs.js';
import { inFolder, ServerProcess } from './server-process.js';

/** A real Redis of our own, on a free port of the loopback interface and in a temporary folder. Ends with this process. */
export class RedisServer {
  private constructor(private readonly server: ServerProcess) {}

  /** Makes an empty server and waits until it takes connections. */
  static start(): Promise<RedisServer> {
    const program = findProgram('redis-server');
    if (!program) throw new Error('There is no redis-server here: run npm run test:programs, or install it yourself.');
    return inFolder('redis', async (folder) => {
      const server = new ServerProcess(folder, {
        name: 'Redis',
        program,
        args: (port) =>
          argumentsOf({ port: String(port), bind: '127.0.0.1', dir: folder, save: '', appendonly: 'yes' }),
        logsTo: 'stdout',
        ready: 'Ready to accept connections',
        portTaken: /Address already in use/,
      });
      await server.restart('SIGTERM');
      return new RedisServer(server);
    });
  }

  /** How to reach it, as ioredis and BullMQ take it. */
  get connection(): { readonly host: string; readonly port: number } {
    return { host: '127.0.0.1', port: this.server.port };
  }

  /** Ends the server at once, as a crash would. What it appended to its file is kept. */
  kill(): Promise<void> {
    return this.server.kill('SIGKILL');
  }

  /** Starts the server again, on the same port and data. Ends it first, in good order, where it runs. */
  restart(): Promise<void> {
    return this.server.restart('SIGTERM');
  }

  /** Ends the server and removes its data. */
  stop(): Promise<void> {
    return this.server.stop('SIGTERM');
  }
}

function argumentsOf(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}
