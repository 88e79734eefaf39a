import { postgres } from 'nestjs-wanpay/postgres';
import pg from 'pg';
import type { PostgresServer } from '../../servers/postgres.js';
import { AMOUNT, MERCHANT } from '../orders.js';
import { BY_HAND } from './by-hand.js';

/** The schema that the ledger has unless told otherwise. */
export const LEDGER = 'wanpay';

/** A database with the ledger's tables, and the same tables again for what is written by hand. */
export class Tables {
  private constructor(
    readonly address: string,
    readonly client: pg.Client,
  ) {}

  static async create(server: PostgresServer): Promise<Tables> {
    const address = await server.createDatabase();
    for (const schema of [LEDGER, BY_HAND]) {
      const ledger = postgres({ connectionString: address, schema });
      await ledger.start();
      await ledger.stop();
    }
    const client = new pg.Client({ connectionString: address });
    await client.connect();
    return new Tables(address, client);
  }

  /** Opens payments whose account is issued; their order numbers are those of `orderNos`. */
  async open(schema: string, prefix: string, count: number): Promise<void> {
    await this.client.query(
      `INSERT INTO ${schema}.payments (merchant_no, order_no, state, amount, livemode, account_number, bank_code, bank_name,
        branch_code, branch_name, account_holder, expires_at, created_at, updated_at, next_check_at)
      SELECT $1, $2 || 'N' || i, 'pending', $3, false, '46710722851832', '013', '國泰世華商業銀行', '2022', '大昌分行',
        '旺沛大數位股份有限公司', now() + interval '3 days', now(), now(), now() + interval '1 hour'
      FROM generate_series(0, $4::integer - 1) i`,
      [MERCHANT.merchantNo, prefix, AMOUNT, count],
    );
  }

  /** Lets what the fill left behind happen now rather than while something is measured. */
  async settleDown(): Promise<void> {
    await this.client.query('CHECKPOINT');
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}
