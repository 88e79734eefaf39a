import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { type ClaimedDelivery, Ledger } from 'nestjs-wanpay/ledger';
import { ledgerStoreConformance, type StoreUnderTest } from 'nestjs-wanpay/ledger-conformance';
import { postgres, type PostgresOptions } from 'nestjs-wanpay/postgres';
import pg from 'pg';
import { PgBouncer } from '../servers/pgbouncer.js';
import { createDatabase } from '../servers/shared-postgres.js';
import { ACCOUNT, key, later, opening, report, START } from './payments.js';
import { Hints } from './postgres-fixture.js';

const PAID = { handler: 'Shipping.ship', type: 'atm.paid' } as const;
const ORDERS = Array.from({ length: 60 }, (_, i) => `A${i}`);
/** Fewer than clients, so that none keeps one. */
const CONNECTIONS = 3;
const IS_LONG = process.env.CRASH === 'long';

describe('ledgers behind PgBouncer in transaction mode', () => {
  let direct: string;
  let bouncer: PgBouncer;
  let direction: pg.Client;
  let ledgers: Ledger[];
  let warnings: jest.SpiedFunction<Logger['warn']>;

  beforeAll(async () => {
    direct = await createDatabase();
    bouncer = await PgBouncer.start(direct, CONNECTIONS);
    direction = new pg.Client({ connectionString: direct });
    await direction.connect();
    await direction.query('CREATE TABLE shipments (order_no text NOT NULL)');
  });
  beforeEach(() => {
    ledgers = [];
    warnings = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
  });
  afterEach(async () => {
    warnings.mockRestore();
    await Promise.all(ledgers.map((ledger) => ledger.stop()));
    await direction.query('DROP SCHEMA IF EXISTS wanpay CASCADE; TRUNCATE shipments');
  });
  afterAll(async () => {
    await direction.end();
    await bouncer.stop();
  });

  async function start(options: Partial<PostgresOptions> = {}): Promise<Ledger> {
    const ledger = new Ledger(postgres({ connectionString: bouncer.address, ...options }));
    await ledger.start();
    ledgers.push(ledger);
    return ledger;
  }

  const said = (): readonly string[] => warnings.mock.calls.map(([message]) => String(message));

  it('settle and deliver everything once, whatever they were told of prepared statements', async () => {
    const [one, other] = [await start(), await start({ prepare: false })];
    await one.deliveries.subscribe([PAID], START, START);
    await Promise.all(
      ORDERS.map(async (orderNo, i) => {
        const [first, second] = i % 2 === 0 ? [one, other] : [other, one];
        await first.open(opening(orderNo));
        await second.issue(key(orderNo), ACCOUNT, START);
        await Promise.all([first.settle(report(orderNo)), second.settle(report(orderNo))]);
      }),
    );
    await Promise.all([one, other].map(deliverAll));
    const { rows } = await direction.query<{ order_no: string }>('SELECT * FROM shipments');
    expect(rows.map((row) => row.order_no).sort()).toEqual([...ORDERS].sort());
    expect(said().filter((message) => message.includes('prepare: false'))).toHaveLength(1);
  });

  it('look every second where no notice arrives, and say so', async () => {
    const heard = new Hints(await start({ prepare: false }));
    await heard.next();
    await heard.next();
    expect(said()).toEqual([expect.stringContaining('listenConnectionString')]);
  });

  it('hear at once on a connection to the server itself', async () => {
    const heard = new Hints(await start({ prepare: false, listenConnectionString: direct }));
    const other = await start({ prepare: false, listenConnectionString: direct });
    await other.deliveries.subscribe([{ handler: 'Desk.show', type: 'atm.unknown_order' }], START, START);
    await other.settle(report('NONE'));
    await heard.next();
    expect(said()).toEqual([]);
  });

  if (IS_LONG) {
    describe('keep the contract of every store', () => {
      const openStore = (): Promise<StoreUnderTest> => {
        const store = postgres({ connectionString: bouncer.address, prepare: false });
        const another = async (): Promise<typeof store> => {
          const second = postgres({ connectionString: bouncer.address, prepare: false });
          await second.start(() => undefined);
          return second;
        };
        const close = (): Promise<void> => store.stop();
        return store.start(() => undefined).then(() => ({ store, another, close }));
      };
      for (const each of ledgerStoreConformance(openStore)) it(each.name, () => each.run());
    });
  }
});

/** Delivers what is pending, each in a transaction with a row of the host's own. */
async function deliverAll(ledger: Ledger): Promise<void> {
  for (;;) {
    const claim = { subscriptions: [PAID], now: later(2), leaseUntil: later(60), limit: 8 };
    const { deliveries } = await ledger.deliveries.claim(claim);
    if (deliveries.length === 0) return;
    await Promise.all(deliveries.map((delivery) => ship(ledger, delivery)));
  }
}

function ship(ledger: Ledger, delivery: ClaimedDelivery): Promise<boolean> {
  const { signal } = new AbortController();
  const run = (client: unknown): Promise<unknown> => {
    if (!isClient(client)) throw new TypeError('There is no transaction.');
    return client.query('INSERT INTO shipments VALUES ($1)', [delivery.event.orderNo]);
  };
  return ledger.deliveries.transact(delivery, later(2), { run, signal });
}

function isClient(client: unknown): client is pg.ClientBase {
  return client instanceof pg.Client;
}
