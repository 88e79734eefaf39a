import { EntitySchema } from '@mikro-orm/core';
import * as mariadb from '@mikro-orm/mariadb';
import * as mysql from '@mikro-orm/mysql';
import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { type HostTransactions, mikroOrmTransactions, prismaTransactions } from 'nestjs-wanpay/transactions';
import { openCls } from './cls.js';
import { PrismaClient } from './generated/client.js';

/** The table of the host's own that handlers write. */
export const SHIPMENTS =
  'CREATE TABLE IF NOT EXISTS shipments (id INT AUTO_INCREMENT PRIMARY KEY, order_no TEXT NOT NULL)';

/** A database tool as a host has it. Its clients are of its own type, which only the tool's functions ask for. */
export interface Tool {
  readonly transactions: HostTransactions<unknown>;
  /** Writes a row by the tool's own means. */
  insert(client: unknown, orderNo: string): Promise<unknown>;
  /** Has the database wait. */
  sleep(client: unknown, seconds: number): Promise<unknown>;
  close(): Promise<unknown>;
}

class Shipment {
  id!: number;
  orderNo = '';
}

const shipments = new EntitySchema({
  class: Shipment,
  tableName: 'shipments',
  properties: {
    id: { type: 'integer', primary: true, autoincrement: true },
    orderNo: { type: 'text', fieldName: 'order_no' },
  },
});

/** How each tool is opened, by its name. */
export const TOOLS: Readonly<Record<string, (url: string) => Promise<Tool>>> = {
  'Prisma with @prisma/adapter-mariadb': async (url) => {
    const prisma = new PrismaClient({ adapter: new PrismaMariaDb(url) });
    type Client = Parameters<Parameters<typeof prisma.$transaction>[0]>[0];
    return {
      transactions: prismaTransactions(prisma),
      insert: (client, orderNo) => (client as Client).shipment.create({ data: { orderNo } }),
      sleep: (client, seconds) => (client as Client).$queryRaw`SELECT SLEEP(${seconds})`,
      close: () => prisma.$disconnect(),
    };
  },
  'MikroORM with @mikro-orm/mysql': async (clientUrl) =>
    mikroOrm(await mysql.MikroORM.init({ clientUrl, entities: [shipments] })),
  'MikroORM with @mikro-orm/mariadb': async (clientUrl) =>
    mikroOrm(await mariadb.MikroORM.init({ clientUrl, entities: [shipments] })),
  '@nestjs-cls/transactional with TypeORM': openCls,
};

function mikroOrm(orm: mysql.MikroORM | mariadb.MikroORM): Tool {
  return {
    transactions: mikroOrmTransactions<mysql.EntityManager>(orm),
    // What is persisted is written when the handler is done.
    insert: async (client, orderNo) => {
      const manager = client as mysql.EntityManager;
      manager.persist(manager.create(Shipment, { orderNo }));
    },
    sleep: (client, seconds) => (client as mysql.EntityManager).execute('SELECT SLEEP(?)', [seconds]),
    close: () => orm.close(),
  };
}
