// The same as by-hand.ts for MySQL: the payment, the outcome and the event in one transaction.
import { randomUUID } from 'node:crypto';
import type { Pool, RowDataPacket } from 'mysql2/promise';
import { AMOUNT, MERCHANT, paidReport, pendingPayment } from '../orders.js';

/** A payment, what was said about it, and its events, with the indexes that lists need. */
const TABLES = [
  `CREATE TABLE payments (
    merchant_no VARCHAR(30) NOT NULL, order_no VARCHAR(100) NOT NULL, state VARCHAR(16) NOT NULL, amount BIGINT NOT NULL,
    livemode BOOLEAN NOT NULL, document TEXT NOT NULL, payer_bank_code VARCHAR(8), payer_account VARCHAR(32), paid_at BIGINT,
    created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, next_check_at BIGINT,
    PRIMARY KEY (merchant_no, order_no), KEY (state, created_at), KEY (merchant_no, state, created_at), KEY (next_check_at),
    KEY (merchant_no, next_check_at)) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
  `CREATE TABLE outcomes (
    seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, merchant_no VARCHAR(30) NOT NULL, order_no VARCHAR(100) NOT NULL,
    source VARCHAR(16) NOT NULL, outcome TEXT NOT NULL, from_state VARCHAR(16), to_state VARCHAR(16), seen_at BIGINT NOT NULL,
    KEY (merchant_no, order_no, seq)) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
  `CREATE TABLE events (
    seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, id VARCHAR(64) NOT NULL UNIQUE, merchant_no VARCHAR(30) NOT NULL,
    order_no VARCHAR(100) NOT NULL, type VARCHAR(64) NOT NULL, body TEXT NOT NULL, delivery VARCHAR(16) NOT NULL DEFAULT 'pending',
    attempts INT NOT NULL DEFAULT 0, due_at BIGINT NOT NULL, lease_until BIGINT,
    KEY (merchant_no, order_no, seq), KEY (delivery, due_at)) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
];
const FIND = 'SELECT state, amount FROM payments WHERE merchant_no = ? AND order_no = ? FOR UPDATE';
const PAY = `UPDATE payments SET state = 'paid', paid_at = ?, updated_at = ?, payer_bank_code = ?, payer_account = ?,
  next_check_at = NULL WHERE merchant_no = ? AND order_no = ?`;
const SEE = `INSERT INTO outcomes (merchant_no, order_no, source, outcome, from_state, to_state, seen_at)
  VALUES (?, ?, 'notification', ?, ?, 'paid', ?)`;
const OWE = `INSERT INTO events (id, merchant_no, order_no, type, body, due_at) VALUES (?, ?, ?, 'atm.paid', ?, ?)`;

/** Tables of its own, and one transaction for each notification, whose statements are prepared. */
export class MysqlByHand {
  private constructor(private readonly pool: Pool) {}

  static async create(pool: Pool): Promise<MysqlByHand> {
    for (const sql of TABLES) await pool.query(sql);
    return new MysqlByHand(pool);
  }

  /** Opens payments whose account is issued. */
  async open(orderNos: readonly string[]): Promise<void> {
    const rows = orderNos.map(pendingPayment).map((payment) => {
      const { merchantNo, orderNo, state, amount, livemode } = payment;
      const now = payment.createdAt.getTime();
      return [merchantNo, orderNo, state, amount, livemode, JSON.stringify(payment), now, now, now + 3_600_000];
    });
    const columns = 'merchant_no, order_no, state, amount, livemode, document, created_at, updated_at, next_check_at';
    for (let from = 0; from < rows.length; from += 500) {
      await this.pool.query(`INSERT INTO payments (${columns}) VALUES ?`, [rows.slice(from, from + 500)]);
    }
  }

  /** Settles one payment. */
  readonly settle = async (orderNo: string): Promise<void> => {
    const { merchantNo } = MERCHANT;
    const { outcome } = paidReport(orderNo);
    const connection = await this.pool.getConnection();
    try {
      await connection.query('START TRANSACTION');
      const [[payment]] = await connection.execute<RowDataPacket[]>(FIND, [merchantNo, orderNo]);
      if (payment?.state !== 'pending' || payment.amount !== AMOUNT) throw new Error(`${orderNo} could not be paid.`);
      const now = Date.now();
      const payer = [outcome.payer?.bankCode ?? null, outcome.payer?.account ?? null];
      await connection.execute(PAY, [now, now, ...payer, merchantNo, orderNo]);
      await connection.execute(SEE, [merchantNo, orderNo, JSON.stringify(outcome), 'pending', now]);
      const id = `evt_${randomUUID()}`;
      const event = { id, type: 'atm.paid', merchantNo, orderNo, livemode: false, occurredAt: now, amount: AMOUNT };
      await connection.execute(OWE, [id, merchantNo, orderNo, JSON.stringify(event), now]);
      await connection.query('COMMIT');
    } catch (error) {
      await connection.query('ROLLBACK');
      throw error;
    } finally {
      connection.release();
    }
  };
}
