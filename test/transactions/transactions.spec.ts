import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type ClaimedDelivery, Ledger } from 'nestjs-wanpay/ledger';
import { mysql, TransactionEndedError } from 'nestjs-wanpay/mysql';
import { postgres } from 'nestjs-wanpay/postgres';
import {
  type HostTransactions,
  TransactionsElsewhereError,
  TransactionsUnusableError,
} from 'nestjs-wanpay/transactions';
import { type LedgerFixture, SHIP } from '../ledger/ledger-fixture.js';
import { MysqlFixture } from '../ledger/mysql-fixture.js';
import { START } from '../ledger/payments.js';
import { PostgresFixture } from '../ledger/postgres-fixture.js';
import { createMariaDbDatabase } from '../servers/shared-mariadb.js';
import { createDatabase } from '../servers/shared-postgres.js';
import { drizzle, drizzleOnMysql } from './drizzle.tool.js';
import { knex } from './knex.tool.js';
import { kysely } from './kysely.tool.js';
import { mikroOrm } from './mikro-orm.tool.js';
import { SHIPMENTS, type Tool } from './tool.js';
import { typeorm } from './typeorm.tool.js';
import { typeorm03 } from './typeorm-03.tool.js';

type Open = (address: string) => Promise<Tool<unknown>>;

const TOOLS: readonly (readonly [string, Open])[] = [
  ['TypeORM', typeorm],
  ['TypeORM 0.3', typeorm03],
  ['MikroORM', mikroOrm],
  ['Drizzle', drizzle],
  ['Kysely', kysely],
  ['Knex', knex],
];

const onPostgres = (): Promise<LedgerFixture> => PostgresFixture.open();
const onMariaDb = (): Promise<LedgerFixture> => MysqlFixture.open();

const TOOLS_ON_MARIADB: readonly (readonly [string, Open])[] = [
  ['TypeORM on MariaDB', typeorm],
  ['TypeORM 0.3 on MariaDB', typeorm03],
  ['Drizzle on MariaDB', drizzleOnMysql],
  ['Kysely on MariaDB', kysely],
  ['Knex on MariaDB', knex],
];

describe.each([
  ...TOOLS.map(([name, open]) => [name, open, onPostgres] as const),
  ...TOOLS_ON_MARIADB.map(([name, open]) => [name, open, onMariaDb] as const),
])('a transactional handler with %s', (_, open, openFixture) => {
  let fixture: LedgerFixture;
  let tool: Tool<unknown>;
  let delivery: ClaimedDelivery;

  async function start(address?: string): Promise<void> {
    fixture = await openFixture();
    await fixture.rows(SHIPMENTS);
    tool = await open(address ?? fixture.address);
    await fixture.useTransactions(tool.transactions);
    await fixture.subscribe(SHIP);
    await fixture.openPending(1);
    delivery = await fixture.claimOne();
  }

  afterEach(async () => {
    await fixture.close();
    await tool.close();
  });

  const handle = (run: (client: unknown) => unknown, signal = new AbortController().signal): Promise<boolean> =>
    fixture.ledger.deliveries.transact(delivery, START, { run, signal });

  const shipped = async (): Promise<readonly string[]> =>
    (await fixture.rows('select order_no from shipments')).map((row) => String(row.order_no));

  it('commits its own rows together with the mark that it is done', async () => {
    await start();
    expect(await handle((client) => tool.insert(client, 'A0'))).toBe(true);
    expect(await shipped()).toEqual(['A0']);
    expect(await fixture.states()).toEqual(['delivered']);
  });

  it('loses its own rows together with the mark when it fails', async () => {
    await start();
    const failed = handle(async (client) => {
      await tool.insert(client, 'A0');
      throw new Error('no luck');
    });
    await expect(failed).rejects.toThrow('no luck');
    expect(await shipped()).toEqual([]);
    expect(await fixture.states()).toEqual(['running']);
  });

  it('loses its own rows when its claim was lost meanwhile', async () => {
    await start();
    const other = await fixture.another();
    const isDone = await handle(async (client) => {
      await tool.insert(client, 'A0');
      await other.deliveries.succeed(delivery, START);
    });
    expect(isDone).toBe(false);
    expect(await shipped()).toEqual([]);
  });

  it('is given up when it takes too long, also while the database makes it wait, and writes nothing late', async () => {
    await start();
    const overdue = new AbortController();
    const late: Promise<unknown>[] = [];
    const handling = handle((client) => {
      const work = (async () => {
        await tool.insert(client, 'A0');
        overdue.abort(new Error('It took too long.'));
        await tool.sleep(client, 60).catch(() => undefined);
        await tool.insert(client, 'LATE');
      })();
      late.push(work);
      return work;
    }, overdue.signal);
    await expect(handling).rejects.toThrow('It took too long.');
    await Promise.allSettled(late);
    // Once the tool can open another transaction on all of its connections, nothing of the first is under way.
    expect(await handle((client) => tool.insert(client, 'AGAIN'))).toBe(true);
    expect(await shipped()).toEqual(['AGAIN']);
  });
});

describe('a ledger', () => {
  let here: string;
  let elsewhere: string;
  beforeAll(async () => {
    here = await createDatabase();
    elsewhere = await createDatabase();
  });

  it.each(TOOLS)('does not start with transactions of %s in another database', async (_, open) => {
    const tool = await open(elsewhere);
    const ledger = new Ledger(postgres({ connectionString: here, transactions: tool.transactions }));
    await expect(ledger.start()).rejects.toBeInstanceOf(TransactionsElsewhereError);
    await tool.close();
  });

  it('does not start in MariaDB with transactions in another database, or of a user who may not write its tables', async () => {
    const uri = await createMariaDbDatabase();
    const tool = await typeorm(await createMariaDbDatabase());
    const ledger = new Ledger(mysql({ uri, transactions: tool.transactions }));
    await expect(ledger.start()).rejects.toBeInstanceOf(TransactionsElsewhereError);
    await tool.close();
    const fixture = await MysqlFixture.open(uri);
    await fixture.rows(`create or replace user reader@'%'`);
    await fixture.rows(`grant select on ${new URL(uri).pathname.slice(1)}.* to reader@'%'`);
    const reader = await typeorm(uri.replace('root@', 'reader@'));
    await expect(fixture.useTransactions(reader.transactions)).rejects.toBeInstanceOf(TransactionsUnusableError);
    await Promise.all([reader.close(), fixture.close()]);
  });

  it('does not take a delivery for done whose handler has ended the transaction, where the database would not tell', async () => {
    const fixture = await MysqlFixture.open();
    const tool: Tool<unknown> = await typeorm(fixture.address);
    // As MySQL answers a tool that sends every statement as a prepared one.
    const refusing: HostTransactions<unknown>['query'] = async (client, text, values) => {
      if (text.includes('SAVEPOINT'))
        throw new Error('This command is not supported in the prepared statement protocol');
      return tool.transactions.query(client, text, values);
    };
    const refused = fixture.useTransactions({ ...tool.transactions, query: refusing });
    await expect(refused).rejects.toThrow(/TypeORM can't be used for the ledger: This command is not supported/);
    await fixture.useTransactions(tool.transactions);
    await fixture.subscribe(SHIP);
    await fixture.openPending(1);
    const delivery = await fixture.claimOne();
    const run = (client: unknown): unknown => tool.transactions.query(client, 'create table ended (id int)', []);
    const handling = fixture.ledger.deliveries.transact(delivery, START, { run, signal: new AbortController().signal });
    await expect(handling).rejects.toBeInstanceOf(TransactionEndedError);
    expect(await fixture.states()).toEqual(['running']);
    await Promise.all([tool.close(), fixture.close()]);
  });

  it('does not start with transactions of a user who may not write its tables', async () => {
    const owner = new Ledger(postgres({ connectionString: here }));
    await owner.start();
    await owner.stop();
    const guest = here.replace('postgres@', 'guest@');
    const admin = await knex(here);
    await admin.transactions.run(async (client) => {
      await client.raw(`do $$ begin create role guest login; exception when duplicate_object then null; end $$`);
    });
    const tool = await knex(guest);
    const ledger = new Ledger(postgres({ connectionString: here, transactions: tool.transactions }));
    await expect(ledger.start()).rejects.toBeInstanceOf(TransactionsUnusableError);
    await Promise.all([tool.close(), admin.close()]);
  });
});
