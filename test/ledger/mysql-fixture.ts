import mysqlDriver from 'mysql2/promise';
import { Ledger } from 'nestjs-wanpay/ledger';
import { mysql } from 'nestjs-wanpay/mysql';
import type { HostTransactions } from 'nestjs-wanpay/transactions';
import { createMariaDbDatabase } from '../servers/shared-mariadb.js';
import { LedgerFixture } from './ledger-fixture.js';

/** A started ledger over a fresh database in MariaDB, and what a host has beside it. */
export class MysqlFixture extends LedgerFixture {
  private constructor(
    address: string,
    readonly pool: mysqlDriver.Pool,
    ledger: Ledger,
  ) {
    super(address, ledger);
  }

  /** @param given the address of an empty database; left out, one on the server that specs share */
  static async open(given?: string): Promise<MysqlFixture> {
    const uri = given ?? (await createMariaDbDatabase());
    const pool = mysqlDriver.createPool({ uri });
    const ledger = new Ledger(mysql({ pool }));
    await ledger.start();
    return new MysqlFixture(uri, pool, ledger);
  }

  override async close(): Promise<void> {
    await super.close();
    await this.pool.end();
  }

  async rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const [rows] = await this.pool.query<mysqlDriver.RowDataPacket[]>(sql);
    return rows;
  }

  /** How many events are recorded on an SQL condition. */
  async countEvents(condition: string): Promise<number> {
    return (await this.rows(`SELECT 1 FROM wanpay_events WHERE ${condition}`)).length;
  }

  protected make(transactions?: HostTransactions<unknown>): Ledger {
    return new Ledger(mysql({ uri: this.address, pollEveryMs: 20, ...(transactions ? { transactions } : {}) }));
  }
}
