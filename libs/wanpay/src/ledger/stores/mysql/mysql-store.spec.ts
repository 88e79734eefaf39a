import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import callbackMysql from 'mysql2';
import mysql from 'mysql2/promise';
import { createMariaDbDatabase } from '../../../../../../test/servers/shared-mariadb.js';
import { ledgerStoreConformance, type StoreUnderTest } from '../../conformance.js';
import { StoreUnavailableError } from '../../errors.js';
import type { AtmEventType } from '../../events.js';
import type { Payment, PaymentKey } from '../../payment.js';
import type { DeliveryChange, OrderChange, StoredDelivery, StoredOutcome } from '../../store.js';
import type { StoredEvent } from '../../stored-event.js';
import { MysqlStore } from './mysql-store.js';

const START = new Date('2026-03-01T04:00:00.000Z');
const SHIPPING = { handler: 'Shipping', type: 'atm.paid' } as const;
const TABLES = ['orders', 'outcomes', 'events', 'deliveries', 'subscriptions', 'leases'].map(
  (name) => `wanpay_${name}`,
);

let uri: string;
let pool: mysql.Pool;
let store: MysqlStore;

beforeAll(async () => {
  uri = await createMariaDbDatabase();
  pool = mysql.createPool({ uri });
});
afterAll(() => pool.end());

beforeEach(async () => {
  store = new MysqlStore({ pool, pollEveryMs: false });
  await store.start(() => undefined);
  await Promise.all(TABLES.map((table) => pool.query(`DELETE FROM ${table}`)));
});
afterEach(() => store.stop());

describe('the contract of every store', () => {
  const openStore = (): Promise<StoreUnderTest> => {
    const another = async (): Promise<MysqlStore> => {
      const other = new MysqlStore({ uri, pollEveryMs: 20 });
      await other.start(() => undefined);
      return other;
    };
    return Promise.resolve({ store, another, close: () => Promise.resolve() });
  };
  for (const each of ledgerStoreConformance(openStore)) it(each.name, () => each.run());
});

describe('a batch of changes', () => {
  it('applies those whose version is still there, and nothing of the others', async () => {
    const kinds: OrderChange[] = [
      open('A'),
      { ...open('B'), events: [event('atm.failed', 0)] },
      { ...key('C'), expectedVersion: 1, payment: payment('C'), events: [event('atm.failed', 0)] },
      { ...key('D'), outcomes: [outcome('00000000000000aa')] },
    ];
    expect(await store.commit(kinds)).toEqual([true, true, false, false]);
    expect(await store.commit([open('A'), { ...key('B'), expectedVersion: 1, remove: true }])).toEqual([false, true]);
    const [a, b] = await store.load([key('A'), key('B')]);
    expect(a).toEqual({ ...key('A'), version: 1, eventCount: 0, payment: payment('A') });
    expect(b).toBeUndefined();
    for (const gone of ['B', 'D']) {
      expect(await store.history(key(gone))).toEqual({ outcomes: [], events: [], deliveries: [] });
    }
  });

  it('is written the same for many as for few: each if its version is unchanged, with every character and moment', async () => {
    const orders = Array.from({ length: 79 }, (_, i) => `A${i}`);
    await store.subscribe({ add: [SHIPPING], now: START });
    expect(await store.commit(orders.map(open))).toEqual(orders.map(() => true));
    const odd = (orderNo: string): Payment =>
      payment(orderNo, { description: '茶😀a\0b\ud800\\\'"?', updatedAt: new Date(8.64e15) });
    const settle = (orderNo: string, i: number): OrderChange => ({
      ...{ ...key(orderNo), expectedVersion: i === 40 ? 2 : 1, payment: odd(orderNo), check: 'remove' },
      ...{ outcomes: [outcome('00000000000000aa')], events: [event('atm.paid', 0)] },
    });
    for (const count of [79, 16, 15]) {
      const expected = orders.slice(0, count).map((_, i) => (count === 79 ? i !== 40 : false));
      expect(await store.commit(orders.slice(0, count).map(settle))).toEqual(expected);
    }
    expect(await store.load(['A0', 'A40', 'A78'].map(key))).toEqual([
      { ...key('A0'), version: 2, eventCount: 1, payment: odd('A0') },
      { ...key('A40'), version: 1, eventCount: 0, payment: payment('A40') },
      { ...key('A78'), version: 2, eventCount: 1, payment: odd('A78') },
    ]);
    const claim = { subscriptions: [SHIPPING], now: later(10), leaseUntil: later(70), limit: 100 };
    expect((await store.claimDeliveries(claim)).deliveries).toHaveLength(78);
    expect((await store.history(key('A40'))).outcomes).toEqual([]);
  });

  it('lets one of many through that create an order, and one that expect the same version', async () => {
    const created = await Promise.all(Array.from({ length: 10 }, () => store.commit([open('A')])));
    expect(created.flat().filter(Boolean)).toHaveLength(1);
    const change = { ...key('A'), expectedVersion: 1, payment: payment('A', { state: 'failed' }) };
    const applied = await Promise.all(Array.from({ length: 10 }, () => store.commit([change])));
    expect(applied.flat().filter(Boolean)).toHaveLength(1);
    expect(await store.load([key('A')])).toMatchObject([{ version: 2, payment: { state: 'failed' } }]);
  });

  it('ends well for batches that name the same orders in other orders', async () => {
    const orders = Array.from({ length: 40 }, (_, i) => `A${i}`);
    await store.commit(orders.map(open));
    const touch = (orderNo: string): OrderChange => ({ ...key(orderNo), outcomes: [outcome('00000000000000aa')] });
    const batches = Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? orders : orders.toReversed()).map(touch));
    await Promise.all(batches.map((batch) => store.commit(batch)));
    expect((await store.history(key('A7'))).outcomes).toMatchObject([{ count: 10 }]);
  });

  it('takes keys apart that differ in case or by a space at the end', async () => {
    const orders = ['a', 'A', 'A ', 'Á'];
    expect(await store.commit(orders.map(open))).toEqual([true, true, true, true]);
    expect((await store.load(orders.map(key))).map((found) => found?.orderNo)).toEqual(orders);
  });

  it('keeps every character, and every moment that JavaScript has', async () => {
    const odd = payment('A', {
      description: '茶😀a\0b\ud800\\\'"',
      createdAt: new Date(-8.64e15),
      paidAt: new Date(8.64e15),
    });
    await store.commit([{ ...open('A'), payment: odd }]);
    expect(await store.load([key('A')])).toMatchObject([{ payment: odd }]);
    const invalid = { ...open('B'), payment: payment('B', { createdAt: new Date(Number.NaN) }) };
    await expect(store.commit([invalid])).rejects.toThrow(RangeError);
  });

  it('keeps the content of an order whose check alone is changed, while it is planned for the expected moment', async () => {
    await store.commit([{ ...open('A'), check: { set: { at: later(10), failures: 2 } } }]);
    const claim = { now: later(20), leaseUntil: later(80), limit: 5 };
    expect(await store.claimChecks(claim)).toMatchObject({ checks: [{ failures: 2 }], nextDueAt: later(80) });
    const giveBack = (at: Date): OrderChange => ({ ...key('A'), expectedCheckAt: at, check: 'remove' });
    expect(await store.commit([giveBack(later(10))])).toEqual([false]);
    expect(await store.commit([giveBack(later(80))])).toEqual([true]);
    expect(await store.claimChecks({ ...claim, limit: 0 })).toEqual({ checks: [] });
    expect(await store.load([key('A')])).toMatchObject([{ version: 1, payment: payment('A') }]);
  });

  it('fails without a word of what was to be written', async () => {
    const account = '46710722851832';
    const refused: unknown = await store.commit([open(account.repeat(9))]).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'ER_DATA_TOO_LONG', message: expect.stringContaining('order_no') });
    expect(refused).not.toBeInstanceOf(StoreUnavailableError);
    expect(inspect(refused, { depth: 20, showHidden: true })).not.toContain(account);
  });
});

describe('what lost to another process', () => {
  it('is done again after a pause that grows and differs', async () => {
    const pauses: number[] = [];
    const sleep = (ms: number): Promise<void> => {
      pauses.push(ms);
      return pauses.length === 2 ? obstacle.rollback() : Promise.resolve();
    };
    const waiting = mysql.createPool({ uri });
    waiting.pool.on('connection', (connection) => void connection.query('SET innodb_lock_wait_timeout = 1'));
    const patient = new MysqlStore({ pool: waiting, pollEveryMs: false }, { random: () => 0.5, sleep });
    await patient.start(() => undefined);
    await store.commit([open('A')]);
    const obstacle = await pool.getConnection();
    await obstacle.beginTransaction();
    await obstacle.query(`SELECT * FROM wanpay_orders WHERE order_no = 'A' FOR UPDATE`);
    expect(await patient.commit([{ ...key('A'), outcomes: [outcome('00000000000000aa')] }])).toEqual([true]);
    expect(pauses).toEqual([4, 8]);
    obstacle.release();
    await patient.stop();
    await waiting.end();
  });
});

describe('a handler in the transaction', () => {
  it('has its work committed with the mark, and rolled back when it throws or when the claim was lost', async () => {
    await pool.query('CREATE TABLE IF NOT EXISTS written (order_no varchar(9)) ENGINE = InnoDB');
    const delivery = await claimOne();
    const write = (client: unknown): Promise<unknown> => asConnection(client).query(`INSERT INTO written VALUES ('A')`);
    const fail = async (client: unknown): Promise<void> => {
      await write(client);
      throw new Error('no luck');
    };
    await expect(store.changeDeliveries([done(delivery)], { run: fail, signal: never() })).rejects.toThrow('no luck');
    const lost = { ...done(delivery), expectedClaim: 7 };
    expect(await store.changeDeliveries([lost], { run: write, signal: never() })).toEqual([false]);
    expect(await written()).toBe(0);
    expect(await store.changeDeliveries([done(delivery)], { run: write, signal: never() })).toEqual([true]);
    expect(await written()).toBe(1);
    expect(await states()).toEqual(['delivered']);
  });

  it.each(['COMMIT', 'ROLLBACK', 'CREATE TABLE IF NOT EXISTS other (n int)'])(
    'does not mark its delivery when it ends the transaction by %s',
    async (statement) => {
      const delivery = await claimOne();
      const run = (client: unknown): Promise<unknown> => asConnection(client).query(statement);
      await expect(store.changeDeliveries([done(delivery)], { run, signal: never() })).rejects.toMatchObject({
        code: 'transaction_ended',
      });
      expect(await states()).toEqual(['running']);
    },
  );

  it('is given up while it hangs, and its connection with it', async () => {
    const delivery = await claimOne();
    const giveUp = new AbortController();
    const run = async (client: unknown): Promise<never> => {
      await asConnection(client).query('DELETE FROM wanpay_leases');
      giveUp.abort(new Error('It took too long.'));
      return new Promise(() => undefined);
    };
    await expect(store.changeDeliveries([done(delivery)], { run, signal: giveUp.signal })).rejects.toThrow('too long');
    expect(await store.changeDeliveries([done(delivery)])).toEqual([true]);
  });

  it('leaves half of the pool to others, however many never end', async () => {
    const delivery = await claimOne();
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const hang = (): Promise<readonly boolean[]> =>
      store.changeDeliveries([done(delivery)], { run: () => ended, signal: never() });
    const hanging = Array.from({ length: 20 }, hang);
    expect(await store.commit([open('B')])).toEqual([true]);
    end();
    expect((await Promise.all(hanging)).flat().filter(Boolean)).toHaveLength(1);
  });

  async function written(): Promise<number> {
    const [rows] = await pool.query<mysql.RowDataPacket[]>('SELECT * FROM written');
    return rows.length;
  }

  async function states(): Promise<readonly string[]> {
    const listed = await store.listDeliveries({ limit: 10, now: later(11), state: 'running' });
    const delivered = await store.listDeliveries({ limit: 10, now: later(11), state: 'delivered' });
    return [...listed.map(() => 'running'), ...delivered.map(() => 'delivered')];
  }
});

describe('a pool', () => {
  it('may be one of callbacks, and read and write values in ways of its own', async () => {
    const own = callbackMysql.createPool({
      ...{ uri, rowsAsArray: true, typeCast: () => 'nonsense', bigNumberStrings: true, supportBigNumbers: true },
      queryFormat: (sql: string) => sql,
    });
    const other = new MysqlStore({ pool: own, pollEveryMs: false });
    await other.start(() => undefined);
    await other.commit([{ ...open('A'), events: [event('atm.paid', 0)] }]);
    expect(await other.load([key('A')])).toMatchObject([{ version: 1, payment: payment('A') }]);
    expect((await other.history(key('A'))).events).toEqual([event('atm.paid', 0)]);
    await other.stop();
    expect(await store.load([key('A')])).toHaveLength(1);
    await own.promise().end();
  });

  it('is refused that is none, speaks another character set or is not strict', async () => {
    await refused({ getConnection: () => undefined }, 'mysql2_missing', /What was given as its pool is none/);
    await refused(mysql.createPool({ uri, charset: 'latin1' }), 'mysql_unsupported', /The pool speaks latin1/);
    await refused(inMode(`''`), 'mysql_unsupported', /make it strict/);
    await refused(inMode(`'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'`), 'mysql_unsupported', /NO_BACKSLASH_ESCAPES/);
    await refused(mysql.createPool({ uri: new URL('/', uri).href }), 'mysql_unsupported', /No database is chosen/);
  });

  it.each(['8.0.21', '5.7.44-log', '10.5.29-MariaDB', '8.0.11-TiDB-v8.5.0'])(
    'is refused that leads to a server of version %s',
    async (version) => {
      await refused(saying({ version }), 'mysql_unsupported', `this is ${version}.`);
    },
  );

  it('is refused that leads to a server without InnoDB, or to tables of another engine', async () => {
    await refused(saying({ engine: 'NO' }), 'mysql_unsupported', /no InnoDB/);
    await pool.query('CREATE TABLE wanpay_other (n int) ENGINE = MyISAM');
    await refused(mysql.createPool({ uri }), 'mysql_unsupported', /wanpay_other is kept by MyISAM/);
    await pool.query('DROP TABLE wanpay_other');
  });

  it.each(['8.0.22', '8.4.3', '9.1.0', '10.6.0-MariaDB', '11.4.2-MariaDB-log'])(
    'may lead to version %s',
    async (version) => {
      const told = saying({ version });
      const other = new MysqlStore({ pool: told, pollEveryMs: false });
      await other.start(() => undefined);
      await other.stop();
      await told.end();
    },
  );

  function inMode(mode: string): mysql.Pool {
    const other = mysql.createPool({ uri });
    other.pool.on('connection', (connection) => void connection.query(`SET SESSION sql_mode = ${mode}`));
    return other;
  }

  /** A pool whose server says other things of itself than it does. */
  function saying(words: Readonly<Record<string, string>>): mysql.Pool {
    const other = mysql.createPool({ uri });
    const getConnection = other.getConnection.bind(other);
    return Object.assign(other, {
      getConnection: async () => {
        const connection = await getConnection();
        const query = connection.query.bind(connection);
        return Object.assign(connection, {
          query: async (options: mysql.QueryOptions) => {
            const [rows, fields] = await query<mysql.RowDataPacket[]>(options);
            if (options.sql.includes('VERSION()')) Object.assign(rows[0] ?? {}, words);
            return [rows, fields];
          },
        });
      },
    });
  }

  async function refused(given: object, code: string, message: RegExp | string): Promise<void> {
    const options: { pool: mysql.Pool } = Object.assign({ pool }, { pool: given });
    const other = new MysqlStore({ ...options, pollEveryMs: false });
    await expect(other.start(() => undefined)).rejects.toMatchObject({ code });
    await expect(other.start(() => undefined)).rejects.toThrow(message);
    if (isPool(given)) await given.end();
  }
});

it('looks for what others recorded as often as it is told, and not when it is told not to', async () => {
  const looking = new MysqlStore({ pool, pollEveryMs: 5 });
  await new Promise<void>((resolve, reject) => {
    looking.start(resolve).catch(reject);
  });
  await looking.stop();
  for (const pollEveryMs of [0, -1, Number.NaN, Infinity, 2 ** 31]) {
    expect(() => new MysqlStore({ pool, pollEveryMs })).toThrow(/^pollEveryMs must be/);
  }
});

function key(orderNo: string): PaymentKey {
  return { merchantNo: '21008024', orderNo };
}

function payment(orderNo: string, fields: Partial<Payment> = {}): Payment {
  const base = { amount: 1280, livemode: false, createdAt: START, updatedAt: START } as const;
  return { ...key(orderNo), state: 'opening', ...base, ...fields };
}

function open(orderNo: string): OrderChange {
  return { ...key(orderNo), expectedVersion: 0, payment: payment(orderNo) };
}

function event(type: AtmEventType, seq: number): StoredEvent {
  return { id: `evt_${seq}`, seq, type, occurredAt: START, livemode: false, details: { state: 'pending' } };
}

function outcome(digest: string): StoredOutcome {
  const change = { from: 'opening', to: 'opening' } as const;
  const times = { firstSeenAt: START, lastSeenAt: START, count: 1 };
  return { digest, source: 'query', outcome: { status: 'unpaid', code: '5801' }, change, ...times };
}

function later(seconds: number): Date {
  return new Date(START.getTime() + seconds * 1000);
}

async function claimOne(): Promise<StoredDelivery> {
  await store.subscribe({ add: [SHIPPING], now: START });
  await store.commit([{ ...open('A'), events: [event('atm.paid', 0)] }]);
  const claim = { subscriptions: [SHIPPING], now: later(10), leaseUntil: later(70), limit: 10 };
  const [delivery] = (await store.claimDeliveries(claim)).deliveries;
  if (!delivery) throw new Error('Nothing was claimed.');
  return delivery;
}

function done({ merchantNo, orderNo, seq, handler, claim: expectedClaim }: StoredDelivery): DeliveryChange {
  const finished = { state: 'delivered', dueAt: later(11), finishedAt: later(11) } as const;
  return { merchantNo, orderNo, seq, handler, expectedClaim, ...finished };
}

function isPool(value: object): value is mysql.Pool {
  return 'end' in value;
}

function never(): AbortSignal {
  return new AbortController().signal;
}

function asConnection(client: unknown): mysql.PoolConnection {
  if (client instanceof mysql.PoolConnection) return client;
  throw new TypeError('This is no connection.');
}
