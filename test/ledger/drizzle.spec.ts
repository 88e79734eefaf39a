import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import type { ClaimedDelivery } from 'nestjs-wanpay/ledger';
import pg from 'pg';
import { START } from './payments.js';
import { PostgresFixture, SHIP } from './postgres-fixture.js';

/** A table of the host's own, by its own ORM. */
const shipments = pgTable('shipments', { orderNo: text('order_no').primaryKey(), amount: integer() });

describe('a transactional handler with Drizzle', () => {
  let fixture: PostgresFixture;
  let delivery: ClaimedDelivery;

  beforeEach(async () => {
    fixture = await PostgresFixture.open();
    await fixture.pool.query('CREATE TABLE shipments (order_no text PRIMARY KEY, amount integer)');
    await fixture.subscribe(SHIP);
    await fixture.openPending(1);
    delivery = await fixture.claimOne();
  });

  afterEach(() => fixture.close());

  it('commits its own rows together with the mark that it is done', async () => {
    await handle((db) => db.insert(shipments).values({ orderNo: delivery.event.orderNo, amount: 1280 }));
    expect(await drizzle(fixture.pool).select().from(shipments)).toEqual([{ orderNo: 'A0', amount: 1280 }]);
    expect(await fixture.states()).toEqual(['delivered']);
  });

  it('loses its own rows together with the mark when it fails', async () => {
    const failed = handle(async (db) => {
      await db.insert(shipments).values({ orderNo: delivery.event.orderNo, amount: 1280 });
      throw new Error('no luck');
    });
    await expect(failed).rejects.toThrow('no luck');
    expect(await drizzle(fixture.pool).select().from(shipments)).toEqual([]);
    expect(await fixture.states()).toEqual(['running']);
  });

  /** What a handler with `{ transaction: true }` does with the client that it is given. */
  function handle(work: (db: NodePgDatabase) => unknown): Promise<boolean> {
    const run = (client: unknown): unknown => {
      if (!(client instanceof pg.Client)) throw new Error('It is not a client of node-postgres.');
      return work(drizzle(client));
    };
    return fixture.ledger.deliveries.transact(delivery, START, { run, signal: new AbortController().signal });
  }
});
