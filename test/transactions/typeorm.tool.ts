import { DataSource, EntitySchema } from 'typeorm';
import { typeormTransactions } from 'nestjs-wanpay/transactions';
import type { Tool } from './tool.js';
import type { EntityManager } from 'typeorm';

const Shipment = new EntitySchema<{ orderNo: string }>({
  name: 'shipments',
  columns: { orderNo: { name: 'order_no', type: 'text', primary: true } },
});

export async function typeorm(url: string): Promise<Tool<EntityManager>> {
  const isMysql = url.startsWith('mysql:');
  const entities = [Shipment];
  const dataSource = new DataSource(isMysql ? { type: 'mysql', url, entities } : { type: 'postgres', url, entities });
  await dataSource.initialize();
  return {
    transactions: typeormTransactions(dataSource),
    insert: (manager, orderNo) => manager.getRepository(Shipment).insert({ orderNo }),
    sleep: (manager, seconds) => manager.query(isMysql ? 'select sleep(?)' : 'select pg_sleep($1)', [seconds]),
    close: () => dataSource.destroy(),
  };
}
