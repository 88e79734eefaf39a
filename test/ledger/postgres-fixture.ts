import type { OwedEvent } from 'nestjs-wanpay';
import { type PostgresLedger, postgres } from 'nestjs-wanpay/postgres';
import pg from 'pg';
import { createDatabase } from '../servers/shared-postgres.js';
import { ACCOUNT, intent, key, later, START } from './payments.js';

/** A started ledger over a fresh database, and what a host has beside it. */
export class PostgresFixture {
  private readonly others: PostgresLedger[] = [];

  private constructor(
    readonly address: string,
    readonly pool: pg.Pool,
    readonly ledger: PostgresLedger,
  ) {}

  /** @param given the address of an empty database; left out, one on the server that specs share */
  static async open(given?: string): Promise<PostgresFixture> {
    const address = given ?? (await createDatabase());
    const pool = openPool({ connectionString: address });
    const ledger = postgres({ pool });
    await ledger.start();
    return new PostgresFixture(address, pool, ledger);
  }

  async close(): Promise<void> {
    await Promise.all([this.ledger, ...this.others].map((each) => each.stop()));
    await this.pool.end();
  }

  /** Another ledger over the same data, with connections of its own, as another process has it. */
  async another(): Promise<PostgresLedger> {
    const ledger = postgres({ connectionString: this.address });
    await ledger.start();
    this.others.push(ledger);
    return ledger;
  }

  /** Opens payments A0, A1 … and issues their accounts, which owes an event for each. */
  async openPending(count: number): Promise<readonly string[]> {
    const orders = Array.from({ length: count }, (_, i) => `A${i}`);
    await Promise.all(orders.map((orderNo) => this.ledger.open(intent(orderNo))));
    await Promise.all(orders.map((orderNo) => this.ledger.issue(key(orderNo), ACCOUNT, START)));
    return orders;
  }

  /** Claims the one event that is due, for a minute. */
  async claimOne(): Promise<OwedEvent> {
    const [owed] = await this.ledger.claim(START, later(60), 1);
    if (!owed) throw new Error('Nothing is owed.');
    return owed;
  }
}

/** A pool that lets its server go away. */
export function openPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config);
  pool.on('error', () => undefined);
  return pool;
}

/** Counts the nudges of a ledger, and waits for them. */
export class Nudges {
  private count = 0;
  private waiting: (() => void)[] = [];

  constructor(ledger: PostgresLedger) {
    ledger.onEventsOwed(() => {
      this.count += 1;
      for (const resume of this.waiting.splice(0)) resume();
    });
  }

  /** Resolves when there was a nudge since the last time; forgets it. */
  async next(): Promise<void> {
    while (this.count === 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.count = 0;
  }
}
