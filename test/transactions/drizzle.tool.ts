import { sql } from 'drizzle-orm';
import { drizzle as open, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable, text } from 'drizzle-orm/pg-core';
import { drizzleTransactions } from 'nestjs-wanpay/transactions';
import { openPool } from '../ledger/postgres-fixture.js';
import type { Tool } from './tool.js';

const shipments = pgTable('shipments', { orderNo: text('order_no').notNull() });

export function drizzle(connectionString: string): Promise<Tool<Pick<NodePgDatabase, 'insert' | 'execute'>>> {
  const pool = openPool({ connectionString });
  return Promise.resolve({
    transactions: drizzleTransactions(open(pool)),
    insert: (transaction, orderNo) => transaction.insert(shipments).values({ orderNo }),
    sleep: (transaction, seconds) => transaction.execute(sql`select pg_sleep(${seconds})`),
    close: () => pool.end(),
  });
}
