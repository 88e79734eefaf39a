import { createServer, type Server } from 'node:http';
import { freePort } from '../processes/ports.js';
import { PostgresServer } from './postgres.js';

/** Starts the servers that the specs of one run share, and makes their databases. Specs run in other processes, so it answers over HTTP. */
export class ServerBroker {
  private postgres: Promise<PostgresServer> | undefined;

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(): Promise<ServerBroker> {
    const port = await freePort();
    const server = createServer();
    const broker = new ServerBroker(`http://127.0.0.1:${port}`, server);
    server.on('request', (_request, response) => {
      broker.createDatabase().then(
        (address) => response.end(address),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return broker;
  }

  /** Ends every server that was started. */
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await (await this.postgres)?.stop();
  }

  private async createDatabase(): Promise<string> {
    this.postgres ??= PostgresServer.start({ fsync: false });
    return (await this.postgres).createDatabase();
  }
}
