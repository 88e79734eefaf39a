import open, { type Knex } from 'knex';
import { knexTransactions } from 'nestjs-wanpay/transactions';
import type { Tool } from './tool.js';

export function knex(connection: string): Promise<Tool<Knex.Transaction>> {
  const database = open({ client: 'pg', connection });
  return Promise.resolve({
    transactions: knexTransactions(database),
    insert: async (transaction, orderNo) => transaction('shipments').insert({ order_no: orderNo }),
    sleep: (transaction, seconds) => transaction.raw<unknown>('select pg_sleep(?)', [seconds]).then(String),
    close: () => database.destroy(),
  });
}
