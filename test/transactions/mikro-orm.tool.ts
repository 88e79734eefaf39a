import { EntitySchema, MikroORM, type SqlEntityManager } from '@mikro-orm/postgresql';
import { mikroOrmTransactions } from 'nestjs-wanpay/transactions';
import type { Tool } from './tool.js';

class Shipment {
  orderNo = '';
}
const shipments = new EntitySchema({
  class: Shipment,
  tableName: 'shipments',
  properties: { orderNo: { type: 'text', fieldName: 'order_no', primary: true } },
});

export async function mikroOrm(clientUrl: string): Promise<Tool<SqlEntityManager>> {
  const orm = await MikroORM.init({ clientUrl, entities: [shipments] });
  return {
    transactions: mikroOrmTransactions(orm),
    // What is persisted is written when the handler is done.
    insert: (manager, orderNo) => Promise.resolve(manager.persist(manager.create(Shipment, { orderNo }))),
    sleep: (manager, seconds) => manager.execute('select pg_sleep(?)', [seconds]),
    close: () => orm.close(),
  };
}
