import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { freePort } from '../processes/ports.js';
import { MariaDbServer } from './mariadb.js';
import { PostgresServer } from './postgres.js';
import { Watchdog } from './watchdog.js';

/** The data folder of a PostgreSQL that never runs. */
interface PostgresData {
  readonly data: string;
  remove(): Promise<void>;
}

/** Starts the servers that the specs of one run share, and makes their databases. Specs run in other processes, so it answers over HTTP. */
export class ServerBroker {
  private postgres: Promise<PostgresServer> | undefined;
  private mariadb: Promise<MariaDbServer> | undefined;
  private postgresData: Promise<PostgresData> | undefined;

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(): Promise<ServerBroker> {
    const port = await freePort();
    const server = createServer();
    const broker = new ServerBroker(`http://127.0.0.1:${port}`, server);
    server.on('request', (request, response) => {
      broker.answer(request.url).then(
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
    await Promise.all([
      (await this.postgres)?.stop(),
      (await this.mariadb)?.stop(),
      (await this.postgresData)?.remove(),
    ]);
  }

  private answer(url: string | undefined): Promise<string> {
    if (url === '/mariadb') return this.createMariaDbDatabase();
    return url === '/postgres-data' ? this.dataToCopy() : this.createDatabase();
  }

  /** Making it takes seven times as long as a copy. */
  private async dataToCopy(): Promise<string> {
    this.postgresData ??= makePostgresData();
    return (await this.postgresData).data;
  }

  private async createDatabase(): Promise<string> {
    this.postgres ??= PostgresServer.start({ fsync: false });
    return (await this.postgres).createDatabase();
  }

  private async createMariaDbDatabase(): Promise<string> {
    this.mariadb ??= MariaDbServer.start({ fsync: false });
    return (await this.mariadb).createDatabase();
  }
}

async function makePostgresData(): Promise<PostgresData> {
  const { folder, data } = await PostgresServer.makeData();
  const watchdog = new Watchdog(undefined, folder);
  const remove = async (): Promise<void> => {
    watchdog.dismiss();
    await rm(folder, { recursive: true, force: true });
  };
  return { data, remove };
}
