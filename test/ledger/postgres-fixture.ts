import { Ledger } from 'nestjs-wanpay/ledger';
import { postgres } from 'nestjs-wanpay/postgres';
import type { HostTransactions } from 'nestjs-wanpay/transactions';
import pg from 'pg';
import { createDatabase } from '../servers/shared-postgres.js';
import { LedgerFixture } from './ledger-fixture.js';

export { SHIP } from './ledger-fixture.js';

/** A started ledger over a fresh database, and what a host has beside it. */
export class PostgresFixture extends LedgerFixture {
  private constructor(
    address: string,
    readonly pool: pg.Pool,
    ledger: Ledger,
  ) {
    super(address, ledger);
  }

  /** @param given the address of an empty database; left out, one on the server that specs share */
  static async open(given?: string): Promise<PostgresFixture> {
    const address = given ?? (await createDatabase());
    const pool = openPool({ connectionString: address });
    const ledger = new Ledger(postgres({ pool }));
    await ledger.start();
    return new PostgresFixture(address, pool, ledger);
  }

  override async close(): Promise<void> {
    await super.close();
    await this.pool.end();
  }

  async rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.pool.query<Readonly<Record<string, unknown>>>(sql)).rows;
  }

  /** How many events are recorded on an SQL condition. */
  async countEvents(condition: string): Promise<number> {
    return (await this.rows(`SELECT FROM wanpay.wanpay_events WHERE ${condition}`)).length;
  }

  protected make(transactions?: HostTransactions<unknown>): Ledger {
    return new Ledger(postgres({ connectionString: this.address, ...(transactions ? { transactions } : {}) }));
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
