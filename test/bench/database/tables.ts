import { postgres } from 'nestjs-wanpay/postgres';
import pg from 'pg';
import type { PostgresServer } from '../../servers/postgres.js';
import { AMOUNT, MERCHANT } from '../orders.js';
import { BY_HAND } from './by-hand.js';
import { byHandTables } from './by-hand-tables.js';

const LEDGER = 'wanpay';

/** A database with the ledger's tables, and with tables for what is written by hand. */
export class Tables {
  private constructor(
    readonly address: string,
    readonly client: pg.Client,
  ) {}

  static async create(server: PostgresServer): Promise<Tables> {
    const address = await server.createDatabase();
    const store = postgres({ connectionString: address, schema: LEDGER });
    await store.start(() => undefined);
    await store.stop();
    const client = new pg.Client({ connectionString: address });
    await client.connect();
    await client.query(byHandTables(BY_HAND));
    return new Tables(address, client);
  }

  /** Opens payments of the ledger whose account is issued, behind its back; their order numbers are those of `orderNos`. */
  async open(prefix: string, count: number): Promise<void> {
    await this.client.query(
      `INSERT INTO ${LEDGER}.wanpay_orders (created_at, updated_at, next_check_at, version, event_count, check_failures,
        needs_review, merchant_no, order_no, state, document)
      SELECT now, now, now + 3600000, 1, 0, 0, false, $1, $2 || 'N' || i, 'pending', document
      FROM generate_series(0, $3::integer - 1) i,
        (SELECT (extract(epoch FROM now()) * 1000)::bigint AS now, json_build_object('amount', $4::integer, 'livemode', false,
          'account', json_build_object('number', '46710722851832', 'bankCode', '013', 'bankName', '國泰世華商業銀行',
            'branchCode', '2022', 'branchName', '大昌分行', 'holder', '旺沛大數位股份有限公司',
            'expiresAt', to_char(now() AT TIME ZONE 'UTC' + interval '3 days', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) AS document) d`,
      [MERCHANT.merchantNo, prefix, count, AMOUNT],
    );
  }

  /** Opens as many payments in the tables for what is written by hand. */
  async openByHand(prefix: string, count: number): Promise<void> {
    await this.client.query(
      `INSERT INTO ${BY_HAND}.payments (merchant_no, order_no, state, amount, livemode, account_number, bank_code, bank_name,
        branch_code, branch_name, account_holder, expires_at, created_at, updated_at, next_check_at)
      SELECT $1, $2 || 'N' || i, 'pending', $3, false, '46710722851832', '013', '國泰世華商業銀行', '2022', '大昌分行',
        '旺沛大數位股份有限公司', now() + interval '3 days', now(), now(), now() + interval '1 hour'
      FROM generate_series(0, $4::integer - 1) i`,
      [MERCHANT.merchantNo, prefix, AMOUNT, count],
    );
  }

  /** Lets planners know what there is. */
  async analyze(): Promise<void> {
    await this.client.query(`VACUUM ANALYZE ${LEDGER}.wanpay_orders`);
  }

  /** Lets what the fill left behind happen now rather than while something is measured. */
  async settleDown(): Promise<void> {
    await this.client.query('CHECKPOINT');
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}
