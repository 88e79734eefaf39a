import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createDatabase } from '../../../../../../test/servers/shared-postgres.js';
import { ledgerStoreConformance, type StoreUnderTest } from '../../conformance.js';
import type { OrderChange } from '../../store.js';
import { PostgresStore } from './postgres-store.js';
import { postgresMigrations } from './schema/migrations.js';

const START = new Date('2026-03-01T04:00:00.000Z');
const SHIPPING = { handler: 'Shipping', type: 'atm.paid' } as const;
/** Each statement is planned for every partition, so that the whole contract takes half a minute with sixteen. */
const PARTITIONS = process.env.CRASH === 'long' ? 16 : 4;
const TABLES = ['orders', 'outcomes', 'events', 'deliveries', 'subscriptions', 'leases', 'records'];

describe('tables that are partitioned by merchant', () => {
  let address: string;
  let pool: pg.Pool;
  let store: PostgresStore;

  beforeAll(async () => {
    address = await createDatabase();
    pool = new pg.Pool({ connectionString: address });
    for (const { sql } of postgresMigrations({ partitions: PARTITIONS })) await pool.query(sql);
    store = new PostgresStore({ pool, migrate: false });
    await store.start(() => undefined);
  });
  afterEach(() => pool.query(TABLES.map((table) => `DELETE FROM wanpay.wanpay_${table}`).join(';')));
  afterAll(async () => {
    await store.stop();
    await pool.end();
  });

  describe('keep the contract of every store', () => {
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

  it('give to a claim what is due in each, though rows of several are at the same place', async () => {
    await store.subscribe({ add: [SHIPPING], now: START });
    const merchants = Array.from({ length: 40 }, (_, i) => `M${i}`);
    await store.commit(merchants.map(paid));
    const until = new Date(START.getTime() + 60_000);
    const claim = { subscriptions: [SHIPPING], now: START, leaseUntil: until, limit: 7 };
    const claimed: string[] = [];
    for (let more = true; more;) {
      const { deliveries } = await store.claimDeliveries(claim);
      claimed.push(...deliveries.map(({ merchantNo }) => merchantNo));
      more = deliveries.length > 0;
    }
    expect(claimed.sort()).toEqual(merchants.sort());
  });
});

it.each([1, 1025, 2.5])('can’t be %p partitions', (partitions) => {
  expect(() => postgresMigrations({ partitions })).toThrow(/^partitions must be/);
});

function paid(merchantNo: string): OrderChange {
  const key = { merchantNo, orderNo: 'A' };
  const at = { createdAt: START, updatedAt: START };
  const event = { seq: 0, id: merchantNo, type: 'atm.paid', occurredAt: START, livemode: false, details: {} } as const;
  return {
    ...key,
    expectedVersion: 0,
    payment: { ...key, ...at, amount: 1280, livemode: false, state: 'paid' },
    events: [event],
  };
}
