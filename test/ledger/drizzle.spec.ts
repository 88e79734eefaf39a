import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import type { OwedEvent } from 'nestjs-wanpay';
import pg from 'pg';
import { PostgresFixture } from './postgres-fixture.js';

/** A table of the host's own, by its own ORM. */
const shipments = pgTable('shipments', { orderNo: text('order_no').primaryKey(), amount: integer() });

describe('a transactional handler with Drizzle', () => {
  let fixture: PostgresFixture;
  let owed: OwedEvent;

  beforeEach(async () => {
    fixture = await PostgresFixture.open();
    await fixture.pool.query('CREATE TABLE shipments (order_no text PRIMARY KEY, amount integer)');
    await fixture.openPending(1);
    owed = await fixture.claimOne();
  });

  afterEach(() => fixture.close());

  it('commits its own rows together with the mark that it is done', async () => {
    await handle((db) => db.insert(shipments).values({ orderNo: owed.event.orderNo, amount: 1280 }));
    expect(await drizzle(fixture.pool).select().from(shipments)).toEqual([{ orderNo: 'A0', amount: 1280 }]);
    expect(await handled()).toEqual([['Shipping.ship']]);
  });

  it('loses its own rows together with the mark when it fails', async () => {
    const failed = handle(async (db) => {
      await db.insert(shipments).values({ orderNo: owed.event.orderNo, amount: 1280 });
      throw new Error('no luck');
    });
    await expect(failed).rejects.toThrow('no luck');
    expect(await drizzle(fixture.pool).select().from(shipments)).toEqual([]);
    expect(await handled()).toEqual([[]]);
  });

  /** What a handler with `{ transaction: true }` does with the client that it is given. */
  function handle(work: (db: NodePgDatabase) => unknown): Promise<void> {
    return fixture.ledger.transact(owed, 'Shipping.ship', (client) => {
      if (!(client instanceof pg.Client)) throw new Error('It is not a client of node-postgres.');
      return work(drizzle(client));
    });
  }

  async function handled(): Promise<readonly string[][]> {
    const { rows } = await fixture.pool.query<{ handled: string[] }>('SELECT handled FROM wanpay.events');
    return rows.map((row) => row.handled);
  }
});
