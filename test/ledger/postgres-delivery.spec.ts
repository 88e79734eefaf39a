import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { OwedEvent } from 'nestjs-wanpay';
import pg from 'pg';
import { later, START } from './payments.js';
import { PostgresFixture } from './postgres-fixture.js';

const HANDLER = 'Shipping.ship';
/** What a pool of pg has unless told otherwise. */
const CONNECTIONS = 10;

describe('transactional delivery from PostgreSQL', () => {
  let fixture: PostgresFixture;
  let owed: OwedEvent;

  beforeEach(async () => {
    fixture = await PostgresFixture.open();
    await fixture.pool.query('CREATE TABLE shipments (order_no text)');
    await fixture.openPending(1);
    owed = await fixture.claimOne();
  });

  afterEach(() => fixture.close());

  it('commits what the handler wrote with the mark that it handled the event', async () => {
    await transact((client) => client.query(`INSERT INTO shipments VALUES ('A0')`));
    expect(await shipments()).toBe(1);
    expect(await handled()).toEqual([HANDLER]);
  });

  it('rolls back what the handler wrote when it fails', async () => {
    const attempt = transact(async (client) => {
      await client.query(`INSERT INTO shipments VALUES ('A0')`);
      throw new Error('no luck');
    });
    await expect(attempt).rejects.toThrow('no luck');
    expect(await shipments()).toBe(0);
    expect(await handled()).toEqual([]);
  });

  it('rolls back when someone else has the event by the time the handler is done', async () => {
    const attempt = transact(async (client) => {
      await client.query(`INSERT INTO shipments VALUES ('A0')`);
      expect(await fixture.ledger.claim(later(61), later(120), 1)).toHaveLength(1);
    });
    await expect(attempt).rejects.toMatchObject({ code: 'claim_lost' });
    expect(await shipments()).toBe(0);
  });

  it('leaves connections for settlements, however many handlers never end', async () => {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const hanging = Array.from({ length: 2 * CONNECTIONS }, () => transact(() => ended).catch(() => undefined));
    await fixture.ledger.settle({
      ...owed.event,
      outcome: { status: 'paid', code: '0000', reportedAmount: '1280' },
      source: 'notification',
      now: START,
    });
    expect(await fixture.ledger.find(owed.event)).toMatchObject({ state: 'paid' });
    end();
    await Promise.all(hanging);
  });

  it('does not mark an event whose handler ignored that a statement failed', async () => {
    const attempt = transact((client) => client.query('SELECT FROM nowhere').catch(() => undefined));
    await expect(attempt).rejects.toThrow(/transaction is aborted/);
    expect(await handled()).toEqual([]);
  });

  it('lets an attempt be recorded while its handler hangs', async () => {
    const failure = { handlers: [HANDLER], message: 'It was not done within 60000 ms.' };
    const attempt = transact(async () => {
      const recorded = await fixture.ledger.recordAttempt(owed, { handled: [], failure, now: START });
      expect(recorded).toBe(true);
    });
    await expect(attempt).rejects.toMatchObject({ code: 'claim_lost' });
  });

  it('rejects, and leaves the pool usable, when the connection is lost under the handler', async () => {
    const attempt = transact(async (client) => {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await fixture.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      await client.query(`INSERT INTO shipments VALUES ('A0')`);
    });
    await expect(attempt).rejects.toThrow();
    await transact((client) => client.query(`INSERT INTO shipments VALUES ('A0')`));
    expect(await shipments()).toBe(1);
  });

  it('marks an event for each of its handlers, also when they run at once', async () => {
    const handlers = ['A.a', 'B.b', 'C.c', 'A.a'];
    await Promise.all(handlers.map((handler) => fixture.ledger.transact(owed, handler, () => undefined)));
    expect([...(await handled())].sort()).toEqual(['A.a', 'B.b', 'C.c']);
  });

  function transact(work: (client: pg.Client) => unknown): Promise<void> {
    return fixture.ledger.transact(owed, HANDLER, (client) => {
      if (!(client instanceof pg.Client)) throw new Error('It is not a client of the pool.');
      return work(client);
    });
  }

  async function shipments(): Promise<number> {
    return (await fixture.pool.query('SELECT FROM shipments')).rowCount ?? 0;
  }

  async function handled(): Promise<readonly string[]> {
    const { rows } = await fixture.pool.query<{ handled: string[] }>('SELECT handled FROM wanpay.events');
    return rows[0]?.handled ?? [];
  }
});
