import { cpus, totalmem, type as system, release } from 'node:os';
import pg from 'pg';
import type { PostgresServer } from '../servers/postgres.js';

const GIGABYTE = 2 ** 30;

/** What the figures were measured on. */
export async function describeMachine(server: PostgresServer | undefined): Promise<readonly string[]> {
  const processors = cpus();
  return [
    `Date: ${new Date().toISOString().slice(0, 10)}`,
    `Machine: ${processors.length} × ${processors[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / GIGABYTE)} GB, ${system()} ${release()}`,
    `Node.js ${process.version}`,
    ...(server ? [`${await versionOf(server)}, fsync on`] : []),
  ];
}

async function versionOf(server: PostgresServer): Promise<string> {
  const client = new pg.Client({ connectionString: server.connectionString });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
  await client.end();
  return `PostgreSQL ${rows[0]?.server_version ?? 'of unknown version'}`;
}
