import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { kyselyTransactions } from 'nestjs-wanpay/transactions';
import { openPool } from '../ledger/postgres-fixture.js';
import type { Tool } from './tool.js';

interface Tables {
  shipments: { order_no: string };
}

export function kysely(connectionString: string): Promise<Tool<Transaction<Tables>>> {
  const database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: openPool({ connectionString }) }) });
  return Promise.resolve({
    transactions: kyselyTransactions(database),
    insert: (transaction, orderNo) => transaction.insertInto('shipments').values({ order_no: orderNo }).execute(),
    sleep: (transaction, seconds) => sql`select pg_sleep(${seconds})`.execute(transaction),
    close: () => database.destroy(),
  });
}
