import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { createDatabase } from '../../../../../../test/servers/shared-postgres.js';
import type { PaymentKey } from '../../payment.js';
import type { DeliveryChange } from '../../store.js';
import { PostgresStore } from './postgres-store.js';

const ROWS = 10_000;
const START = Date.parse('2026-03-01T04:00:00.000Z');
const MERCHANT = '21008024';
const SHIPPING = { handler: 'Shipping', type: 'atm.paid' } as const;
const PERIOD = { from: later(100), to: later(300) };

/** Orders of every state with their trail, a second apart; a few of their deliveries wait, run or are dead. */
const FILL = `
  INSERT INTO wanpay.wanpay_orders (merchant_no, order_no, version, event_count, check_failures, needs_review, state,
      created_at, updated_at, next_check_at, amount, account_no, payer_no, document)
    SELECT '${MERCHANT}', 'N' || i, 1, 2, 0, i % 100 = 0, (ARRAY['pending', 'paid', 'expired', 'opening', 'unknown'])[i % 5 + 1],
      ${START} + i * 1000, ${START} + i * 1000, CASE WHEN i % 5 = 0 THEN ${START} + i * 1000 END,
      i % 900, lpad(i::text, 14, '0'), lpad((i % 900)::text, 5, '0'), '{"amount":1,"transfers":[]}'
    FROM generate_series(1, ${ROWS}) i;
  INSERT INTO wanpay.wanpay_outcomes (merchant_no, order_no, digest, source, first_seen_at, last_seen_at, count, outcome)
    SELECT merchant_no, order_no, 1, 'query', created_at, created_at, 1, '{"status":"unpaid","code":"5801"}'
    FROM wanpay.wanpay_orders;
  INSERT INTO wanpay.wanpay_events (merchant_no, order_no, seq, id, type, occurred_at, livemode, details, kept)
    SELECT merchant_no, order_no, n, 'evt', CASE n WHEN 0 THEN 'atm.issued' ELSE 'atm.paid' END, created_at, false, '{}', n = 0
    FROM wanpay.wanpay_orders, generate_series(0, 1) n ORDER BY created_at;
  INSERT INTO wanpay.wanpay_deliveries (merchant_no, order_no, seq, subscription, due_at, state)
    SELECT merchant_no, order_no, seq, s.number, occurred_at, CASE WHEN order_no LIKE '%7' THEN 'pending'
      WHEN order_no LIKE '%98' THEN 'claimed' WHEN order_no LIKE '%99' THEN 'dead' ELSE 'delivered' END
    FROM wanpay.wanpay_events e JOIN wanpay.wanpay_subscriptions s USING (type) ORDER BY occurred_at;
  INSERT INTO wanpay.wanpay_records (kind, at, id, document)
    SELECT 'report', ${START} + i * 1000, 'R' || i, '{}' FROM generate_series(1, 2000) i;`;

interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

describe.each([
  ['analysed', 'VACUUM ANALYZE'],
  ['that nobody has analysed yet', 'SELECT 1'],
])('with many rows, %s, no whole table is read', (_kind, prepare) => {
  let pool: pg.Pool;
  let store: PostgresStore;

  beforeAll(async () => {
    pool = new pg.Pool({ connectionString: await createDatabase() });
    await pool
      .query(
        `ALTER DATABASE "${String((await pool.query<{ d: string }>('SELECT current_database() AS d')).rows[0]?.d)}" SET autovacuum = off`,
      )
      .catch(() => undefined);
    store = new PostgresStore({ pool });
    await store.start(() => undefined);
    await store.subscribe({ add: [SHIPPING, { handler: 'Letters', type: 'atm.paid' }], now: later(0) });
    await pool.query(FILL);
    await pool.query(prepare);
  });

  afterAll(async () => {
    await store.stop();
    await pool.end();
  });

  const key = (orderNo: string): PaymentKey => ({ merchantNo: MERCHANT, orderNo });
  const page = { limit: 20, now: later(ROWS) };
  const claim = { now: later(ROWS), leaseUntil: later(ROWS + 60), limit: 64 };
  const outcome = { digest: '00000000000000aa', source: 'query', outcome: { status: 'unpaid', code: '5801' } } as const;
  const outcomes = [{ ...outcome, firstSeenAt: later(1), lastSeenAt: later(1), count: 1 }];
  const done = (orderNo: string): DeliveryChange => {
    return { ...key(orderNo), seq: 1, handler: 'Shipping', state: 'delivered', dueAt: later(1) };
  };

  it.each<[string, () => Promise<unknown>]>([
    ['load', () => store.load([key('N1'), key('N2')])],
    ['commit of one', () => store.commit([{ ...key('N1'), outcomes }])],
    ['commit of many', () => store.commit([key('N1'), key('N2')].map((each) => ({ ...each, outcomes })))],
    ['commit of a removal', () => store.commit([{ ...key('N3'), expectedVersion: 1, remove: true }])],
    ['listOrders', () => store.listOrders({ limit: 20 })],
    ['listOrders of a merchant', () => store.listOrders({ limit: 20, merchantNo: MERCHANT })],
    ['listOrders in a state', () => store.listOrders({ limit: 20, states: ['expired'] })],
    ['listOrders of a time', () => store.listOrders({ limit: 20, createdFrom: PERIOD.from, createdBefore: PERIOD.to })],
    ['listOrders, a later page', () => store.listOrders({ limit: 20, after: { ...key('N9'), createdAt: later(9) } })],
    ['listOrders of an account', () => store.listOrders({ limit: 20, accountNo: '4671' })],
    ['listOrders of a payer', () => store.listOrders({ limit: 20, payerNo: '00007', merchantNo: MERCHANT })],
    ['listOrders of an amount', () => store.listOrders({ limit: 20, amount: 7, states: ['paid'] })],
    ['listOrders for review', () => store.listOrders({ limit: 20, needsReview: true })],
    ['listOrders, unknown', () => store.listOrders({ hasPayment: false, limit: 20 })],
    ['records.keep', () => store.records.keep({ kind: 'report', id: 'a', at: later(1), document: '{}' }, later(0))],
    ['records.list', () => store.records.list({ kind: 'report', limit: 20, before: later(9) })],
    ['history', () => store.history(key('N1'))],
    ['count', () => store.count(PERIOD)],
    ['count of a merchant', () => store.count({ ...PERIOD, merchantNo: MERCHANT })],
    ['claimDeliveries', () => store.claimDeliveries({ subscriptions: [SHIPPING], ...claim })],
    ['changeDeliveries of one', () => store.changeDeliveries([done('N1')])],
    ['changeDeliveries of many', () => store.changeDeliveries([done('N1'), done('N2')])],
    ['listDeliveries', () => store.listDeliveries(page)],
    ['listDeliveries of a handler', () => store.listDeliveries({ ...page, handler: 'Letters' })],
    ['listDeliveries of a type', () => store.listDeliveries({ ...page, type: 'atm.paid' })],
    ['listDeliveries, pending', () => store.listDeliveries({ ...page, state: 'pending' })],
    ['listDeliveries, running', () => store.listDeliveries({ ...page, state: 'running' })],
    ['listDeliveries, dead, a later page', () => store.listDeliveries({ ...page, state: 'dead', before: 5000 })],
    ['listDeliveries of a time', () => store.listDeliveries({ ...page, ...PERIOD })],
    ['subscribe, to count', () => store.subscribe({ now: later(1) })],
    ['subscribe, to adopt', () => store.subscribe({ adoptSince: later(ROWS - 9), now: later(1) })],
    [
      'subscribe, to fill up',
      () => store.subscribe({ backfill: { subscription: SHIPPING, ...PERIOD }, now: later(1) }),
    ],
    ['claimChecks', () => store.claimChecks(claim)],
    ['claimChecks of a merchant', () => store.claimChecks({ ...claim, merchantNo: MERCHANT })],
    ['purge', () => store.purge(['paid', 'expired'], later(50), 20)],
  ])('by %s', async (_name, act) => {
    const statements = await statementsOf(act);
    expect(statements.filter(isAboutTables)).not.toEqual([]);
    expect(await scansOf(statements)).toEqual([]);
  });

  /** What the store asked of the server. */
  async function statementsOf(act: () => Promise<unknown>): Promise<Statement[]> {
    const query = jest.spyOn(pg.Client.prototype, 'query');
    await act();
    const calls: unknown[][] = query.mock.calls;
    query.mockRestore();
    return calls.flatMap(([asked]) => (isStatement(asked) ? [asked] : []));
  }

  /** The plans that read a table from end to end, but for the few subscriptions. Asking for a plan does not run it. */
  async function scansOf(statements: readonly Statement[]): Promise<readonly string[][]> {
    const plans: string[][] = [];
    const client = await pool.connect();
    await client.query('BEGIN');
    for (const { text, values } of statements) {
      if (text.startsWith('SET LOCAL')) await client.query(text);
      if (!isAboutTables({ text })) continue;
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
      plans.push(rows.map((row) => row['QUERY PLAN']));
    }
    await client.query('ROLLBACK');
    client.release();
    return plans.filter((plan) => plan.some((line) => /Seq Scan on wanpay_(?!subscriptions)/.test(line)));
  }
});

function isAboutTables({ text }: Pick<Statement, 'text'>): boolean {
  return text.includes('wanpay_');
}

function later(seconds: number): Date {
  return new Date(START + seconds * 1000);
}

function isStatement(asked: unknown): asked is Statement {
  return typeof asked === 'object' && asked !== null && 'text' in asked && 'values' in asked;
}
