import type pg from 'pg';
import { AMOUNT, MERCHANT } from '../orders.js';

/** The schema of the ledger's tables. */
const LEDGER = 'wanpay';
/** What grows with the payments. */
const TABLES = ['orders', 'outcomes', 'events', 'deliveries'] as const;
const DAY_MS = 86_400_000;
/** Over how many days the payments were created. */
export const DAYS = 10;
const PAYER = `"payer":{"bankCode":"013","account":"***********12345"}`;
const ACCOUNT = `{"number":"46710722851832","bankCode":"013","bankName":"國泰世華商業銀行","branchCode":"2022",\
"branchName":"大昌分行","holder":"旺沛大數位股份有限公司","expiresAt":"%s"}`;
/** Where %s is, a moment comes. */
const PAID = `${PAYER},"paidAt":"%s","paidAtEstimated":true,"amountUnit":"cents"`;
const MOMENT = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"';

/** The number of the payment that was opened at a place, from 0. */
export function orderNoAt(place: number): string {
  return `G${String(place).padStart(10, '0')}`;
}

/** What the payments are made from: three of four are paid, the others expired, and the newest hundredth is not paid yet. */
const PAYMENTS = `SELECT i, $1::text AS merchant_no, 'G' || lpad(i::text, 10, '0') AS order_no, at, at + 60000 AS settled_at,
    CASE WHEN i >= $2 * 0.99 THEN 'pending' WHEN i % 4 = 3 THEN 'expired' ELSE 'paid' END AS state,
    to_char(to_timestamp((at + 60000) / 1000.0) AT TIME ZONE 'UTC', '${MOMENT}') AS paid_at,
    to_char(to_timestamp((at + ${3 * DAY_MS}) / 1000.0) AT TIME ZONE 'UTC', '${MOMENT}') AS expires_at
  FROM (SELECT i, (extract(epoch FROM now()) * 1000 - ($2::bigint - i) * (${DAYS * DAY_MS}.0 / $2::bigint))::bigint AS at
    FROM generate_series(0, $2::bigint - 1) i) moments`;

/** In the order of their creation, with the very documents that the ledger writes. */
const FILL: Readonly<Record<(typeof TABLES)[number], string>> = {
  orders: `INSERT INTO ${LEDGER}.wanpay_orders (created_at, updated_at, next_check_at, version, event_count, check_failures,
      needs_review, merchant_no, order_no, state, settled_by, document)
    SELECT at, settled_at, CASE state WHEN 'pending' THEN at + ${2 * DAYS * DAY_MS} END, i, 1 + (state <> 'pending')::integer, 0, false,
      merchant_no, order_no, state, CASE state WHEN 'paid' THEN 'notification' WHEN 'expired' THEN 'query' END,
      format('{"amount":${AMOUNT},"livemode":false,"account":${ACCOUNT}%s}', expires_at,
        CASE state WHEN 'paid' THEN format(',${PAID}', paid_at) END)::json
    FROM payments ORDER BY i`,
  outcomes: `INSERT INTO ${LEDGER}.wanpay_outcomes (first_seen_at, last_seen_at, digest, count, merchant_no, order_no, source,
      from_state, to_state, outcome)
    SELECT settled_at, settled_at, hashtextextended(state, 0), 1, merchant_no, order_no,
      CASE state WHEN 'paid' THEN 'notification' ELSE 'query' END, 'pending', state,
      (CASE state WHEN 'paid' THEN '{"status":"paid","code":"0000","reportedAmount":"${AMOUNT * 100}",${PAYER}}'
        ELSE '{"status":"unpaid","code":"5801"}' END)::json
    FROM payments WHERE state <> 'pending' ORDER BY i`,
  events: `INSERT INTO ${LEDGER}.wanpay_events (occurred_at, seq, livemode, kept, merchant_no, order_no, type, id, details)
    SELECT at + seq * 60000, seq, false, seq = 0 OR state <> 'paid', merchant_no, order_no, CASE seq WHEN 0 THEN 'atm.issued' ELSE 'atm.' || state END,
      'evt_' || left(md5(order_no || seq), 24), format('{"state":"%s"%s}', CASE seq WHEN 0 THEN 'pending' ELSE state END,
        CASE WHEN seq = 1 AND state = 'paid' THEN format(',${PAID}', paid_at) END)::json
    FROM payments, generate_series(0, 1) seq WHERE seq = 0 OR state <> 'pending' ORDER BY i, seq`,
  deliveries: `INSERT INTO ${LEDGER}.wanpay_deliveries (due_at, finished_at, subscription, seq, attempts, claim, merchant_no, order_no, state)
    SELECT settled_at, settled_at, number, 1, 1, 1, merchant_no, order_no, 'delivered'
    FROM payments JOIN ${LEDGER}.wanpay_subscriptions s ON s.type = 'atm.' || state ORDER BY i`,
};

/**
 * Writes payments with all that belongs to them into an empty ledger, some hundred thousand a minute. Indexes are made
 * afterwards, all at once, and what is written is not logged, which a server with `wal_level = minimal` allows for tables that
 * are emptied in the same transaction.
 */
export async function load(client: pg.Client, payments: number): Promise<void> {
  const indexes = await indexesOf(client);
  for (const table of TABLES) {
    await client.query('BEGIN');
    await client.query(`SET LOCAL maintenance_work_mem = '1GB'`);
    await client.query(`TRUNCATE ${LEDGER}.wanpay_${table}`);
    const own = indexes.filter((index) => index.table === `wanpay_${table}`);
    for (const { drop } of own) await client.query(drop);
    await client.query(`WITH payments AS (${PAYMENTS}) ${FILL[table]}`, [MERCHANT.merchantNo, payments]);
    for (const { create } of own) await client.query(create);
    await client.query('COMMIT');
    await client.query(`VACUUM ANALYZE ${LEDGER}.wanpay_${table}`);
  }
  await client.query('CHECKPOINT');
}

interface Index {
  readonly table: string;
  readonly drop: string;
  readonly create: string;
}

/** The tables' indexes as statements; those of primary keys belong to constraints. */
async function indexesOf(client: pg.Client): Promise<readonly Index[]> {
  const { rows } = await client.query<Index>(
    `SELECT t.relname AS table,
      CASE WHEN c.oid IS NULL THEN format('DROP INDEX ${LEDGER}.%I', i.relname)
        ELSE format('ALTER TABLE ${LEDGER}.%I DROP CONSTRAINT %I', t.relname, c.conname) END AS drop,
      CASE WHEN c.oid IS NULL THEN pg_get_indexdef(i.oid)
        ELSE format('ALTER TABLE ${LEDGER}.%I ADD CONSTRAINT %I %s', t.relname, c.conname, pg_get_constraintdef(c.oid)) END AS create
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
      LEFT JOIN pg_constraint c ON c.conindid = i.oid
    WHERE t.relnamespace = '${LEDGER}'::regnamespace AND t.relkind = 'r'`,
  );
  return rows;
}
