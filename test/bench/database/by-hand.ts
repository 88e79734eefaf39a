// What a good engineer writes who has the same tables and no library: the payment, the outcome and the event in one commit.
import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { AMOUNT, MERCHANT } from '../orders.js';

/** The schema of the tables that are written by hand. */
export const BY_HAND = 'by_hand';

const FIND = {
  name: 'find',
  text: `SELECT state, amount, account_number, expires_at, created_at FROM ${BY_HAND}.payments
    WHERE merchant_no = $1 AND order_no = $2 FOR UPDATE`,
};
const PAY = {
  name: 'pay',
  text: `UPDATE ${BY_HAND}.payments SET state = 'paid', paid_at = $3, updated_at = $3, amount_unit = 'cents',
    payer_bank_code = $4, payer_account = $5, next_check_at = NULL WHERE merchant_no = $1 AND order_no = $2`,
};
const SEE = {
  name: 'see',
  text: `INSERT INTO ${BY_HAND}.outcomes (merchant_no, order_no, source, outcome, from_state, to_state, seen_at)
    VALUES ($1, $2, 'notification', $3, $4, 'paid', $5)`,
};
const OWE = {
  name: 'owe',
  text: `INSERT INTO ${BY_HAND}.events (id, merchant_no, order_no, type, body, due_at)
    VALUES ($1, $2, $3, 'atm.paid', $4, $5) ON CONFLICT (id) DO NOTHING`,
};
const ALL = {
  name: 'all',
  text: `WITH found AS (
      SELECT merchant_no, order_no, state FROM ${BY_HAND}.payments WHERE merchant_no = $1 AND order_no = $2 FOR UPDATE
    ), seen AS (
      INSERT INTO ${BY_HAND}.outcomes (merchant_no, order_no, source, outcome, from_state, to_state, seen_at)
      SELECT merchant_no, order_no, 'notification', $3, state, 'paid', $4 FROM found
    ), paid AS (
      UPDATE ${BY_HAND}.payments p SET state = 'paid', paid_at = $4, updated_at = $4, amount_unit = 'cents',
        payer_bank_code = $5, payer_account = $6, next_check_at = NULL
      FROM found WHERE p.merchant_no = found.merchant_no AND p.order_no = found.order_no AND found.state <> 'paid'
        AND p.amount = $7 RETURNING p.merchant_no, p.order_no
    ) INSERT INTO ${BY_HAND}.events (id, merchant_no, order_no, type, body, due_at)
      SELECT $8, merchant_no, order_no, 'atm.paid', $9, $4 FROM paid ON CONFLICT (id) DO NOTHING RETURNING id`,
};

const PAYER = ['013', '***********12345'];
const { merchantNo } = MERCHANT;

/** One transaction per notification. */
export async function settleInTransaction(pool: Pool, orderNo: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await settleOn(client, orderNo);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

/** One statement per notification. */
export async function settleInStatement(pool: Pool, orderNo: string): Promise<void> {
  const now = new Date();
  const id = `evt_${randomUUID()}`;
  const values = [merchantNo, orderNo, outcome(), now, ...PAYER, AMOUNT, id, event(id, orderNo, now)];
  const { rowCount } = await pool.query({ ...ALL, values });
  if (rowCount !== 1) throw new Error(`The order ${orderNo} could not be paid.`);
}

async function settleOn(client: PoolClient, orderNo: string): Promise<void> {
  const now = new Date();
  const { rows } = await client.query<{ state: string; amount: string }>({ ...FIND, values: [merchantNo, orderNo] });
  const [payment] = rows;
  if (payment?.state !== 'pending' || Number(payment.amount) !== AMOUNT) {
    throw new Error(`The order ${orderNo} could not be paid.`);
  }
  await client.query({ ...PAY, values: [merchantNo, orderNo, now, ...PAYER] });
  await client.query({ ...SEE, values: [merchantNo, orderNo, outcome(), payment.state, now] });
  const id = `evt_${randomUUID()}`;
  await client.query({ ...OWE, values: [id, merchantNo, orderNo, event(id, orderNo, now), now] });
}

function outcome(): string {
  const [bankCode, account] = PAYER;
  return JSON.stringify({
    status: 'paid',
    code: '0000',
    reportedAmount: String(AMOUNT * 100),
    payer: { bankCode, account },
  });
}

function event(id: string, orderNo: string, now: Date): string {
  const [bankCode, account] = PAYER;
  const payment = { merchantNo, orderNo, state: 'paid', amount: AMOUNT, payer: { bankCode, account }, paidAt: now };
  return JSON.stringify({
    id,
    type: 'atm.paid',
    merchantNo,
    orderNo,
    livemode: false,
    occurredAt: now,
    payment,
    late: false,
  });
}
