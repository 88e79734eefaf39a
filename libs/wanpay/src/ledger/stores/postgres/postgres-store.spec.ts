import { EventEmitter, once } from 'node:events';
import { inspect } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { until } from '../../../../../../test/e2e/until.js';
import { emptyTables } from '../../../../../../test/ledger/ledger-fixture.js';
import { createDatabase } from '../../../../../../test/servers/shared-postgres.js';
import { ledgerStoreConformance, type StoreUnderTest } from '../../conformance.js';
import { StoreUnavailableError } from '../../errors.js';
import type { AtmEventType } from '../../events.js';
import type { Payment, PaymentKey } from '../../payment.js';
import type { DeliveryChange, DeliveryClaim, OrderChange, StoredOutcome } from '../../store.js';
import type { StoredEvent } from '../../stored-event.js';
import { PostgresStore } from './postgres-store.js';

const START = new Date('2026-03-01T04:00:00.000Z');
const SHIPPING = { handler: 'Shipping', type: 'atm.paid' } as const;
const LETTERS = { handler: 'Letters', type: 'atm.paid' } as const;

let address: string;
let pool: pg.Pool;
let store: PostgresStore;

beforeAll(async () => {
  address = await createDatabase();
});

beforeEach(async () => {
  pool = new pg.Pool({ connectionString: address });
  store = new PostgresStore({ pool });
  await store.start(() => undefined);
  await emptyTables((sql) => pool.query(sql), 'wanpay.');
});

afterEach(async () => {
  await store.stop();
  if (!pool.ended) await pool.end();
});

describe('the contract of every store', () => {
  const openStore = (): Promise<StoreUnderTest> => {
    const another = async (): Promise<PostgresStore> => {
      const other = new PostgresStore({ connectionString: address });
      await other.start(() => undefined);
      return other;
    };
    return Promise.resolve({ store, another, close: () => Promise.resolve() });
  };
  for (const each of ledgerStoreConformance(openStore)) it(each.name, () => each.run());
});

describe('with additions to its schema', () => {
  // The next case creates the schema again.
  afterEach(() => pool.query('DROP SCHEMA wanpay CASCADE'));

  it('reports a refused row without its content', async () => {
    await pool.query(`ALTER TABLE wanpay.wanpay_orders ADD CHECK (order_no <> 'R')`);
    const refused: unknown = await store.commit([open('R')]).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: '23514', message: expect.stringContaining('violates check constraint') });
    expect(inspect(refused, { depth: 20, showHidden: true })).not.toContain('Failing row');
  });

  it('waits for the disk with each commit, except for a claim and its result, which may be lost in a crash', async () => {
    await store.subscribe({ add: [SHIPPING], now: START });
    const waits: { readonly waits: string }[] = [];
    // A deferred trigger runs after the whole statement, with the setting that the transaction commits with.
    await pool.query(`CREATE TABLE wanpay.waits (waits text);
      CREATE FUNCTION wanpay.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO wanpay.waits VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER noted AFTER INSERT OR UPDATE ON wanpay.wanpay_deliveries
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wanpay.note()`);
    const noted = async (): Promise<void> => {
      waits.push(...(await pool.query<{ waits: string }>(`DELETE FROM wanpay.waits RETURNING waits`)).rows);
    };
    await store.commit([{ ...open('A'), events: [event('atm.paid', 0)] }]);
    await noted();
    const later = new Date(START.getTime() + 60_000);
    const claim = { subscriptions: [SHIPPING], now: later, leaseUntil: later, limit: 1 };
    const done = { ...key('A'), seq: 0, handler: 'Shipping', state: 'delivered', dueAt: START } as const;
    const claimed = async (): Promise<DeliveryChange[]> => {
      const { deliveries } = await store.claimDeliveries(claim);
      await noted();
      return deliveries.map((delivery) => ({ ...done, expectedClaim: delivery.claim }));
    };
    expect(await store.changeDeliveries(await claimed())).toEqual([true]);
    await noted();
    const replay = { ...done, state: 'pending', attempts: 0 } as const;
    expect(await store.changeDeliveries([replay])).toEqual([true]);
    await noted();
    const work = { run: () => undefined, signal: new AbortController().signal };
    expect(await store.changeDeliveries(await claimed(), work)).toEqual([true]);
    await noted();
    // Recorded, claimed, delivered; replayed, claimed, delivered in the handler's transaction.
    expect(waits.map((each) => each.waits)).toEqual(['on', 'off', 'off', 'on', 'off', 'on']);
  });
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
    expect(await store.history(key('B'))).toEqual({ outcomes: [], events: [], deliveries: [] });
    expect(await store.history(key('D'))).toEqual({ outcomes: [], events: [], deliveries: [] });
  });

  it('lets one of many that expect the same version through', async () => {
    await store.commit([open('A')]);
    const change = { ...key('A'), expectedVersion: 1, payment: payment('A', { state: 'failed' }) };
    const applied = await Promise.all(Array.from({ length: 20 }, () => store.commit([change])));
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

  it('counts an outcome that is there', async () => {
    const first = outcome('ffffffffffffff0a');
    await store.commit([{ ...open('A'), outcomes: [first] }]);
    await store.commit([{ ...key('A'), outcomes: [{ ...first, lastSeenAt: later(9), count: 2 }] }]);
    expect((await store.history(key('A'))).outcomes).toEqual([{ ...first, lastSeenAt: later(9), count: 3 }]);
  });

  it('keeps what no text of PostgreSQL and no timestamp can hold', async () => {
    const odd = payment('A', { description: 'a\0b\ud800', createdAt: new Date(-8.64e15), paidAt: new Date(8.64e15) });
    await store.commit([{ ...open('A'), payment: odd }]);
    expect(await store.load([key('A')])).toMatchObject([{ payment: odd }]);
    const invalid = { ...open('B'), payment: payment('B', { createdAt: new Date(Number.NaN) }) };
    await expect(store.commit([invalid])).rejects.toThrow(RangeError);
  });

  it('changes an order only while its check is planned for the expected moment', async () => {
    await store.commit([{ ...open('A'), check: { set: { at: later(10), failures: 2 } } }]);
    const claim = { now: later(20), leaseUntil: later(80), limit: 5 };
    expect(await store.claimChecks(claim)).toMatchObject({ checks: [{ failures: 2 }], nextDueAt: later(80) });
    const giveBack = (at: Date): OrderChange => ({ ...key('A'), expectedCheckAt: at, check: 'remove' });
    expect(await store.commit([giveBack(later(10))])).toEqual([false]);
    expect(await store.commit([giveBack(later(80))])).toEqual([true]);
    expect(await store.claimChecks({ ...claim, limit: 0 })).toEqual({ checks: [] });
  });
});

describe('deliveries', () => {
  it('go to every subscription, also to one that another process has just got', async () => {
    await store.subscribe({ add: [SHIPPING], now: START });
    const other = new PostgresStore({ connectionString: address });
    const notices = new EventEmitter();
    const heard = once(notices, 'notice');
    await other.start(() => notices.emit('notice'));
    await other.subscribe({ add: [LETTERS], now: START });
    await store.commit([{ ...open('A'), events: [event('atm.paid', 0), event('atm.issued', 1)] }]);
    await heard;
    expect((await claim([LETTERS], 1, other)).map(({ handler, event: { seq } }) => [handler, seq])).toEqual([
      ['Letters', 0],
    ]);
    await other.stop();
    const adopter = { handler: 'Late', type: 'atm.issued' } as const;
    expect(await store.subscribe({ add: [adopter], adoptSince: START, now: later(5) })).toMatchObject({ added: 1 });
    expect(await store.subscribe({ adoptSince: START, now: later(5) })).toMatchObject({ added: 0 });
    expect((await claim([adopter])).map(({ event: { type } }) => type)).toEqual(['atm.issued']);
  });

  it('are claimed in the order of their payment, by one claimant each', async () => {
    const both = [SHIPPING, { handler: 'Shipping', type: 'atm.issued' } as const];
    await store.subscribe({ add: both, now: START });
    const orders = Array.from({ length: 60 }, (_, i) => `A${i}`);
    const events = [event('atm.issued', 0), event('atm.paid', 1)];
    await store.commit(orders.map((orderNo) => ({ ...open(orderNo), events })));
    const claimed = (await Promise.all(Array.from({ length: 8 }, () => claim(both, 20)))).flat();
    expect(new Set(claimed.map(({ orderNo }) => orderNo)).size).toBe(claimed.length);
    expect(claimed.every(({ seq }) => seq === 0)).toBe(true);
    const [first] = claimed;
    if (!first) return;
    await store.changeDeliveries([done(first)]);
    expect(await claim(both, 200)).toContainEqual(expect.objectContaining({ orderNo: first.orderNo, seq: 1 }));
  });
});

describe('transactional work', () => {
  beforeEach(() => pool.query('DROP TABLE IF EXISTS written'));

  it('commits with the delivery', async () => {
    const delivery = await claimOne();
    const run = (client: unknown): Promise<unknown> => asClient(client).query('CREATE TABLE written ()');
    expect(await store.changeDeliveries([done(delivery)], { run, signal: never() })).toEqual([true]);
    expect(await isWritten()).toBe(true);
    expect(await store.listDeliveries({ state: 'delivered', limit: 5, now: START })).toHaveLength(1);
  });

  it('is rolled back when it fails, and when the claim was lost', async () => {
    const delivery = await claimOne();
    const fail = async (client: unknown): Promise<void> => {
      await asClient(client).query('CREATE TABLE written ()');
      throw new Error('No paper.');
    };
    await expect(store.changeDeliveries([done(delivery)], { run: fail, signal: never() })).rejects.toThrow('No paper.');
    const lose = (client: unknown): Promise<unknown> => asClient(client).query('CREATE TABLE written ()');
    const lost = { ...done(delivery), expectedClaim: 7 };
    expect(await store.changeDeliveries([lost], { run: lose, signal: never() })).toEqual([false]);
    expect(await isWritten()).toBe(false);
  });

  it('that is given up loses its connection and frees its place, however often it hangs', async () => {
    const delivery = await claimOne();
    const aborts = Array.from({ length: 12 }, () => new AbortController());
    const handlers = new EventEmitter();
    const allRun = once(handlers, 'all');
    let running = 0;
    const hanging = aborts.map(({ signal }, i) => {
      const run = (client: unknown): Promise<unknown> => {
        running += 1;
        // Half of the pool is theirs.
        if (running === 5) handlers.emit('all');
        return i % 2 === 0 ? hang() : asClient(client).query('SELECT pg_sleep(600)');
      };
      return store.changeDeliveries([done(delivery)], { run, signal });
    });
    await allRun;
    for (const each of aborts) each.abort(new Error('It took too long.'));
    const results = await Promise.allSettled(hanging);
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(running).toBe(5);
    expect(await store.changeDeliveries([done(delivery)], { run: () => undefined, signal: never() })).toEqual([true]);
    const sleeping = `SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'`;
    await until(async () => (await pool.query(sleeping)).rowCount === 0, 'the statements are cancelled');
    await store.stop();
    await pool.end();
    expect(pool.totalCount).toBe(0);
  });
});

describe('a server that can’t be used', () => {
  const giveUp = (): Promise<unknown> => store.changeDeliveries([{ ...key('A'), seq: 0, handler: 'X', ...pending }]);
  const pending = { state: 'pending', dueAt: START } as const;

  it('fails what is written, for whatever it is', async () => {
    await pool.end();
    await expect(store.commit([open('A')])).rejects.toThrow(StoreUnavailableError);
    await expect(giveUp()).rejects.toThrow(StoreUnavailableError);
  });

  it('fails what it does not answer in time, and what it was at when the connection was lost', async () => {
    await store.commit([open('A')]);
    const impatient = new PostgresStore({ pool, statementTimeoutMs: 200 });
    await impatient.start(() => undefined);
    const obstacle = await pool.connect();
    await obstacle.query('BEGIN; LOCK TABLE wanpay.wanpay_orders, wanpay.wanpay_deliveries');
    await expect(impatient.commit([{ ...key('A'), check: 'remove' }])).rejects.toThrow(StoreUnavailableError);
    const cut = giveUp().catch((error: unknown) => error);
    const terminate = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'WITH written AS (UPDATE%deliveries%'`;
    await until(async () => (await pool.query(terminate)).rowCount !== 0, 'the statement waits for the lock');
    expect(await cut).toMatchObject({ code: 'postgres_unavailable' });
    await obstacle.query('ROLLBACK');
    obstacle.release();
    await impatient.stop();
  });

  it('is not to blame for a change that no table can hold', async () => {
    const bad = await store.commit([open('A'), open('B\0')]).catch((error: unknown) => error);
    expect(bad).toBeInstanceOf(Error);
    expect(bad).not.toBeInstanceOf(StoreUnavailableError);
    expect(await store.commit([open('A')])).toEqual([true]);
  });
});

describe('a pool', () => {
  it('serves a dozen stores without a warning', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const stores = Array.from({ length: 12 }, () => new PostgresStore({ pool }));
    await Promise.all(stores.map((each) => each.start(() => undefined)));
    await Promise.all(Array.from({ length: 30 }, () => pool.query('SELECT 1')));
    await Promise.all(stores.map((each) => each.stop()));
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
    await store.stop();
    expect(pool.listenerCount('error')).toBe(0);
    await store.start(() => undefined);
  });

  it('may have type parsers of its own', async () => {
    const parsers = new pg.Pool({ connectionString: address, types: { getTypeParser: () => () => 'nonsense' } });
    const other = new PostgresStore({ pool: parsers });
    await other.start(() => undefined);
    await other.commit([open('A')]);
    expect(await other.load([key('A')])).toMatchObject([{ version: 1, payment: payment('A') }]);
    await other.stop();
    await parsers.end();
  });
});

function key(orderNo: string): PaymentKey {
  return { merchantNo: '21008024', orderNo };
}

function payment(orderNo: string, fields: Partial<Payment> = {}): Payment {
  return {
    ...key(orderNo),
    state: 'opening',
    amount: 1280,
    livemode: false,
    createdAt: START,
    updatedAt: START,
    ...fields,
  };
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

type Claimed = Awaited<ReturnType<PostgresStore['claimDeliveries']>>['deliveries'];

async function claim(subscriptions: DeliveryClaim['subscriptions'], limit = 10, from = store): Promise<Claimed> {
  const { deliveries } = await from.claimDeliveries({ subscriptions, now: later(10), leaseUntil: later(70), limit });
  return deliveries;
}

async function claimOne(): Promise<Claimed[number]> {
  await store.subscribe({ add: [SHIPPING], now: START });
  await store.commit([{ ...open('A'), events: [event('atm.paid', 0)] }]);
  const [delivery] = await claim([SHIPPING]);
  if (!delivery) throw new Error('Nothing was claimed.');
  return delivery;
}

function done({ merchantNo, orderNo, seq, handler, claim: expectedClaim }: Claimed[number]): DeliveryChange {
  const finished = { state: 'delivered', dueAt: later(11), finishedAt: later(11) } as const;
  return { merchantNo, orderNo, seq, handler, expectedClaim, ...finished };
}

function never(): AbortSignal {
  return new AbortController().signal;
}

function hang(): Promise<never> {
  return new Promise(() => undefined);
}

function asClient(client: unknown): pg.Client {
  if (client instanceof pg.Client) return client;
  throw new TypeError('This is no client.');
}

async function isWritten(): Promise<boolean> {
  return (await pool.query(`SELECT FROM pg_tables WHERE tablename = 'written'`)).rowCount === 1;
}
