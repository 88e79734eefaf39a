import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { freePort } from '../../../../../../test/processes/ports.js';
import { MariaDbServer } from '../../../../../../test/servers/mariadb.js';
import { StoreUnavailableError } from '../../errors.js';
import type { Payment } from '../../payment.js';
import type { OrderChange } from '../../store.js';
import { MysqlStore } from './mysql-store.js';

const AT = new Date('2026-03-01T04:00:00.000Z');

describe('a MysqlStore', () => {
  let server: MariaDbServer;
  let store: MysqlStore;
  let uri: string;

  beforeAll(async () => {
    server = await MariaDbServer.start({ settings: { 'skip-name-resolve': '1' } });
    uri = await server.createDatabase();
    store = new MysqlStore({ uri });
    await store.start(() => undefined);
  }, 60_000);
  afterAll(async () => {
    await store.stop();
    await server.stop();
  });

  it('fails a call that the server does not answer in time, and goes on with the next', async () => {
    const impatient = new MysqlStore({ uri, statementTimeoutMs: 200 });
    await impatient.start(() => undefined);
    await store.commit([open('A'), open('B')]);
    const obstacle = await mysql.createConnection({ uri });
    await obstacle.beginTransaction();
    await obstacle.query(`SELECT * FROM wanpay_orders WHERE merchant_no = '21008024' AND order_no = 'A' FOR UPDATE`);
    await expect(impatient.commit([touch('A')])).rejects.toMatchObject({ code: 'mysql_unavailable' });
    expect(await impatient.commit([touch('B')])).toEqual([true]);
    await obstacle.end();
    await impatient.stop();
  });

  it('fails each call while the server is gone, works when it is back, and has what was committed', async () => {
    await store.commit([open('KEPT')]);
    await server.kill();
    const calls = [store.commit([open('LOST')]), store.load([open('KEPT')]), store.purge(['paid'], AT, 1)];
    for (const gone of await Promise.allSettled(calls)) {
      expect(gone).toMatchObject({ status: 'rejected', reason: { code: 'mysql_unavailable' } });
    }
    await server.restart();
    expect((await store.load([open('KEPT'), open('LOST')])).map((found) => found?.orderNo)).toEqual([
      'KEPT',
      undefined,
    ]);
    expect(await store.commit([open('LOST')])).toEqual([true]);
  }, 60_000);

  it('writes even if the server has no room for another prepared statement', async () => {
    const admin = await mysql.createConnection({ uri });
    await admin.query('SET GLOBAL max_prepared_stmt_count = 0');
    const orders = Array.from({ length: 20 }, (_, i) => open(`FULL${i}`));
    expect(await store.commit(orders)).toEqual(orders.map(() => true));
    expect(await store.load(orders)).toMatchObject(orders.map(({ orderNo }) => ({ orderNo })));
    await admin.query('SET GLOBAL max_prepared_stmt_count = DEFAULT');
    await admin.end();
  });

  it('can be used while it is started, and not before or after', async () => {
    const other = new MysqlStore({ uri });
    await expect(other.load([open('A')])).rejects.toThrow('it is not started');
    await other.start(() => undefined);
    await other.stop();
    await expect(other.load([open('A')])).rejects.toBeInstanceOf(StoreUnavailableError);
    await other.stop();
  });

  it.each([
    ['where no server is', async () => `mysql://root:pa55word@127.0.0.1:${await freePort()}/shop`, /ECONNREFUSED/],
    ['whose address is none', () => 'mysql://root:pa55word@[bad', /./],
    ['whose password is wrong', () => uri.replace('root@', 'nobody:pa55word@'), /Access denied/],
    ['whose database is not there', () => uri.replace(/\w+$/, 'nowhere'), /Unknown database/],
  ])('does not start %s, and tells why without the password', async (_where, address, reason) => {
    const failure: unknown = await new MysqlStore({ uri: await address() })
      .start(() => undefined)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'mysql_unavailable', message: expect.stringMatching(reason) });
    expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain('pa55word');
  });
});

function open(orderNo: string): OrderChange & { readonly payment: Payment } {
  const key = { merchantNo: '21008024', orderNo };
  const payment = { ...key, amount: 1280, livemode: false, createdAt: AT, updatedAt: AT } as const;
  return { ...key, expectedVersion: 0, payment: { ...payment, state: 'opening' } };
}

function touch(orderNo: string): OrderChange {
  return { merchantNo: '21008024', orderNo, check: { by: AT } };
}
