import { Ledger, type PaymentKey, type Subscription } from 'nestjs-wanpay/ledger';
import { postgres } from 'nestjs-wanpay/postgres';
import pg from 'pg';
import { createPool } from '../database/pool.js';
import { MERCHANT } from '../orders.js';
import { overStore, type Swept } from '../sweep/ledgers.js';
import { DAYS, load, orderNoAt } from './load.js';

export const SHIPPING: Subscription = { handler: 'Shipping.ship', type: 'atm.paid' };

const SOON_LOADED = 100_000;
const SAMPLE = 100;

/** A ledger with so many payments, and whatever works on it. */
export class GrownLedger {
  /** The same in each round, so that what is compared is in memory in both ledgers. */
  readonly orders = Array.from({ length: SAMPLE }, () => this.anyOrder());
  readonly moments = Array.from({ length: SAMPLE }, () => this.anyMoment());

  private constructor(
    readonly payments: number,
    readonly client: pg.Client,
    readonly ledger: Ledger,
    /** Another process: what it opens, the ledger that is measured has never seen. */
    readonly opener: Ledger,
    readonly swept: Swept,
    private readonly pools: readonly pg.Pool[],
  ) {}

  /**
   * Fills a database of the server. What an earlier run has filled is used as it is, where that took long.
   *
   * @param due how many checks are due at once, at most a hundredth of the payments
   */
  static async open(server: string, payments: number, due: number, baseUrl: string): Promise<GrownLedger> {
    const address = await databaseOf(server, `wanpay_growth_${payments}`);
    const client = new pg.Client({ connectionString: address });
    await client.connect();
    const pools = [createPool(address), createPool(address), createPool(address)] as const;
    const ledger = new Ledger(postgres({ pool: pools[0] }));
    await ledger.start();
    await ledger.deliveries.subscribe([SHIPPING], new Date(), new Date());
    if (payments <= SOON_LOADED || (await isEmpty(client))) await load(client, payments);
    const opener = new Ledger(postgres({ pool: pools[1] }));
    await opener.start();
    // What falls due together was opened together, so that it is in the same pages.
    const orderAt = (place: number): string => orderNoAt(payments - due + place);
    const swept = await overStore('PostgreSQL', postgres({ pool: pools[2] }), baseUrl, { payments: due, due }, orderAt);
    const makeDue = async (round: number): Promise<void> => {
      await swept.makeDue(round);
      await client.query('CHECKPOINT');
    };
    return new GrownLedger(payments, client, ledger, opener, { ...swept, makeDue }, pools);
  }

  /** One of the payments. */
  anyOrder(): PaymentKey {
    return { merchantNo: MERCHANT.merchantNo, orderNo: orderNoAt(Math.floor(Math.random() * this.payments)) };
  }

  /** One of the moments in which payments were created. */
  anyMoment(): Date {
    return new Date(Date.now() - Math.random() * DAYS * 86_400_000);
  }

  /** Reads the payments that are purged next, with all that belongs to them. */
  async readOldest(count: number): Promise<void> {
    await this.client.query(
      `SELECT sum(length(row_to_json(j)::text)) FROM (
        SELECT * FROM wanpay.wanpay_orders o JOIN wanpay.wanpay_events USING (merchant_no, order_no)
          LEFT JOIN wanpay.wanpay_outcomes USING (merchant_no, order_no) LEFT JOIN wanpay.wanpay_deliveries USING (merchant_no, order_no)
        WHERE (merchant_no, order_no) IN (SELECT merchant_no, order_no FROM wanpay.wanpay_orders
          WHERE state = 'expired' ORDER BY created_at LIMIT $1)
      ) j`,
      [count],
    );
  }

  /** A page is written to the log as a whole when it is first changed afterwards: now that is so of all pages in both ledgers. */
  async settleDown(): Promise<void> {
    await this.client.query('CHECKPOINT');
  }

  /** How many bytes each payment takes, with its indexes. */
  async bytesPerPayment(): Promise<number> {
    const { rows } = await this.client.query<{ bytes: string }>(
      `SELECT sum(pg_total_relation_size(oid)) AS bytes FROM pg_class WHERE relnamespace = 'wanpay'::regnamespace AND relkind = 'r'`,
    );
    return Number(rows[0]?.bytes) / this.payments;
  }

  async close(): Promise<void> {
    await this.swept.close();
    await Promise.all([this.ledger.stop(), this.opener.stop()]);
    await Promise.all(this.pools.map((pool) => pool.end()));
    await this.client.end();
  }
}

async function databaseOf(server: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  const known = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  if (known.rowCount === 0) await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return Object.assign(new URL(server), { pathname: `/${name}` }).href;
}

async function isEmpty(client: pg.Client): Promise<boolean> {
  return (await client.query('SELECT FROM wanpay.wanpay_orders LIMIT 1')).rowCount === 0;
}
