import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { OwedEvent } from 'nestjs-wanpay';
import pg from 'pg';
import { key, later, report } from './payments.js';
import { PostgresFixture } from './postgres-fixture.js';

const ROWS = 10_000;
const PERIOD = { from: later(100), to: later(300) };

/** Payments of every state with their trail, some of them owed for and some dead, a second apart. */
const FILL = `
  INSERT INTO wanpay.payments (merchant_no, order_no, state, amount, livemode, created_at, updated_at, next_check_at)
    SELECT '21008024', 'N' || i, (ARRAY['pending', 'paid', 'expired', 'opening'])[i % 4 + 1], 1280, false, at, at,
      CASE WHEN i % 4 = 0 THEN at END
    FROM generate_series(1, ${ROWS}) i, LATERAL (SELECT timestamptz '2026-03-01 04:00Z' + i * interval '1 second') t (at);
  INSERT INTO wanpay.outcomes (merchant_no, order_no, source, outcome, seen_at)
    SELECT merchant_no, order_no, 'query', '{"status": "unpaid", "code": "5801"}', created_at FROM wanpay.payments;
  INSERT INTO wanpay.events (id, merchant_no, order_no, type, body, delivery, due_at, lease_until)
    SELECT 'evt_' || order_no || n, merchant_no, order_no, CASE WHEN order_no LIKE '%5' THEN 'atm.unmatched' ELSE 'atm.issued' END,
      jsonb_build_object('id', 'evt_1', 'type', 'atm.issued', 'occurredAt', to_char(created_at AT TIME ZONE 'UTC',
        'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
      CASE WHEN order_no LIKE '%7' THEN 'owed' WHEN order_no LIKE '%99' THEN 'dead' ELSE 'delivered' END, created_at,
      CASE WHEN order_no LIKE '%77' AND n = 1 THEN created_at + interval '1 minute' END
    FROM wanpay.payments, generate_series(1, 2) n ORDER BY created_at, n;
  ANALYZE wanpay.payments; ANALYZE wanpay.outcomes; ANALYZE wanpay.events;`;

interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

function isStatement(asked: unknown): asked is Statement {
  return typeof asked === 'object' && asked !== null && 'text' in asked && 'values' in asked;
}

describe('the statements of a PostgresLedger, with many rows', () => {
  let fixture: PostgresFixture;

  beforeAll(async () => {
    fixture = await PostgresFixture.open();
    await fixture.pool.query(FILL);
  }, 60_000);

  afterAll(async () => {
    await fixture.close();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['claim', () => fixture.ledger.claim(later(ROWS), later(ROWS + 60), 64)],
    ['nextDue', () => fixture.ledger.nextDue()],
    ['deadLetters', () => fixture.ledger.deadLetters()],
    ['list', () => fixture.ledger.list({})],
    ['list, a later page', async () => fixture.ledger.list(await secondPage())],
    ['list of a time', () => fixture.ledger.list({ createdFrom: later(100), createdBefore: later(300) })],
    ['timeline', () => fixture.ledger.timeline(key('N1'))],
    ['find', () => fixture.ledger.find(key('N1'))],
    ['settle', () => fixture.ledger.settle(report('N4'))],
    ['settle, unmatched', () => fixture.ledger.settle(report('NONE'))],
    ['recordAttempt', async () => fixture.ledger.recordAttempt(await claimed(), { handled: ['A'], now: later(1) })],
    ['replay', () => fixture.ledger.replay('evt_N991', later(1))],
    ['settle, unconfirmed', () => fixture.ledger.settle({ ...report('N8'), mustConfirm: true })],
    ['purge', () => fixture.ledger.purge(later(ROWS), 20)],
    ['claimChecks', () => fixture.ledger.claimChecks(later(ROWS), later(ROWS + 60), 64)],
    ['claimChecks of a merchant', () => fixture.ledger.claimChecks(later(ROWS), later(ROWS + 60), 64, '21008024')],
    ['nextCheckDue', () => fixture.ledger.nextCheckDue()],
    ['nextCheckDue of a merchant', () => fixture.ledger.nextCheckDue('21008024')],
    ['nextCheckDue of another merchant', () => fixture.ledger.nextCheckDue('1265')],
    ['requestCheck', () => fixture.ledger.requestCheck(key('N4'), later(1))],
    ['summarize', () => fixture.ledger.summarize(PERIOD)],
    ['summarize a merchant', () => fixture.ledger.summarize({ ...PERIOD, merchantNo: '21008024' })],
  ])('read no whole table: %s', async (_name, act) => {
    const statements = await statementsOf(act);
    expect(statements).not.toEqual([]);
    for (const { text, values } of statements) expect(await scansOf(text, values)).toEqual([]);
  });

  it('look for checks by their index alone', async () => {
    const claim = await plansOf(() => fixture.ledger.claimChecks(later(99), later(ROWS + 60), 1000));
    expect(claim).toContainEqual(expect.stringContaining('Index Scan using payments_checked on payments'));
    const next = await plansOf(() => fixture.ledger.nextCheckDue());
    expect(next).toContainEqual(expect.stringContaining('Index Only Scan using payments_checked on payments'));
    const ofOther = await plansOf(() => fixture.ledger.nextCheckDue('1265'));
    expect(ofOther).toContainEqual(expect.stringContaining('using payments_checked_by_merchant on payments'));
    const period = await plansOf(() => fixture.ledger.summarize(PERIOD));
    expect(period).toContainEqual(expect.stringContaining('payments_listed'));
    expect(period).toContainEqual(expect.stringContaining('outcomes_of_order'));
    expect(period).toContainEqual(expect.stringContaining('events_unmatched'));
  });

  async function plansOf(act: () => Promise<unknown>): Promise<readonly string[]> {
    const statements = await statementsOf(act);
    return (await Promise.all(statements.map(({ text, values }) => planOf(text, values)))).flat();
  }

  async function claimed(): Promise<OwedEvent> {
    const [owed] = await fixture.ledger.claim(later(ROWS), later(ROWS + 60), 1);
    if (!owed) throw new Error('Nothing is owed.');
    return owed;
  }

  async function secondPage(): Promise<{ after?: string }> {
    const { next } = await fixture.ledger.list({});
    return next === undefined ? {} : { after: next };
  }

  /** What the ledger asked of the server that touches its tables. */
  async function statementsOf(act: () => Promise<unknown>): Promise<Statement[]> {
    const query = jest.spyOn(pg.Client.prototype, 'query');
    await act();
    const calls: unknown[][] = query.mock.calls;
    query.mockRestore();
    return calls.flatMap(([asked]) => (isStatement(asked) && asked.text.includes('wanpay') ? [asked] : []));
  }

  /** The tables that a statement reads from end to end. Asking for the plan does not run it. */
  async function scansOf(text: string, values: readonly unknown[]): Promise<string[]> {
    return (await planOf(text, values)).filter((line) => line.includes('Seq Scan'));
  }

  async function planOf(text: string, values: readonly unknown[]): Promise<readonly string[]> {
    const { rows } = await fixture.pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, [...values]);
    return rows.map((row) => row['QUERY PLAN']);
  }
});
