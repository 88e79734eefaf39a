import { join } from 'node:path';
import Database from 'libsql';
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { MariaDbServer } from '../servers/mariadb.js';
import type { PostgresServer } from '../servers/postgres.js';
import type { Store } from './scenario.js';

const EFFECTS = 'create table effects (order_no text not null, host text)';
const READ = 'select order_no from effects';

/** A ledger in a file; what the transactional handler writes is in the same file. */
export function sqliteStore(folder: string): Store {
  const file = join(folder, 'wanpay.db');
  const database = new Database(file);
  database.exec(EFFECTS);
  database.close();
  return {
    env: { LEDGER_FILE: file },
    effects: () => {
      const reading = new Database(file);
      const rows: unknown[] = reading.prepare(READ).all();
      reading.close();
      return Promise.resolve(rows.map(orderNoOf));
    },
    crash: () => Promise.reject(new Error('A file has no process to kill.')),
  };
}

/** A ledger in a database of the server; what the transactional handler writes is in the same database. */
export async function postgresStore(server: PostgresServer): Promise<Store> {
  const connectionString = await server.createDatabase();
  const query = async (sql: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    const { rows } = await client.query<object>(sql);
    await client.end();
    return rows;
  };
  await query(EFFECTS);
  return {
    env: { DATABASE_URL: connectionString },
    effects: async () => (await query(READ)).map(orderNoOf),
    crash: async () => {
      await server.kill();
      await server.restart();
    },
  };
}

/** The same in MariaDB. */
export async function mariaDbStore(server: MariaDbServer): Promise<Store> {
  const uri = await server.createDatabase();
  const query = async (sql: string): Promise<unknown[]> => {
    const connection = await mysql.createConnection({ uri });
    const [rows] = await connection.query<mysql.RowDataPacket[]>(sql);
    await connection.end();
    return rows;
  };
  await query(EFFECTS);
  return {
    env: { MYSQL_URI: uri },
    effects: async () => (await query(READ)).map(orderNoOf),
    crash: async () => {
      await server.kill();
      await server.restart();
    },
  };
}

function orderNoOf(row: unknown): string {
  if (typeof row === 'object' && row !== null && 'order_no' in row) return String(row.order_no);
  throw new TypeError('The row is not an effect.');
}
