import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ledgerStoreConformance } from '../../conformance.js';
import type { DeliveryQuery, PaymentQuery } from '../../store.js';
import { watchedDriver } from '../drivers.fixture.js';
import { Connection } from './connection.js';
import { type Driver, loadDriver } from './driver.js';
import { openLedgerFile } from './ledger-file.js';
import { migrate } from './migrations.js';
import { SqliteStore } from './sqlite-store.js';

const NOW = new Date(1);
const MERCHANT = { merchantNo: '21008024' };
const SUBSCRIPTION = { handler: 'Shipping.ship', type: 'atm.paid' } as const;
const AFTER = { ...MERCHANT, orderNo: 'A1', createdAt: NOW };
/** A filter of each kind, alone and together with the others. */
const PAYMENTS: readonly PaymentQuery[] = [{}, MERCHANT].flatMap((merchant) =>
  [{}, { states: ['paid'] as const }, { states: ['paid', 'pending'] as const }].flatMap((states) =>
    [{}, { createdFrom: NOW }, { createdBefore: NOW }, { after: AFTER }].map((rest) => ({
      ...{ ...merchant, ...states, ...rest },
      limit: 50,
    })),
  ),
);
const SEARCHES = [{ amount: 7 }, { accountNo: '4671' }, { payerNo: '00007' }, { needsReview: true as const }];
const DELIVERIES: readonly DeliveryQuery[] = [{}, { handler: 'Shipping.ship' }, { type: 'atm.paid' as const }].flatMap(
  (who) =>
    [{}, ...(['pending', 'running', 'delivered', 'dead'] as const).map((state) => ({ state }))].flatMap((state) =>
      [{}, { before: 9 }, { from: NOW }, { from: NOW, to: NOW, before: 9 }].map((rest) => ({
        ...{ ...who, ...state, ...rest },
        limit: 50,
        now: NOW,
      })),
    ),
);
/** Read as far as a page goes, or as there are subscriptions; the second is at most a page of each state. */
const BOUNDED =
  /^SCAN (wanpay_deliveries|wanpay_subscriptions|s|\(?subquery-\d+\)?|json_each VIRTUAL TABLE .*|CONSTANT ROW)$/;
/** Sorts what happened in one millisecond. */
const OF_A_MOMENT = /^USE TEMP B-TREE FOR (RIGHT PART|LAST 2 TERMS) OF ORDER BY$/;

it('finds all that it looks for by an index', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wanpay-sqlite-'));
  const driver = await loadDriver();
  const queries = new Set<string>();
  try {
    const open = async (name: string): Promise<SqliteStore> => {
      const noted = watchedDriver(driver, { prepared: (sql) => queries.add(sql) });
      const store = new SqliteStore(join(folder, name), (file) => Promise.resolve(openLedgerFile(noted, file)));
      await store.start();
      return store;
    };
    let opened = 0;
    const cases = ledgerStoreConformance(async () => {
      const store = await open(`${(opened += 1)}.db`);
      return { store, close: () => store.stop() };
    });
    // What a case comes to is its own spec's business.
    for (const conformance of cases) await conformance.run().catch(() => undefined);
    const store = await open('last.db');
    await store.subscribe({ add: [SUBSCRIPTION], now: NOW });
    for (const query of PAYMENTS) await store.listOrders(query);
    for (const query of SEARCHES) {
      for (const rest of [{}, MERCHANT, { createdFrom: NOW }, { after: AFTER, states: ['paid'] as const }]) {
        await store.listOrders({ ...query, ...rest, limit: 50 });
      }
    }
    for (const query of DELIVERIES) await store.listDeliveries(query);
    for (const merchant of [{}, MERCHANT]) {
      await store.count({ from: NOW, to: NOW, ...merchant });
      await store.claimChecks({ now: NOW, leaseUntil: NOW, limit: 1, ...merchant });
    }
    await store.stop();

    const searching = [...queries].filter((sql) => sql.includes('wanpay_') && !sql.includes('CREATE'));
    expect(searching.length).toBeGreaterThan(45);
    const plans = plansOf(searching, driver);
    for (const { sql, steps } of plans) {
      const scans = steps.filter((step) => step.startsWith('SCAN') && !BOUNDED.test(step));
      expect({ sql, scans, sorts: sortsOf(sql, steps) }).toEqual({ sql, scans: [], sorts: [] });
    }
    const planOf = (part: string): string => plans.find(({ sql }) => sql.includes(part))?.steps.join('\n') ?? '';
    expect(planOf('is_next = 1 AND due_at <= ?')).toMatch(
      /wanpay_deliveries_due \(handler=\? AND type=\? AND due_at<\?\)$/,
    );
    expect(planOf('SET is_next = 1 - is_next')).toContain(
      'wanpay_deliveries_of_order (merchant_no=? AND order_no=? AND handler=?)',
    );
    expect(planOf(`AND claim = ?`)).toMatch(
      /wanpay_deliveries_of_order \(merchant_no=\? AND order_no=\? AND handler=\? AND seq=\?\)/,
    );
    expect(planOf('state = ? AND position < ? AND occurred_at')).toMatch(
      /COVERING INDEX wanpay_deliveries_listed \(handler=\? AND type=\? AND state=\? AND position<\?\)$/,
    );
    expect(planOf('WHERE  next_check_at <= ?')).toMatch(/INDEX wanpay_orders_checked \(next_check_at<\?\)$/);
    expect(planOf('WHERE merchant_no = ? AND next_check_at <= ?')).toContain(
      'wanpay_orders_checked_of_merchant (merchant_no=? AND next_check_at<?)',
    );
    for (const [part, index] of [
      ['o.amount = ?', 'of_amount (amount=?'],
      ['o.account_no = ?', 'of_account (account_no=?'],
      ['o.payer_no = ?', 'of_payer (payer_no=?'],
      ['o.needs_review = 1 AND', 'for_review (created_at>?'],
    ] as const) {
      expect(planOf(part)).toContain(`INDEX wanpay_orders_${index}`);
    }
    expect(planOf('AS o INDEXED BY wanpay_orders_listed')).toContain('wanpay_orders_listed (state=? AND created_at<?)');
    expect(planOf('GROUP BY state')).toContain('wanpay_orders_listed (state=? AND created_at>? AND created_at<?)');
    expect(planOf('is_kept IN')).toContain(
      'wanpay_events_occurred (type=? AND is_kept=? AND occurred_at>? AND occurred_at<?)',
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** The sorts of more than a page of each state, what was counted, or what is added. */
function sortsOf(sql: string, steps: readonly string[]): readonly string[] {
  const sorts = steps.filter((step) => step.includes('TEMP B-TREE') && !OF_A_MOMENT.test(step));
  if (sql.includes('GROUP BY') || sql.includes('RETURNING')) return sorts.slice(1);
  if (!sql.startsWith('SELECT * FROM (')) return sorts;
  const searches = steps.filter((step) => step.startsWith('SEARCH o USING INDEX'));
  return steps.filter((step) => OF_A_MOMENT.test(step)).length === searches.length ? [] : steps;
}

/** So many that SQLite, which is told of them, might prefer to read them all: one in ten is to be asked about. */
const ORDERS = `
  INSERT INTO wanpay_orders (merchant_no, order_no, version, event_count, state, created_at, updated_at, needs_review,
    next_check_at, check_failures, amount, account_no, payer_no, document)
  WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 10000)
  SELECT '21008024', 'N' || n, 1, 1, iif(n % 10 = 0, 'pending', 'paid'), n, n, n % 100 = 0, iif(n % 10 = 0, n, NULL), 0,
    n % 900, 'A' || n, n % 900, '{}'
  FROM number;
  INSERT INTO wanpay_events SELECT merchant_no, order_no, 0, order_no, 'atm.paid', created_at, 0, 0, '{}' FROM wanpay_orders;
  INSERT INTO wanpay_deliveries (merchant_no, order_no, handler, seq, type, occurred_at, is_next, due_at)
    SELECT merchant_no, order_no, 'Shipping.ship', seq, type, occurred_at, 1, occurred_at FROM wanpay_events;
  ANALYZE`;

/** In a database of its own: a statement that explains is not always finished when its driver has read it. */
function plansOf(queries: readonly string[], driver: Driver): readonly { sql: string; steps: readonly string[] }[] {
  const database = driver.open(':memory:');
  migrate(new Connection(database), ':memory:');
  database.exec(ORDERS);
  const plans = queries.map((sql) => {
    const places = (sql.match(/\?/g) ?? []).map(() => 1);
    return { sql, steps: Array.from(database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...places), detailOf) };
  });
  database.close();
  return plans;
}

function detailOf(step: unknown): string {
  return typeof step === 'object' && step !== null && 'detail' in step ? String(step.detail) : '';
}
