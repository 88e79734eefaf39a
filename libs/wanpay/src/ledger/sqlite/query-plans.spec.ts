import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ledgerConformance } from '../conformance.js';
import type { PaymentFilter } from '../ledger.js';
import { Connection } from './connection.js';
import { type Driver, loadDriver } from './driver.js';
import { migrate } from './migrations.js';
import { SqliteLedger } from './sqlite-ledger.js';

/** A filter of each kind, alone and together with the others. */
const FILTERS: readonly PaymentFilter[] = [undefined, '21008024'].flatMap((merchantNo) =>
  [undefined, ['paid'] as const, ['paid', 'pending'] as const].flatMap((states) =>
    [{}, { createdFrom: new Date(1) }, { createdBefore: new Date(1) }, { after: cursor() }].map((rest) => ({
      ...(merchantNo === undefined ? {} : { merchantNo }),
      ...(states ? { states } : {}),
      ...rest,
    })),
  ),
);
/** Read from one end of an index that holds nothing else, or as far as a page goes. */
const ALONG_AN_INDEX =
  /^SCAN wanpay_(payments|events) USING INDEX wanpay_(payments_listed|events_claimable|events_dead)$/;
/** At most a page of each state, in their order but for SQLite to know it. */
const OF_A_PAGE = /^SCAN \(?subquery-\d+\)?$/;

it('finds all that it looks for by an index', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wanpay-sqlite-'));
  const driver = await loadDriver();
  const queries = new Set<string>();
  try {
    const open = async (name: string): Promise<SqliteLedger> => {
      const ledger = new SqliteLedger(join(folder, name), () => Promise.resolve(noting(driver, queries)));
      await ledger.start();
      return ledger;
    };
    let opened = 0;
    const cases = ledgerConformance(async () => {
      const ledger = await open(`${(opened += 1)}.db`);
      return { ledger, close: () => ledger.stop() };
    });
    for (const conformance of cases) await conformance.run();
    const ledger = await open('last.db');
    for (const filter of FILTERS) await ledger.list(filter);

    const searching = [...queries].filter((sql) => sql.includes('wanpay_') && !sql.includes('CREATE'));
    expect(searching.length).toBeGreaterThan(30);
    await ledger.stop();
    const plans = plansOf(searching, driver);
    for (const { sql, steps } of plans) {
      const scans = steps.filter(
        (step) => step.startsWith('SCAN') && !ALONG_AN_INDEX.test(step) && !OF_A_PAGE.test(step),
      );
      const sorts = sql.includes('UNION ALL') ? [] : steps.filter((step) => step.includes('TEMP B-TREE'));
      expect({ sql, scans, sorts }).toEqual({ sql, scans: [], sorts: [] });
    }
    const planOf = (part: string): unknown => plans.find(({ sql }) => sql.includes(part))?.steps;
    expect(planOf('SET attempts = attempts + 1')).toContainEqual(expect.stringContaining('wanpay_events_claimable'));
    expect(planOf('SET handled = ? WHERE')).toEqual([
      expect.stringMatching(/USING INDEX wanpay_events_of_order \(merchant_no=\? AND order_no=\? AND id=\?\)$/),
    ]);
    expect(planOf(`SET delivery = 'owed'`)).toContainEqual(
      expect.stringMatching(/USING (COVERING )?INDEX wanpay_events_dead_by_id \(id=\?\)$/),
    );
    expect(planOf('WHERE next_check_at <= ?')).toEqual([
      expect.stringMatching(/^SEARCH wanpay_payments USING INDEX wanpay_payments_checked \(next_check_at<\?\)$/),
    ]);
    expect(planOf('WHERE merchant_no = ? AND next_check_at <= ?')).toEqual([
      expect.stringContaining('wanpay_payments_checked_by_merchant (merchant_no=? AND next_check_at<?)'),
    ]);
    expect(planOf('WHERE next_check_at IS NOT NULL')).toEqual([
      expect.stringMatching(
        /^SEARCH wanpay_payments USING COVERING INDEX wanpay_payments_checked \(next_check_at>\?\)$/,
      ),
    ]);
    expect(planOf('DELETE FROM wanpay_payments WHERE rowid')).toContainEqual(
      expect.stringMatching(/^SEARCH ended USING INDEX wanpay_payments_ended \(updated_at<\?\)$/),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** So many that SQLite, which is told of them, might prefer to read them all: one in ten is to be asked after. */
const PAYMENTS = `
  INSERT INTO wanpay_payments (merchant_no, order_no, amount, state, created_at, updated_at, document, next_check_at)
  WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 10000)
  SELECT '21008024', 'N' || n, 1280, iif(n % 10 = 0, 'pending', 'paid'), n, n, '{}', iif(n % 10 = 0, n, NULL) FROM number;
  ANALYZE`;

/** In a database of its own: a statement that explains is not always finished when its driver has read it. */
function plansOf(queries: readonly string[], driver: Driver): readonly { sql: string; steps: readonly string[] }[] {
  const database = driver.open(':memory:');
  migrate(new Connection(database), ':memory:');
  database.exec(PAYMENTS);
  const plans = queries.map((sql) => {
    const places = (sql.match(/\?/g) ?? []).map(() => 1);
    return { sql, steps: Array.from(database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...places), detailOf) };
  });
  database.close();
  return plans;
}

function noting(driver: Driver, queries: Set<string>): Driver {
  return {
    name: driver.name,
    open: (file) => {
      const database = driver.open(file);
      return {
        prepare: (sql) => {
          queries.add(sql);
          return database.prepare(sql);
        },
        exec: (sql) => database.exec(sql),
        close: () => database.close(),
      };
    },
  };
}

function detailOf(step: unknown): string {
  return typeof step === 'object' && step !== null && 'detail' in step ? String(step.detail) : '';
}

function cursor(): string {
  return Buffer.from('1\n21008024\nA1').toString('base64url');
}
