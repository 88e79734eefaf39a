import { sql } from 'drizzle-orm';
import { drizzle as openMysql, type MySql2Database } from 'drizzle-orm/mysql2';
import { mysqlTable, text as mysqlText } from 'drizzle-orm/mysql-core';
import { drizzle as openPostgres, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable, text } from 'drizzle-orm/pg-core';
import { createPool } from 'mysql2/promise';
import { drizzleTransactions } from 'nestjs-wanpay/transactions';
import { openPool } from '../ledger/postgres-fixture.js';
import type { Tool } from './tool.js';

const shipments = pgTable('shipments', { orderNo: text('order_no').notNull() });
const mysqlShipments = mysqlTable('shipments', { orderNo: mysqlText('order_no').notNull() });

export function drizzle(connectionString: string): Promise<Tool<Pick<NodePgDatabase, 'insert' | 'execute'>>> {
  const pool = openPool({ connectionString });
  return Promise.resolve({
    transactions: drizzleTransactions(openPostgres(pool)),
    insert: (transaction, orderNo) => transaction.insert(shipments).values({ orderNo }),
    sleep: (transaction, seconds) => transaction.execute(sql`select pg_sleep(${seconds})`),
    close: () => pool.end(),
  });
}

export function drizzleOnMysql(uri: string): Promise<Tool<Pick<MySql2Database, 'insert' | 'execute'>>> {
  const pool = createPool(uri);
  return Promise.resolve({
    transactions: drizzleTransactions(openMysql(pool)),
    insert: (transaction, orderNo) => transaction.insert(mysqlShipments).values({ orderNo }),
    sleep: (transaction, seconds) => transaction.execute(sql`select sleep(${seconds})`),
    close: () => pool.end(),
  });
}
