import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Ledger, MemoryLedger, type Outcome, type OwedEvent, type Payment } from 'nestjs-wanpay';
import { ledgerConformance } from 'nestjs-wanpay/ledger-conformance';
import { postgres } from 'nestjs-wanpay/postgres';
import type pg from 'pg';
import { createDatabase } from '../servers/shared-postgres.js';
import { ACCOUNT, FAILED, intent, key, later, MISMATCHED, PAID, report, START } from './payments.js';
import { openPool, PostgresFixture } from './postgres-fixture.js';

const HOSTS: readonly { name: string; config: pg.PoolConfig }[] = [
  { name: 'PostgreSQL’s own settings', config: {} },
  {
    name: 'a host with type parsers, a time zone and an isolation level of its own',
    config: {
      options: '-c TimeZone=Asia/Taipei -c DateStyle=SQL,DMY -c default_transaction_isolation=serializable',
      types: { getTypeParser: (oid: number) => (text: string) => (oid === 25 ? text : `parsed ${text}`) },
    },
  },
];

describe.each(HOSTS)('a PostgresLedger with $name', ({ config }) => {
  let pool: pg.Pool;
  let schemas = 0;

  beforeAll(async () => {
    pool = openPool({ connectionString: await createDatabase(), ...config });
  });

  afterAll(() => pool.end());

  const cases = ledgerConformance(async () => {
    schemas += 1;
    const schema = `conformance_${schemas}`;
    const start = async (): Promise<Ledger> => {
      const ledger = postgres({ pool, schema });
      await ledger.start();
      return ledger;
    };
    const ledger = await start();
    return { ledger, another: start, close: () => ledger.stop() };
  });
  for (const conformance of cases) it(conformance.name, () => conformance.run());
});

describe('a PostgresLedger’s group commit', () => {
  let fixture: PostgresFixture;

  beforeEach(async () => {
    fixture = await PostgresFixture.open();
  });

  afterEach(() => fixture.close());

  it('writes what arrives at once with few statements: one for what was foreseen, and two for what must be read', async () => {
    const { ledger, pool } = fixture;
    const orders = await fixture.openPending(64);
    const query = jest.spyOn(pool, 'query');
    const settlements = (): number => query.mock.calls.filter((call) => !isNotice(call)).length;
    await Promise.all(orders.map((orderNo) => ledger.settle(report(orderNo))));
    expect(settlements()).toBe(1);
    query.mockClear();
    await ledger.settle(report('A1', FAILED));
    expect(settlements()).toBe(2);
    query.mockClear();
    // Foreseen otherwise than it was.
    await ledger.settle(report('A1'));
    expect(settlements()).toBe(3);
  });

  it('applies several outcomes of one order in the order in which they came', async () => {
    const { ledger, pool } = fixture;
    await fixture.openPending(2);
    const settled = await Promise.all([
      ledger.settle(report('A0', FAILED)),
      ledger.settle(report('A1', MISMATCHED)),
      ledger.settle(report('A1', FAILED)),
      ledger.settle(report('A1', PAID)),
      ledger.settle(report('A1', FAILED)),
    ]);
    expect(settled.map(({ payment }) => payment?.state)).toEqual(['failed', 'pending', 'failed', 'paid', 'paid']);
    const { rows } = await pool.query(`SELECT type FROM wanpay.events WHERE order_no = 'A1' ORDER BY seq`);
    expect(rows).toEqual(['atm.issued', 'atm.mismatched', 'atm.failed', 'atm.paid'].map((type) => ({ type })));
  });

  it('owes what was foreseen just as it owes what was read', async () => {
    const memory = new MemoryLedger();
    const payment: Payment = {
      ...intent('FULL'),
      validDays: 3,
      description: '茶壺 "大" \\ 1',
      returnUrl: 'https://shop.example/return?a=1&b=2',
      notificationUrl: 'https://shop.example/wanpay/notifications',
    };
    const payer = { bankCode: '013', account: '***********12345' };
    const paid: Outcome = { ...PAID, reportedAmount: '128000', payer, transactedAt: later(2) };
    const told = async (ledger: Ledger): Promise<unknown> => {
      await ledger.open(payment);
      await ledger.issue(payment, ACCOUNT, START);
      await ledger.settle(report('FULL', MISMATCHED));
      const settled = await ledger.settle(report('FULL', paid));
      const bare = await ledger.open(intent('BARE')).then(() => ledger.settle(report('BARE')));
      const owed: OwedEvent[] = [];
      for (let due = await claimAll(ledger); due.length > 0; due = await claimAll(ledger)) owed.push(...due);
      const events = owed.map(({ event }) => event).sort((a, b) => (a.id < b.id ? -1 : 1));
      return { settled, bare, events, timeline: await ledger.timeline(key('FULL')) };
    };
    expect(await told(fixture.ledger)).toEqual(await told(memory));
  });

  it('sees to it that each check of a batch is no later than any that came with it', async () => {
    const { ledger, pool } = fixture;
    await fixture.openPending(1);
    await Promise.all(['B1', 'B2', 'B3', 'B4'].map((orderNo) => ledger.open(intent(orderNo), later(900))));
    const doubt = (orderNo: string): Promise<unknown> => ledger.settle({ ...report(orderNo), mustConfirm: true });
    const issue = (orderNo: string): Promise<unknown> => ledger.issue(key(orderNo), ACCOUNT, START, later(500));
    const query = jest.spyOn(pool, 'query');
    await Promise.all([
      ledger.settle(report('A0')),
      ...[doubt('B1'), issue('B1'), issue('B2'), doubt('B2'), doubt('B3'), issue('B4'), doubt('B4')],
      ledger.settle(report('B4')),
    ]);
    // One for A0, and two for all the others.
    expect(query.mock.calls.filter((call) => !isNotice(call))).toHaveLength(3);
    const { rows } = await pool.query(
      `SELECT order_no AS "orderNo", next_check_at AS at FROM wanpay.payments WHERE order_no LIKE 'B%' ORDER BY 1`,
    );
    expect(rows).toEqual([
      { orderNo: 'B1', at: later(1) },
      { orderNo: 'B2', at: later(1) },
      { orderNo: 'B3', at: later(1) },
      { orderNo: 'B4', at: null },
    ]);
  });

  it('lets each of several items that cannot be written fail alone, known and unknown', async () => {
    const { ledger } = fixture;
    await fixture.openPending(4);
    const unwritable = { ...PAID, code: 'bad\0code' };
    const settled = await Promise.allSettled([
      ledger.settle(report('A0')),
      ledger.settle(report('A1', unwritable)),
      ledger.settle(report('x\0')),
      ledger.settle(report('A2')),
      ledger.settle(report('NONE', unwritable)),
      ledger.settle(report('NONE')),
    ]);
    expect(settled.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect((await ledger.find(key('A1')))?.state).toBe('pending');
  });

  it('records a failure whatever characters its message holds', async () => {
    const { ledger } = fixture;
    await fixture.openPending(1);
    const failure = { handlers: ['A'], message: 'a\0b "\\ 訂單' };
    await ledger.recordAttempt(await fixture.claimOne(), { handled: [], failure, now: START });
    expect(await ledger.deadLetters()).toMatchObject([{ failure: { handlers: ['A'], message: 'a\uFFFDb "\\ 訂單' } }]);
  });
});

/** Claims all that is due, and is done with it. */
async function claimAll(ledger: Ledger): Promise<readonly OwedEvent[]> {
  const claimed = await ledger.claim(later(10), later(60), 10);
  for (const owed of claimed) await ledger.recordAttempt(owed, { handled: [], now: later(10) });
  return claimed;
}

/** Other processes are told in their own time. */
function isNotice(call: readonly unknown[]): boolean {
  return textOf(call).startsWith('SELECT pg_notify');
}

function textOf([asked]: readonly unknown[]): string {
  return typeof asked === 'object' && asked !== null && 'text' in asked ? String(asked.text) : '';
}
