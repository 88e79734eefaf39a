import mysqlDriver from 'mysql2/promise';
import { Ledger, type Subscription } from 'nestjs-wanpay/ledger';
import { mysql } from 'nestjs-wanpay/mysql';
import { createMariaDbDatabase } from '../servers/shared-mariadb.js';
import { START } from './payments.js';

/** A started ledger over a fresh database in MariaDB, and what a host has beside it. */
export class MysqlFixture {
  private readonly others: Ledger[] = [];

  private constructor(
    readonly uri: string,
    readonly pool: mysqlDriver.Pool,
    readonly ledger: Ledger,
  ) {}

  /** @param given the address of an empty database; left out, one on the server that specs share */
  static async open(given?: string): Promise<MysqlFixture> {
    const uri = given ?? (await createMariaDbDatabase());
    const pool = mysqlDriver.createPool({ uri });
    const ledger = new Ledger(mysql({ pool }));
    await ledger.start();
    return new MysqlFixture(uri, pool, ledger);
  }

  async close(): Promise<void> {
    await Promise.all([this.ledger, ...this.others].map((each) => each.stop()));
    await this.pool.end();
  }

  /** Another ledger over the same data, with connections of its own, as another process has it. */
  async another(): Promise<Ledger> {
    const ledger = new Ledger(mysql({ uri: this.uri, pollEveryMs: 20 }));
    await ledger.start();
    this.others.push(ledger);
    return ledger;
  }

  async subscribe(...subscriptions: readonly Subscription[]): Promise<void> {
    await this.ledger.deliveries.subscribe(subscriptions, START, START);
  }

  /** How many events are recorded on an SQL condition. */
  async countEvents(condition: string): Promise<number> {
    const [rows] = await this.pool.query<mysqlDriver.RowDataPacket[]>(`SELECT 1 FROM wanpay_events WHERE ${condition}`);
    return rows.length;
  }
}
