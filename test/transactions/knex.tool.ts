import open, { type Knex } from 'knex';
import { knexTransactions } from 'nestjs-wanpay/transactions';
import type { Tool } from './tool.js';

export function knex(connection: string): Promise<Tool<Knex.Transaction>> {
  const isMysql = connection.startsWith('mysql:');
  const database = open({ client: isMysql ? 'mysql2' : 'pg', connection });
  const sleep = isMysql ? 'select sleep(?)' : 'select pg_sleep(?)';
  return Promise.resolve({
    transactions: knexTransactions(database),
    insert: async (transaction, orderNo) => transaction('shipments').insert({ order_no: orderNo }),
    sleep: (transaction, seconds) => transaction.raw<unknown>(sleep, [seconds]).then(String),
    close: () => database.destroy(),
  });
}
