import { type Dialect, Kysely, MysqlDialect, PostgresDialect, sql, type Transaction } from 'kysely';
import { createPool } from 'mysql2';
import { kyselyTransactions } from 'nestjs-wanpay/transactions';
import { openPool } from '../ledger/postgres-fixture.js';
import type { Tool } from './tool.js';

interface Tables {
  shipments: { order_no: string };
}

export function kysely(url: string): Promise<Tool<Transaction<Tables>>> {
  const isMysql = url.startsWith('mysql:');
  const dialect: Dialect = isMysql
    ? new MysqlDialect({ pool: createPool(url) })
    : new PostgresDialect({ pool: openPool({ connectionString: url }) });
  const database = new Kysely<Tables>({ dialect });
  const sleepFor = sql.raw(isMysql ? 'sleep' : 'pg_sleep');
  return Promise.resolve({
    transactions: kyselyTransactions(database),
    insert: (transaction, orderNo) => transaction.insertInto('shipments').values({ order_no: orderNo }).execute(),
    sleep: (transaction, seconds) => sql`select ${sleepFor}(${seconds})`.execute(transaction),
    close: () => database.destroy(),
  });
}
