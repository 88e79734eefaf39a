import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClaimedDelivery } from 'nestjs-wanpay/ledger';
import pg from 'pg';
import { key, later, report, START } from './payments.js';
import { PostgresFixture, SHIP } from './postgres-fixture.js';

/** What a pool of pg has unless told otherwise. */
const CONNECTIONS = 10;
const INSERT = `INSERT INTO shipments VALUES ('A0')`;

describe('transactional delivery from PostgreSQL', () => {
  let fixture: PostgresFixture;
  let delivery: ClaimedDelivery;

  beforeEach(async () => {
    fixture = await PostgresFixture.open();
    await fixture.pool.query('CREATE TABLE shipments (order_no text)');
    await fixture.subscribe(SHIP);
    await fixture.openPending(1);
    delivery = await fixture.claimOne();
  });

  afterEach(() => fixture.close());

  it('commits what the handler wrote with the mark that it is done', async () => {
    expect(await transact((client) => client.query(INSERT))).toBe(true);
    expect(await shipments()).toBe(1);
    expect(await fixture.states()).toEqual(['delivered']);
  });

  it('rolls back when someone else has the delivery by the time the handler is done', async () => {
    const attempt = transact(async (client) => {
      await client.query(INSERT);
      const claim = { subscriptions: [SHIP], now: later(61), leaseUntil: later(120), limit: 1 };
      expect((await fixture.ledger.deliveries.claim(claim)).deliveries).toHaveLength(1);
    });
    expect(await attempt).toBe(false);
    expect(await shipments()).toBe(0);
  });

  it('leaves connections for settlements, however many handlers never end', async () => {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const hanging = Array.from({ length: 2 * CONNECTIONS }, () => transact(() => ended));
    await fixture.ledger.settle(report('A0'));
    expect(await fixture.ledger.find(key('A0'))).toMatchObject({ state: 'paid' });
    end();
    expect((await Promise.all(hanging)).filter(Boolean)).toHaveLength(1);
  });

  it('does not mark a delivery whose handler ignored that a statement failed', async () => {
    const attempt = transact((client) => client.query('SELECT FROM nowhere').catch(() => undefined));
    await expect(attempt).rejects.toThrow(/transaction is aborted/);
    expect(await fixture.states()).toEqual(['running']);
  });

  it('lets an attempt be given up while its handler hangs', async () => {
    const attempt = transact(async () => {
      expect(await fixture.ledger.deliveries.bury(delivery, 'It was not done in time.', START)).toBe(true);
    });
    expect(await attempt).toBe(false);
    expect(await fixture.states()).toEqual(['dead']);
  });

  it('rejects, and leaves the pool usable, when the connection is lost under the handler', async () => {
    const attempt = transact(async (client) => {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await fixture.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      await client.query(INSERT);
    });
    await expect(attempt).rejects.toThrow();
    await transact((client) => client.query(INSERT));
    expect(await shipments()).toBe(1);
  });

  it('marks an event for each of its handlers, also when they run at once', async () => {
    const others = ['A.a', 'B.b', 'C.c'].map((handler) => ({ handler, type: SHIP.type }));
    await fixture.subscribe(...others);
    await fixture.ledger.deliveries.backfill(SHIP, START, later(1), START);
    for (const each of others) await fixture.ledger.deliveries.backfill(each, START, later(1), START);
    const claimed = [delivery, ...(await Promise.all(others.map((each) => fixture.claimOne(each))))];
    const done = await Promise.all(claimed.map((each) => transact(() => undefined, each)));
    expect(done).toEqual([true, true, true, true]);
    expect(await fixture.states()).toEqual(['delivered', 'delivered', 'delivered', 'delivered']);
  });

  function transact(work: (client: pg.Client) => unknown, claimed = delivery): Promise<boolean> {
    const run = (client: unknown): unknown => {
      if (!(client instanceof pg.Client)) throw new Error('It is not a client of the pool.');
      return work(client);
    };
    return fixture.ledger.deliveries.transact(claimed, START, { run, signal: new AbortController().signal });
  }

  async function shipments(): Promise<number> {
    return (await fixture.pool.query('SELECT FROM shipments')).rowCount ?? 0;
  }
});
