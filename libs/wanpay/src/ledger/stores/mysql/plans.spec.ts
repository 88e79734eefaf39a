import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { createMariaDbDatabase } from '../../../../../../test/servers/shared-mariadb.js';
import type { PaymentKey } from '../../payment.js';
import type { DeliveryChange } from '../../store.js';
import { MysqlStore } from './mysql-store.js';

const ROWS = 3000;
const START = Date.parse('2026-03-01T04:00:00.000Z');
const MERCHANT = '21008024';
const SHIPPING = { handler: 'Shipping', type: 'atm.paid' } as const;
const PERIOD = { from: later(100), to: later(300) };

/** Orders of every state with their trail, a second apart; a few of their deliveries wait, run or are dead. */
const FILL = [
  `INSERT INTO wanpay_orders (merchant_no, order_no, version, event_count, check_failures, needs_review, state,
      created_at, updated_at, next_check_at, amount, account_no, payer_no, document)
    SELECT '${MERCHANT}', CONCAT('N', seq), 1, 2, 0, seq % 100 = 0, ELT(seq % 5 + 1, 'pending', 'paid', 'expired', 'opening', 'unknown'),
      ${START} + seq * 1000, ${START} + seq * 1000, IF(seq % 5 = 0, ${START} + seq * 1000, NULL),
      seq % 900, LPAD(seq, 14, '0'), LPAD(seq % 900, 5, '0'), '{"amount":1,"transfers":[]}'
    FROM seq_1_to_${ROWS}`,
  `INSERT INTO wanpay_outcomes (merchant_no, order_no, digest, source, first_seen_at, last_seen_at, \`count\`, outcome)
    SELECT merchant_no, order_no, '1', 'query', created_at, created_at, 1, '{"status":"unpaid","code":"5801"}'
    FROM wanpay_orders`,
  `INSERT INTO wanpay_events (merchant_no, order_no, seq, id, type, occurred_at, livemode, details, kept)
    SELECT merchant_no, order_no, n.seq, 'evt', IF(n.seq = 0, 'atm.issued', 'atm.paid'), created_at, false, '{}', n.seq = 0
    FROM wanpay_orders, seq_0_to_1 n`,
  `INSERT INTO wanpay_deliveries (merchant_no, order_no, seq, subscription, due_at, state)
    SELECT merchant_no, order_no, seq, s.number, occurred_at, CASE WHEN order_no LIKE '%7' THEN 'pending'
      WHEN order_no LIKE '%98' THEN 'claimed' WHEN order_no LIKE '%99' THEN 'dead' ELSE 'delivered' END
    FROM wanpay_events e JOIN wanpay_subscriptions s USING (type)`,
  `INSERT INTO wanpay_records (kind, at, id, document)
    SELECT 'report', ${START} + seq * 1000, CONCAT('R', seq), '{}' FROM seq_1_to_2000`,
];

describe.each([
  ['analysed', 'ANALYZE TABLE wanpay_orders, wanpay_outcomes, wanpay_events, wanpay_deliveries PERSISTENT FOR ALL'],
  ['that nobody has analysed yet', 'SELECT 1'],
])('with many rows, %s, no whole table is read', (_kind, prepare) => {
  let pool: mysql.Pool;
  let store: MysqlStore;
  let asked: string[] = [];

  beforeAll(async () => {
    pool = mysql.createPool({ uri: await createMariaDbDatabase() });
    store = new MysqlStore({ pool: watched(pool), pollEveryMs: false });
    await store.start(() => undefined);
    await store.subscribe({ add: [SHIPPING, { handler: 'Letters', type: 'atm.paid' }], now: later(0) });
    for (const sql of [...FILL, prepare]) await pool.query(sql);
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
    ['load', () => store.load([key('N1'), { ...key('N2'), merchantNo: 'M2' }])],
    ['commit of one', () => store.commit([{ ...key('N1'), outcomes }])],
    ['commit of many', () => store.commit([key('N1'), key('N2')].map((each) => ({ ...each, outcomes })))],
    ['commit of a removal', () => store.commit([{ ...key('N3'), expectedVersion: 1, remove: true }])],
    ['listOrders', () => store.listOrders({ limit: 20 })],
    ['listOrders of a merchant', () => store.listOrders({ limit: 20, merchantNo: MERCHANT })],
    ['listOrders of a time', () => store.listOrders({ limit: 20, createdFrom: PERIOD.from, createdBefore: PERIOD.to })],
    ['listOrders, later', () => store.listOrders({ limit: 20, after: { ...key('N9'), createdAt: later(9) } })],
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
    ['listDeliveries, pending', () => store.listDeliveries({ ...page, state: 'pending' })],
    ['listDeliveries, dead, a later page', () => store.listDeliveries({ ...page, state: 'dead', before: 5000 })],
    ['listDeliveries of a time', () => store.listDeliveries({ ...page, ...PERIOD })],
    ['subscribe, to count', () => store.subscribe({ now: later(1) })],
    ['subscribe, to adopt', () => store.subscribe({ adoptSince: later(ROWS - 9), now: later(1) })],
    [
      'subscribe, to fill up',
      () => store.subscribe({ backfill: { subscription: SHIPPING, ...PERIOD }, now: later(1) }),
    ],
    ['claimChecks', () => store.claimChecks(claim)],
    ['claimChecks of a merchant', () => store.claimChecks({ ...claim, now: later(2 * ROWS), merchantNo: MERCHANT })],
    ['purge', () => store.purge(['paid', 'expired'], later(50), 20)],
  ])('by %s', async (_name, act) => {
    asked = [];
    await act();
    const statements = asked.filter((sql) => sql.includes('wanpay_') && !/^(SAVEPOINT|RELEASE)/.test(sql));
    expect(statements).not.toEqual([]);
    for (const sql of statements) {
      const [rows] = await pool.query<mysql.RowDataPacket[]>(`EXPLAIN ${sql}`);
      expect({ sql, scans: rows.filter(isScan) }).toEqual({ sql, scans: [] });
      // What is sorted is locked before the first of it is chosen.
      if (sql.includes('SKIP LOCKED')) expect(JSON.stringify(rows)).not.toContain('filesort');
    }
  });

  /** The same pool, which tells what is asked on its connections. */
  function watched(of: mysql.Pool): mysql.Pool {
    return new Proxy(of, {
      get: (target, name): unknown => {
        if (name !== 'getConnection') return Reflect.get(target, name);
        return async () => {
          const connection = await target.getConnection();
          const query = connection.query.bind(connection);
          return Object.assign(connection, {
            query: (options: mysql.QueryOptions) => {
              asked.push(options.sql);
              return query(options);
            },
          });
        };
      },
    });
  }
});

/** Reads a table or an index from end to end, but for the few subscriptions. An insertion reads none. */
function isScan({ table, type, rows }: mysql.RowDataPacket): boolean {
  const isSmall = /^(s|wanpay_subscriptions|wanpay_migrations|<.*>)$/.test(String(table));
  return (type === 'ALL' || type === 'index') && rows !== null && !isSmall;
}

function later(seconds: number): Date {
  return new Date(START + seconds * 1000);
}
