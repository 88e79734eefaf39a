import { type ClaimedDelivery, Ledger, type Subscription } from 'nestjs-wanpay/ledger';
import { postgres } from 'nestjs-wanpay/postgres';
import type { HostTransactions } from 'nestjs-wanpay/transactions';
import pg from 'pg';
import { createDatabase } from '../servers/shared-postgres.js';
import { ACCOUNT, key, later, opening, START } from './payments.js';

export const SHIP: Subscription = { handler: 'Shipping.ship', type: 'atm.issued' };

/** A started ledger over a fresh database, and what a host has beside it. */
export class PostgresFixture {
  private readonly others: Ledger[] = [];

  private constructor(
    readonly address: string,
    readonly pool: pg.Pool,
    public ledger: Ledger,
  ) {}

  /** @param given the address of an empty database; left out, one on the server that specs share */
  static async open(given?: string): Promise<PostgresFixture> {
    const address = given ?? (await createDatabase());
    const pool = openPool({ connectionString: address });
    const ledger = new Ledger(postgres({ pool }));
    await ledger.start();
    return new PostgresFixture(address, pool, ledger);
  }

  async close(): Promise<void> {
    await Promise.all([this.ledger, ...this.others].map((each) => each.stop()));
    await this.pool.end();
  }

  /** Has transactional handlers run in transactions of a tool. */
  async useTransactions(transactions: HostTransactions<unknown>): Promise<void> {
    await this.ledger.stop();
    this.ledger = new Ledger(postgres({ pool: this.pool, transactions }));
    await this.ledger.start();
  }

  /** Another ledger over the same data, with connections of its own, as another process has it. */
  async another(): Promise<Ledger> {
    const ledger = new Ledger(postgres({ connectionString: this.address }));
    await ledger.start();
    this.others.push(ledger);
    return ledger;
  }

  async subscribe(...subscriptions: readonly Subscription[]): Promise<void> {
    await this.ledger.deliveries.subscribe(subscriptions, START, START);
  }

  /** How many events are recorded on an SQL condition. */
  async countEvents(condition: string): Promise<number> {
    return (await this.pool.query(`SELECT FROM wanpay.wanpay_events WHERE ${condition}`)).rowCount ?? 0;
  }

  /** Opens payments A0, A1 … and issues their accounts, which records an event for each. */
  async openPending(count: number): Promise<readonly string[]> {
    const orders = Array.from({ length: count }, (_, i) => `A${i}`);
    await Promise.all(orders.map((orderNo) => this.ledger.open(opening(orderNo))));
    await Promise.all(orders.map((orderNo) => this.ledger.issue(key(orderNo), ACCOUNT, START)));
    return orders;
  }

  /** Claims the one delivery that is due to a handler, for a minute. */
  async claimOne(subscription = SHIP): Promise<ClaimedDelivery> {
    const claim = { subscriptions: [subscription], now: START, leaseUntil: later(60), limit: 1 };
    const [delivery] = (await this.ledger.deliveries.claim(claim)).deliveries;
    if (!delivery) throw new Error('Nothing is due.');
    return delivery;
  }

  /** How the deliveries of the order A0 stand. */
  async states(): Promise<readonly string[]> {
    const timeline = await this.ledger.timeline(key('A0'));
    const deliveries = timeline.flatMap((entry) => (entry.kind === 'event' ? entry.deliveries : []));
    return deliveries.map(({ state }) => state);
  }
}

/** A pool that lets its server go away. */
export function openPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config);
  pool.on('error', () => undefined);
  return pool;
}

/** Counts how often a ledger says that there are events, and waits for it. */
export class Hints {
  private count = 0;
  private waiting: (() => void)[] = [];

  constructor(ledger: Ledger) {
    ledger.onEvents(() => {
      this.count += 1;
      for (const resume of this.waiting.splice(0)) resume();
    });
  }

  /** Resolves when there was a hint since the last time; forgets it. */
  async next(): Promise<void> {
    while (this.count === 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.count = 0;
  }
}
